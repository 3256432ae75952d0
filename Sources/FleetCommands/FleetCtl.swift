import ArgumentParser

/// The root of the command tree. Each verb is a file of its own beside this one.
public struct FleetCtl: AsyncParsableCommand {
    /// Its verbs.
    public static let configuration = CommandConfiguration(
        commandName: "fleetctl",
        abstract: "Deploys and watches the services of a small edge fleet.",
        version: Version.text,
        subcommands: [
            AuditCommand.self, BuildCommand.self, ChargeCommand.self, CompletionCommand.self,
            ConfirmCommand.self, DeployCommand.self, DoctorCommand.self, ExporterCommand.self,
            GeneratorCommand.self, HealthCommand.self, HistoryCommand.self, HostCommand.self,
            InitCommand.self, InventoryCommand.self, LogsCommand.self, PlanCommand.self,
            ReleasesCommand.self, ReportCommand.self, RollbackCommand.self, RunbookCommand.self,
            UnitsCommand.self,
        ])

    /// For ArgumentParser.
    public init() {}

    /// Runs the verb of a command line whose first word is the program.
    public static func main(spelledOut arguments: [String]) async {
        await main(GateOptions.spelledOut(Array(arguments.dropFirst())))
    }
}
