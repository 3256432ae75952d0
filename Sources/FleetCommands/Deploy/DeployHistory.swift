extension DeployCommand {
    /// Keeps what was done in the local history.
    func record(
        _ finished: [FleetDeploy.Finished], _ deploy: FleetDeploy, _ console: Console
    ) async {
    }
}
