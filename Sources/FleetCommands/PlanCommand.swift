import ArgumentParser
import DeployPlan

/// `fleetctl plan`: what a deploy would do.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Shows what a deploy would change; changes nothing.",
        discussion: """
            Builds what is stale, looks at every chosen host in one exec each, and prints what \
            differs: releases, files, units and rc.local as diffs, and the steps in their order.
            """)

    @OptionGroup var options: DeployOptions

    @Flag(name: .long, help: "Exit with 2 where changes are pending, as diff does.")
    var detailedExitcode = false

    func run() async throws {
        let console = Console(options.common)
        let (deploy, planned) = try await options.prepare(console)
        await deploy.connections.close()
        switch options.common.output {
        case .table: console.show(planned, asResult: true)
        case .json: try console.json(PlanReport(planned))
        }
        if let exit = planned.failureExit { throw exit.error }
        let isPending = planned.contains { entry in
            if case .success(let plan) = entry.result { !plan.isEmpty } else { false }
        }
        if detailedExitcode, isPending { throw FleetExit.changesPending.error }
    }
}
