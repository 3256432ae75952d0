import Foundation
import GeneratorWire
import Inventory
import RemoteOps

/// The server that a verb is for: the one chosen service with the generator's gate.
struct GeneratorServer: Sendable {
    /// Where it runs.
    var host: Host
    /// What it is called in the inventory.
    var service: Service
    /// Where it listens.
    var port: Int
    /// The hosts whose sessions lead to it, its own first.
    var way: [HostName]

    /// What there is to choose from does not hold exactly one.
    struct NotOne: Error, Equatable, CustomStringConvertible {
        var count: Int

        var description: String {
            count == 0
                ? "no chosen service is a generator's server: one with `gate: generator-idle` "
                    + "and a port"
                : "there are \(count) generators' servers; choose with --service"
        }
    }

    /// The server among what was chosen.
    init(_ chosen: Selection) throws(NotOne) {
        let servers = chosen.services.filter { $0.gate == .generatorIdle }
        guard servers.count == 1, let service = servers.first,
            let host = service.hosts.first.flatMap(chosen.fleet.host),
            let port = service.ports.first?.number
        else { throw NotOne(count: servers.count) }
        self.init(host: host, service: service, port: port, fleet: chosen.fleet)
    }

    /// A server that is known.
    init(host: Host, service: Service, port: Int, fleet: Fleet) {
        self.host = host
        self.service = service
        self.port = port
        way = [host.name]
        var next = host.via
        while let via = next, way.count <= fleet.hosts.count {
            way.append(via)
            next = fleet.host(via)?.via
        }
    }
}

/// Asks a generator's server again and again over one connection, which is made anew where it
/// broke, with the sessions below it where those broke too.
actor GeneratorLink {
    /// Late answers in a row after which the session itself is taken for broken.
    private static let lateMax = 2

    nonisolated let server: GeneratorServer
    nonisolated let connections: Connections
    private var client: GeneratorClient?
    private var lateAnswers = 0

    init(_ server: GeneratorServer, _ connections: Connections) {
        self.server = server
        self.connections = connections
    }

    /// A connection of its own, with the server's greeting heard.
    func open() async throws(GeneratorClient.Failure) -> GeneratorClient {
        do {
            let remote = try await connections.host(server.host.name)
            return try await GeneratorClient(through: remote, port: server.port)
        } catch let error as RemoteError {
            throw .remote(error)
        } catch let error as GeneratorClient.Failure {
            throw error
        } catch {
            throw .closed
        }
    }

    /// Asks one thing. Never sends it twice: who wants that calls again, and knows what that does.
    func ask(_ command: String) async throws(GeneratorClient.Failure) -> [String] {
        var open: GeneratorClient
        if let kept = client { open = kept } else { open = try await self.open() }
        // Not kept while in use: an answer that comes late must not be read as another's.
        client = nil
        do {
            let lines = try await open.ask(command)
            client = open
            lateAnswers = 0
            return lines
        } catch {
            await open.close()
            throw error
        }
    }

    /// What the server says of itself.
    func status() async throws(GeneratorClient.Failure) -> GeneratorStatus {
        GeneratorStatus.parse(try await ask("STATUS"))
    }

    /// After a failure: lets go of what broke, so that the next question makes it anew.
    func mend(_ failure: GeneratorClient.Failure) async {
        client = nil
        switch failure {
        case .closed, .notGenServer, .overlong: return
        case .remote:
            lateAnswers += 1
            if failure.isLate, lateAnswers < Self.lateMax { return }
        }
        lateAnswers = 0
        for host in server.way { await connections.drop(host) }
    }

    /// Ends the connection to the server; the sessions below it stay.
    func hangUp() async {
        if let client { await client.close() }
        client = nil
    }

    /// Ends everything.
    func close() async {
        if let client { await client.close() }
        client = nil
        await connections.close()
    }
}

/// Finds the server, runs a verb on it, ends the sessions whatever happens.
func withGenerator(
    _ base: BaseOptions, _ selection: SelectionOptions, _ connection: ConnectionOptions,
    _ body: (GeneratorLink, Console) async throws -> Void
) async throws {
    let console = Console(base)
    let chosen = try loadSelection(base, selection)
    let server: GeneratorServer
    do {
        server = try GeneratorServer(chosen)
    } catch {
        console.error("\(error)")
        throw FleetExit.usage.error
    }
    let link = GeneratorLink(server, Connections(chosen.fleet, base, connection))
    do {
        try await body(link, console)
    } catch let failure as GeneratorClient.Failure {
        await link.close()
        console.error(
            "\(server.host.name): could not ask the generator's server: \(failure.text)")
        throw failure.exit.error
    } catch {
        await link.close()
        throw error
    }
    await link.close()
}

extension Console {
    /// Asks a question whose answer must be yes; `yes` says so beforehand.
    func confirm(_ question: String, yes: Bool, verb: String) throws {
        if yes { return }
        guard isatty(FileHandle.standardInput.fileDescriptor) == 1 else {
            error("there is no terminal to ask on; say --yes to \(verb)")
            throw FleetExit.usage.error
        }
        ask(question + " [y/N] ")
        guard ["y", "yes"].contains(readLine()?.lowercased() ?? "") else {
            say("nothing was changed")
            throw FleetExit.failed.error
        }
    }
}
