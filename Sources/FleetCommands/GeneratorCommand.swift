import ArgumentParser
import Foundation
import GeneratorWire
import Inventory
import RemoteOps

/// `fleetctl generator …`: asks the relay daemon through the session to its host.
struct GeneratorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generator",
        abstract: "Ask the generator's server.",
        subcommands: [GeneratorStatusCommand.self])
}

/// `fleetctl generator status`.
struct GeneratorStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what the generator's server says of relays, inputs and itself.",
        discussion: """
            Connects to the server's port from its own host, through the jump host where there is \
            one; nothing is opened to the network. Asks only; changes nothing.

            EXIT STATUS: 0 it answered; 1 it did not; 64 usage; 77 host key or authentication.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console(common)
        let (host, port) = try server(console)
        let fleet = try loadFleet(common)
        let connections = Connections(fleet, common, connection)
        let answer = await ask(host, port, connections)
        await connections.close()
        switch answer {
        case .success(let status): try report(status, console)
        case .failure(let failure):
            console.error("\(host): could not ask the generator's server: \(failure.text)")
            if case .remote(let error) = failure, error.kind == .notPermitted {
                throw FleetExit.notPermitted.error
            }
            throw FleetExit.failed.error
        }
    }

    /// The host and port of the one chosen service that has the generator's gate.
    private func server(_ console: Console) throws -> (HostName, Int) {
        let chosen = try loadSelection(common, selection)
        let servers = chosen.services.filter { $0.gate == .generatorIdle }
        guard servers.count == 1, let service = servers.first, let host = service.hosts.first,
            let port = service.ports.first?.number
        else {
            console.error(
                servers.isEmpty
                    ? "no chosen service is a generator's server: one with `gate: generator-idle` "
                        + "and a port"
                    : "there are \(servers.count) generators' servers; choose with --service")
            throw FleetExit.usage.error
        }
        return (host, port)
    }

    private func ask(
        _ host: HostName, _ port: Int, _ connections: Connections
    ) async -> Result<GeneratorStatus, GeneratorClient.Failure> {
        do throws(GeneratorClient.Failure) {
            let remote: any RemoteHost
            do {
                remote = try await connections.host(host)
            } catch {
                throw .remote(error)
            }
            return .success(try await GeneratorClient.status(through: remote, port: port))
        } catch {
            return .failure(error)
        }
    }

    private func report(_ status: GeneratorStatus, _ console: Console) throws {
        switch common.output {
        case .table:
            let width = status.entries.map(\.key.count).max() ?? 0
            for entry in status.entries {
                let key = entry.key.padding(toLength: width, withPad: " ", startingAt: 0)
                console.result("\(key)  \(entry.value.printable)")
            }
        case .json:
            try console.json(
                Dictionary(
                    status.entries.map { ($0.key.lowercased(), $0.value) },
                    uniquingKeysWith: { first, _ in first }))
        }
    }
}
