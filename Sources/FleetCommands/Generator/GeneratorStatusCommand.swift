import ArgumentParser
import GeneratorWire

/// `fleetctl generator status`.
struct GeneratorStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what the generator's server says of relays, inputs and itself.",
        discussion: """
            Asks only; changes nothing. What the server does not know is shown as unknown, never \
            as stopped. compact and kv are the formats of the older status tool.

            EXIT STATUS: 0 all is well, running or not; 1 no answer; 5 it answered, and something \
            needs attention: starts are latched, the relay board does not answer, or engine, \
            relays or state are unknown; 64 usage; 77 host key or authentication.
            """)

    @OptionGroup var base: BaseOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    @Option(name: .shortAndLong, help: "Print for people, or as the older tool did, or as JSON.")
    var output: GeneratorStatusFormat = .human

    func run() async throws {
        try await withGenerator(base, selection, connection) { link, console in
            let status = try await link.status()
            let server = link.server
            let text = GeneratorStatusText(
                address: server.host.address, port: server.port, status: status)
            switch output {
            case .human:
                text.human(host: server.host.name.text, service: server.service.name.text)
                    .forEach(console.result)
            case .compact: console.result(text.compact)
            case .kv: console.result(text.kv)
            case .json: try console.json(text.json)
            }
            if output != .human {
                for finding in status.findings { console.error("\(server.host.name): \(finding)") }
            }
            if let exit = Self.exit(status) { throw exit.error }
        }
    }

    /// The exit code for a server that answered this; nil for success.
    static func exit(_ status: GeneratorStatus) -> FleetExit? {
        status.findings.isEmpty ? nil : .findings
    }
}
