import ArgumentParser

/// The option of every verb after which hosts wait for a confirmation.
struct ConfirmOptions: ParsableArguments {
    @Option(
        name: .long,
        help: "Seconds in which the deploy must be confirmed over a new connection, 1 to 3600.")
    var confirmTimeout = Int(FleetDeploy.defaultConfirmTimeout.components.seconds)

    func validate() throws {
        guard (1...3600).contains(confirmTimeout) else {
            throw ValidationError("--confirm-timeout takes a number from 1 to 3600")
        }
    }

    var timeout: Duration { .seconds(confirmTimeout) }
}
