import ArgumentParser
import DeployPlan

/// What the verbs share that carry out plans of releases: whether to, and what hosts then do.
struct ChangeOptions: ParsableArguments {
    @Flag(name: .long, help: "Show the plan and change nothing.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @OptionGroup var failures: FailureOptions
    @OptionGroup var gate: GateOptions
    @OptionGroup var confirmation: ConfirmOptions

    /// Sets what these options say; before any host is looked at.
    func apply(to deploy: inout FleetDeploy) {
        deploy.confirmTimeout = confirmation.timeout
        deploy.settles = !dryRun
        deploy.gates = gate.policy
    }

    /// Shows plans and, where only they are not what was asked for, asks, carries them out, records
    /// and reports.
    ///
    /// - Parameter question: as for `applyAsking`.
    func carryOut(
        _ planned: [FleetDeploy.Planned], of deploy: FleetDeploy, _ question: String, verb: String,
        as output: OutputFormat
    ) async throws {
        let console = deploy.console
        console.show(planned, asResult: dryRun && output == .table)
        if dryRun, output == .json { try console.json(PlanReport(planned)) }
        try planned.stop(beyond: failures.limit, console)
        if dryRun { return }
        let finished = try await deploy.applyAsking(
            planned, question, yes: yes, verb: verb, limit: failures.limit)
        DeployHistory.record(
            finished, fleet: deploy.fleet.name, author: deploy.author, console: console)
        switch output {
        case .table: finished.table.forEach(console.result)
        case .json: try console.json(DeployReport(finished))
        }
        if let exit = finished.exit { throw exit.error }
    }
}
