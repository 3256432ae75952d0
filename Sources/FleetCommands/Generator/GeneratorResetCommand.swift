import ArgumentParser
import GeneratorWire

/// `fleetctl generator reset`.
struct GeneratorResetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "Allow starts again after a failure that needs somebody to look.",
        discussion: """
            Shows what failed and asks before it is cleared. Starts nothing.

            EXIT STATUS: 0 starts are allowed; 1 failed, not confirmed, or an older server, which \
            latches nothing; 64 usage; 77 host key or authentication.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    func run() async throws {
        try await withGenerator(common.base, selection, connection) { link, console in
            let host = link.server.host.name
            let status = try await link.status()
            if let latched = status.latched.known.flatMap({ $0 }) {
                console.complain("\(host): no start was allowed, since: \(latched.printable)")
                console.complain("  now: \(status.stateWords), engine \(status.engineWords)")
                try console.confirm(
                    "Has the cause been found, and may it be started again?", yes: yes,
                    verb: "allow starts")
            }
            try await change("RESET", "the reset", link, console, common.output)
        }
    }
}
