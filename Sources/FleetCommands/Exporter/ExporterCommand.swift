import ArgumentParser
import Health
import HistoryStore
import Inventory
import MetricsServer

/// `fleetctl exporter`: the fleet's health as metrics, over HTTP.
struct ExporterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exporter",
        abstract: "Serve the fleet's health to Prometheus.",
        discussion: """
            Asks the chosen hosts again and again, one round at a time, and answers /metrics from \
            the last round that has ended, /healthz with 200 while that is fresh, else 503. Goes on \
            until it is told to end. Plain HTTP, without a password: keep it on a loopback address.

            EXIT STATUS: 1 it cannot listen; 64 usage; 130 Ctrl-C.
            """)

    /// Shortest time between two rounds.
    private static let intervalMin = Duration.seconds(5)

    @OptionGroup var base: BaseOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    @Option(name: .long, help: "Where to listen.")
    var listen = "127.0.0.1:9099"

    @Option(name: .long, help: "Time from one round to the next: 60s, 5m; 5s at least.")
    var interval = "60s"

    func validate() throws {
        guard NetworkAddress(listen) != nil else {
            throw ValidationError("--listen takes HOST:PORT, such as 127.0.0.1:9099")
        }
        guard let duration = DurationText.parse(interval), duration >= Self.intervalMin else {
            throw ValidationError("--interval takes a time of 5s or more, such as 60s or 5m")
        }
    }

    func run() async throws {
        let console = Console(base)
        let chosen = try loadSelection(base, selection)
        guard let address = NetworkAddress(listen), let pause = DurationText.parse(interval) else {
            throw FleetExit.usage.error
        }
        let connections = Connections(chosen.fleet, base, connection)
        let round = HealthRound(
            chosen: chosen, connections: connections, parallel: connection.parallel,
            history: HealthCommand.history(chosen.fleet.name, console), console: console)
        let loop = ExporterLoop(
            interval: pause, round: { await round.run() }, record: { round.record($0) })
        let server: MetricsServer
        do throws(MetricsServerError) {
            server = try await MetricsServer(host: address.host, port: address.port) {
                loop.reply(to: $0)
            }
        } catch {
            console.error("\(error)")
            throw FleetExit.failed.error
        }
        let bound = NetworkAddress(host: address.host, port: server.port)
        console.say("serving http://\(bound)/metrics, a round every \(interval)")
        _ = await Interruption.watching { await loop.run() }
        await server.stop()
        await connections.close()
        throw FleetExit.interrupted.error
    }
}
