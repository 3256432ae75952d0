import ArgumentParser
import Foundation
import Inventory
import RemoteOps
import Reports

/// `fleetctl host unlock`: takes a deploy's lock away.
struct HostUnlock: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock",
        abstract: "Removes the deploy lock of a host, after showing who holds it.",
        discussion: """
            A lock whose process is gone, or that is from before the host's last boot, needs no \
            removal: the next deploy takes it over. One whose process runs, or of which nothing \
            can be told, is removed only with --force. Whoever held it goes on: two deploys at \
            once may then change the host. The removal and its reason are written to the host's \
            own log.

            EXIT STATUS: 0 removed, or there was none; 1 failed; 3 failed on some hosts; 64 \
            usage; 75 the lock is in use; 77 host key or authentication.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var connection: ConnectionOptions

    @Option(name: .long, parsing: .singleValue, help: "The host; may be repeated.")
    var host: [String] = []

    @Option(name: .long, help: "Why, for the host's log.")
    var reason: String

    @Flag(name: .long, help: "Remove it also where it is in use.")
    var force = false

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    func validate() throws {
        guard !host.isEmpty else { throw ValidationError("name the host with --host") }
        guard !reason.allSatisfy(\.isWhitespace) else {
            throw ValidationError("--reason must say why")
        }
    }

    func run() async throws {
        var selection = SelectionOptions()
        selection.host = host
        selection.service = []
        selection.tag = []
        let chosen = try loadSelection(common, selection)
        let console = Console(common)
        let connections = Connections(chosen.fleet, common, connection)
        let author = await DeployAuthor.current(folder: common.base.inventoryFolder)
        let (rows, exits) = try await connections.closing {
            try await unlock(chosen.hosts, connections, author, console)
        }
        switch common.output {
        case .table: for row in rows { console.result("\(row.host): \(row.outcome)") }
        case .json: try console.json(rows)
        }
        guard let first = exits.first else { return }
        throw (exits.count < rows.count ? FleetExit.someHostsFailed : first).error
    }

    /// What came of one host.
    struct Row: Encodable {
        var host: String
        var outcome: String
        var owner: String?
        var since: String?
    }

    private static func connect(
        _ name: HostName, _ connections: Connections
    ) async throws(DeployError) -> any RemoteHost {
        do {
            return try await connections.host(name)
        } catch {
            throw .remote(error)
        }
    }

    /// One host after the other: each asks.
    private func unlock(
        _ hosts: [Host], _ connections: Connections, _ author: DeployAuthor, _ console: Console
    ) async throws -> ([Row], [FleetExit]) {
        var rows: [Row] = []
        var exits: [FleetExit] = []
        for host in hosts {
            do {
                let remote = try await Self.connect(host.name, connections)
                rows.append(try await unlock(host, remote, author, console))
            } catch let error as DeployError {
                console.error(error.text)
                rows.append(Row(host: host.name.text, outcome: error.outcome.rawValue))
                exits.append(error.exit)
            }
        }
        return (rows, exits)
    }

    private func unlock(
        _ host: Host, _ remote: any RemoteHost, _ author: DeployAuthor, _ console: Console
    ) async throws -> Row {
        let name = host.name.text
        let facts = try await ask(remote, ["show"])
        guard let identity = facts.identity else {
            if facts.hasTransaction {
                console.say(
                    "\(name): a deploy waits there for its confirmation, or was interrupted; the "
                        + "host ends it by itself")
            }
            return Row(host: name, outcome: "not locked")
        }
        let row = Row(
            host: name, outcome: "unlocked", owner: facts.owner?.printable,
            since: facts.since.map {
                Date(timeIntervalSince1970: TimeInterval($0)).formatted(.iso8601)
            })
        console.say(facts.text(host: name))
        if !facts.isStale, !force {
            throw DeployError.locked(host: name, holder: facts.holder)
        }
        try console.confirm("Remove the lock of \(name)?", yes: yes, verb: "host unlock")
        let after = try await ask(
            remote, ["remove", identity, author.unlockRecord(host: name, reason, facts)])
        switch after.removal {
        case .removed("yes"): return row
        case .removed(let note):
            console.say("\(name): \(note.printable)")
            return row
        case .changed(let why):
            return Row(host: name, outcome: "not unlocked: \(why.printable)")
        case nil: return Row(host: name, outcome: "not unlocked: the host did not say why")
        }
    }

    private func ask(
        _ remote: any RemoteHost, _ words: [String]
    ) async throws(DeployError) -> LockFacts {
        let result: CommandResult
        do {
            result = try await remote.run(
                .script(words, as: .root), input: .bytes(RemoteScripts.unlock),
                options: RunOptions())
        } catch {
            throw .remote(error)
        }
        guard result.succeeded, let facts = LockFacts(result.output) else {
            throw .script(host: remote.name, what: "look at the lock", result)
        }
        return facts
    }
}

extension LockFacts {
    fileprivate var isStale: Bool {
        if case .stale = verdict { true } else { false }
    }

    /// Who holds it, as far as the lock says.
    fileprivate var holder: String { "owner=\((owner ?? "unknown").printable)" }

    /// Who, since when, what for, and whether they are still at work.
    fileprivate func text(host: String) -> String {
        var text = "\(host): locked by \((owner ?? "somebody").printable)"
        if let since {
            text += " since \(Date(timeIntervalSince1970: TimeInterval(since)).formatted(.iso8601))"
            if let clock, clock >= since { text += ", \(clock - since) s ago" }
        }
        if let reason { text += " (\(reason.printable))" }
        switch verdict {
        case .stale(let why): text += "; stale: \(why.printable)"
        case .alive(let why): text += "; in use: \(why.printable)"
        case .unknown(let why): text += "; perhaps in use: \(why.printable)"
        }
        return text
    }
}

extension DeployAuthor {
    /// Members of the JSON object that the host's log gets of a lock that was removed.
    fileprivate func unlockRecord(host: String, _ reason: String, _ facts: LockFacts) -> String {
        struct Record: Encodable {
            var host: String
            var owner: String
            var commit: String?
            var client: String
            var reason: String
            var lockOwner: String?
        }
        return Self.members(
            of: Record(
                host: host, owner: owner, commit: commit, client: Version.text, reason: reason,
                lockOwner: facts.owner))
    }
}
