import ArgumentParser
import DeployPlan

/// `fleetctl units diff`: the units as they must be against what is on the hosts.
struct UnitsDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show where hosts' units differ from the inventory's.",
        discussion: """
            One exec a host. A unit has four layers that drift apart: the source here, the file \
            on the host with its drop-ins, what systemd has loaded, and what runs. Each that \
            differs is shown; nothing is changed.
            """)

    @OptionGroup var options: UnitOptions

    @Flag(name: .long, help: "Exit with 2 where something differs, as diff does.")
    var detailedExitcode = false

    func run() async throws {
        let console = Console(options.common)
        let (deploy, planned) = try await options.prepare(console, restart: .never)
        await deploy.connections.close()
        switch options.common.output {
        case .table: console.show(planned, asResult: true)
        case .json: try console.json(PlanReport(planned))
        }
        if let exit = planned.failureExit { throw exit.error }
        let differs = planned.contains { entry in
            guard case .success(let plan) = entry.result else { return false }
            return !plan.isEmpty || plan.services.contains { !$0.notes.isEmpty }
        }
        if detailedExitcode, differs { throw FleetExit.changesPending.error }
    }
}
