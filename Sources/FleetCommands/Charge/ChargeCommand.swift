import ArgumentParser

/// `fleetctl charge …`: tells the monitor to run the generator, or to stop it, by its files.
struct ChargeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "charge",
        abstract: "Have the monitor run the generator by hand, or stop it.",
        discussion: """
            Writes and removes the files that the monitor looks for, pigenny_force_charge and \
            pigenny_force_stop, where the service sees them. It is the monitor that acts; \
            `fleetctl generator` asks the relays' server itself. The monitor is the one chosen \
            service whose product is pigenny-monitor, or the one named with --service.
            """,
        subcommands: [
            ChargeOnCommand.self, ChargeOffCommand.self, ChargeForceStopCommand.self,
            ChargeStatusCommand.self,
        ])
}

/// What the verbs that write have in common.
struct ChargeOptions: ParsableArguments {
    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @Option(
        name: .long,
        help: "How long the monitor may take to notice, such as 90s; two of its polls by default.")
    var wait: String?

    func validate() throws {
        guard let wait else { return }
        guard let time = chargeWait(wait), time <= .seconds(3600) else {
            throw ValidationError("--wait takes a time up to 1h, such as 90s or 2m")
        }
    }
}

private let chargeExits = """
    EXIT STATUS: 0 done, or so already; 1 failed, not confirmed, the monitor is not active, or it \
    has not taken notice in time; 64 usage; 77 host key, authentication or sudo; 130 Ctrl-C.
    """

/// `fleetctl charge on`.
struct ChargeOnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "on",
        abstract: "Run the generator until `charge off`, whatever the battery says.",
        discussion: chargeExits)

    @OptionGroup var options: ChargeOptions

    func run() async throws { try await ChargeVerb(.on, options).run() }
}

/// `fleetctl charge off`.
struct ChargeOffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "off",
        abstract: "End a run by hand; the monitor decides again.",
        discussion: chargeExits)

    @OptionGroup var options: ChargeOptions

    func run() async throws { try await ChargeVerb(.off, options).run() }
}

/// `fleetctl charge force-stop`.
struct ChargeForceStopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "force-stop",
        abstract: "Have the monitor stop the generator now, whyever it runs.",
        discussion: chargeExits)

    @OptionGroup var options: ChargeOptions

    func run() async throws { try await ChargeVerb(.forceStop, options).run() }
}

/// `fleetctl charge status`.
struct ChargeStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what the monitor does and which of the files are there.",
        discussion: """
            Changes nothing.

            EXIT STATUS: 0; 1 failed; 5 the monitor is not active; 64 usage; 77 host key, \
            authentication or sudo.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await withMonitor(common.base, selection, connection) { link, console in
            let facts = try await link.ask(.status)
            switch common.output {
            case .json: try console.json(ChargeReport(link.monitor, facts))
            case .table: for line in facts.lines(link.monitor) { console.result(line) }
            }
            if !facts.isActive { throw FleetExit.findings.error }
        }
    }
}
