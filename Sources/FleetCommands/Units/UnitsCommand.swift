import ArgumentParser

/// `fleetctl units`: what systemd is told about the services.
struct UnitsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "units",
        abstract: "Render, check, compare and install systemd units.",
        subcommands: [
            UnitsRenderCommand.self, UnitsLintCommand.self, UnitsDiffCommand.self,
            UnitsInstallCommand.self,
        ])
}
