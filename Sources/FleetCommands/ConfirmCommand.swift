import ArgumentParser
import Inventory
import RemoteOps

/// `fleetctl confirm`: lets a deploy stay that waits for its confirmation.
struct ConfirmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm",
        abstract: "Confirms deploys that wait for it.",
        discussion: """
            `deploy` does this by itself, over a new connection. By hand it is needed where the \
            client was lost after the last step: without it the host goes back when the time is \
            over that it was told to wait.

            EXIT STATUS: 0 confirmed, or nothing waits; 1 a host could not be asked; 3 some hosts \
            failed; 4 the host took the deploy back; 75 its steps are still under way; 77 host \
            key or authentication.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    /// What one host answered.
    struct Row: Encodable, Sendable {
        var host: String
        var answer: String
    }

    func run() async throws {
        let chosen = try loadSelection(common, selection)
        let console = Console(common)
        let connections = Connections(chosen.fleet, common, connection)
        let outcomes = await connections.forEachHost(chosen.hosts, limit: connection.parallel) {
            (host) async throws(DeployError) -> Row in
            try await Self.confirm(host, connections)
        }
        await connections.close()
        let rows = outcomes.compactMap { try? $0.result.get() }  // Failures are said below.
        switch common.output {
        case .json: try console.json(rows)
        case .table: for row in rows { console.result("\(row.host): \(row.answer)") }
        }
        let failures = outcomes.compactMap(\.failure)
        for failure in failures { console.error(failure.text) }
        guard let first = failures.first else { return }
        let isOne =
            failures.count == outcomes.count && failures.allSatisfy { $0.exit == first.exit }
        throw (isOne ? first.exit : .someHostsFailed).error
    }

    private static func confirm(
        _ host: Host, _ connections: Connections
    ) async throws(DeployError) -> Row {
        let name = host.name.text
        let result: CommandResult
        let remote: any RemoteHost
        do throws(RemoteError) {
            remote = try await connections.host(host.name)
        } catch {
            throw .remote(error)
        }
        let facts = try await HostProbe.facts(of: remote, words: [], as: .root)
        guard let standing = facts.transaction, standing.phase != .over else {
            return Row(host: name, answer: "nothing waits for a confirmation")
        }
        do throws(RemoteError) {
            result = try await remote.run(
                .script([standing.id], as: .root), input: .bytes(RemoteScripts.confirm),
                options: RunOptions(deadline: DeployConfirmation.answerDeadline))
        } catch {
            throw .remote(error)
        }
        switch DeployConfirmation.answer(result) {
        case .settled(.confirmed):
            return Row(host: name, answer: "confirmed the deploy by \(standing.owner.printable)")
        case .settled(.ended(let outcome)): throw .takenBack(host: name, reason: outcome)
        case .settled(.unknown), .settled(.unreached), .wait:
            throw .standing(host: name, standing.text)
        }
    }
}
