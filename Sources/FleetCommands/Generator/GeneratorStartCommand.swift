import ArgumentParser
import GeneratorWire

/// `fleetctl generator start`.
struct GeneratorStartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start the generator and wait until it charges.",
        discussion: """
            The server carries out the start; this only asks for it, once, and then looks. When \
            the link breaks, the start goes on and the look is taken up again. Ctrl-C leaves the \
            start to itself: it goes on, and `fleetctl generator stop` ends it.

            EXIT STATUS: 0 it charges, or the start has begun with --no-wait; 1 refused or \
            failed, or how it ended is unknown; 64 usage; 75 refused for now: held, a start under \
            way, the starter rests, too many clients; 77 host key or authentication; 130 Ctrl-C.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    @Flag(name: .long, help: "Return once the start has begun.")
    var noWait = false

    func run() async throws {
        let waits = !noWait
        try await withGenerator(common.base, selection, connection) { link, console in
            try await withSequence(.charging, link, console, common.output) { verb, before in
                console.say(
                    "\(link.server.host.name): starting the generator: crank, warm up, close the "
                        + "charger; about \(spoken(SequenceJudge.usualStart)). Ctrl-C leaves it "
                        + "to itself")
                if before.isLegacy {
                    return await verb.runLegacy("START", from: before, waits: waits)
                }
                return await verb.run("START NOWAIT", from: before, waits: waits)
            }
        }
    }
}
