import ArgumentParser

/// `fleetctl units`: what systemd is told about the services.
struct UnitsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "units",
        abstract: "Render and check systemd units.",
        subcommands: [UnitsLintCommand.self, UnitsRenderCommand.self])
}
