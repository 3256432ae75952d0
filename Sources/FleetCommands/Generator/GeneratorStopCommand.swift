import ArgumentParser
import GeneratorWire

/// `fleetctl generator stop`.
struct GeneratorStopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop the generator, after its cooldown, and wait until it is off.",
        discussion: """
            Opens the charger, lets the engine cool down, switches all off. A start under way is \
            cancelled. The server carries it out; when the link breaks, or at Ctrl-C, the stop \
            goes on there. With --now all relays are switched off this instant: the engine gets no \
            cooldown, which harms it after load.

            EXIT STATUS: 0 it is off, or the stop has begun with --no-wait; 1 failed, or how it \
            ended is unknown; 64 usage; 75 refused for now: an older server cannot cancel a \
            start; 77 host key or authentication; 130 Ctrl-C.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    @Flag(name: .long, help: "All relays off this instant, without cooldown.")
    var now = false

    @Flag(name: .long, help: "Return once the stop has begun.")
    var noWait = false

    @Flag(name: .shortAndLong, help: "Do not ask before --now.")
    var yes = false

    func run() async throws {
        try await withGenerator(common.base, selection, connection) { link, console in
            let host = link.server.host.name.text
            if now {
                console.complain(
                    "\(host): --now cuts the load and the engine at once, without cooldown")
                try console.confirm("Stop the generator now?", yes: yes, verb: "stop it now")
            }
            let (once, waits) = (now, !noWait)
            try await withSequence(.off, link, console, common.output) { verb, before in
                if before.isLegacy {
                    return await verb.stopLegacy(before, at: once, waits: waits)
                }
                return await verb.run(
                    once ? "STOP NOW" : "STOP NOWAIT", from: before, waits: waits)
            }
        }
    }
}
