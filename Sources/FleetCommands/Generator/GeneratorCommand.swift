import ArgumentParser

/// `fleetctl generator …`: asks the relay daemon through the session to its host.
struct GeneratorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generator",
        abstract: "Ask the generator's server, and have it start and stop the generator.",
        discussion: """
            Connects to the server's port from its own host, through the jump host where there is \
            one; nothing is opened to the network. The server is the one chosen service with \
            `gate: generator-idle`.
            """,
        subcommands: [
            GeneratorStatusCommand.self, GeneratorStartCommand.self, GeneratorStopCommand.self,
            GeneratorWatchCommand.self, GeneratorHoldCommand.self, GeneratorReleaseCommand.self,
            GeneratorResetCommand.self, GeneratorLogCommand.self, GeneratorUpdateCommand.self,
        ])
}
