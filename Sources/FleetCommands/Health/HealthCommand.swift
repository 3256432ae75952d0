import ArgumentParser
import Foundation
import Health
import HistoryStore
import Inventory
import RemoteOps
import Reports

/// `fleetctl health`: is everything well, what gets worse, what is to be done?
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Tell how hosts and services are, what gets worse, and what to do.",
        discussion: """
            Asks each host in one exec and changes nothing there. What was read goes into the \
            history on this machine, from which trends are judged. Documentation/health.md lists \
            every check, its limits and the JSON.
            --nagios prints one line for a monitoring system and ends with its codes: 0 well, 1 \
            warning, 2 critical, 3 unknown.
            --prometheus and --mqtt pass the round on; Documentation/history-and-metrics.md says how.
            --watch goes on until Ctrl-C, by itself every 10 s.

            EXIT STATUS: 0 all is well; 5 something is not, or is unknown; 3 some hosts could not \
            be asked; 1 none could; 64 usage; 77 not permitted.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var sinks: HealthSinks

    @Flag(name: .long, help: "Print one line for Nagios, and end with its codes.")
    var nagios = false

    // The parser's usual strategy forgets what stands behind `=` where another option follows.
    @Option(
        name: .long, defaultAsFlag: 10, parsing: .next,
        help: "Look again and again, every so many seconds (1 to 3600), redrawn in place.")
    var watch: Int? = nil

    func validate() throws {
        if let watch {
            guard (1...3600).contains(watch) else {
                throw ValidationError("--watch takes seconds from 1 to 3600")
            }
            guard !nagios, common.output == .table else {
                throw ValidationError("--watch goes without --nagios and -o json")
            }
            guard sinks.prometheusFile == nil, sinks.mqtt == nil else {
                throw ValidationError("--watch goes without --prometheus and --mqtt")
            }
        }
        if nagios, common.output == .json {
            throw ValidationError("--nagios goes without -o json")
        }
    }

    func run() async throws {
        let console = Console(common)
        let chosen = try loadSelection(common, selection)
        let connections = Connections(chosen.fleet, common, connection)
        let round = HealthRound(
            chosen: chosen, connections: connections, parallel: connection.parallel,
            history: Self.history(chosen.fleet.name, console), console: console,
            endsSessions: watch == nil)
        let health: FleetHealth
        if let watch {
            health = try await HealthWatch(round: round, pause: .seconds(watch)).run()
        } else {
            health = await round.run()
            round.record(health)
        }
        await connections.close()
        if watch != nil { return }
        let isPassedOn = await sinks.pass(on: health, console)
        try show(health, console)
        if !isPassedOn { throw FleetExit.failed.error }
    }

    /// Where rounds are kept.
    static func history(_ fleet: String, _ console: Console) -> any MetricHistory {
        do throws(HistoryError) {
            return FleetHistory(try .opened(console), fleet: fleet)
        } catch {
            console.error("nothing is kept, and nothing is known of before: \(error)")
            return MemoryHistory()
        }
    }

    private func show(_ health: FleetHealth, _ console: Console) throws {
        if nagios {
            console.result(HealthNagios.line(health))
            let code = HealthNagios.code(health.level)
            if code != 0 { throw ExitCode(code) }
            return
        }
        switch common.output {
        case .json: try console.json(HealthDocument(health))
        case .table:
            let styling = HealthWatch.isTerminal ? TextTable.Styling.ansi : .plain
            for line in HealthTable.lines(health, now: health.takenAt, styling: styling) {
                console.result(line)
            }
        }
        let exit = Self.exit(health)
        if exit != .success { throw exit.error }
    }

    /// Hosts that could not be asked count first: of those nothing is known.
    static func exit(_ health: FleetHealth) -> FleetExit {
        let failures = health.hosts.compactMap { host -> RemoteError.Kind? in
            switch host.answer {
            case .answered: nil
            case .unreachable: .failed
            case .notPermitted: .notPermitted
            }
        }
        let code = FleetExit.forHosts(health.hosts.count, failures: failures)
        if code != .success { return code }
        return health.level == .ok ? .success : .findings
    }
}
