import ArgumentParser
import DeployPlan
import Inventory
import RemoteOps

/// `fleetctl rollback`: back to a release that the hosts have already.
struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Goes back to the release before, or to another that the host still has.",
        discussion: """
            Shows what changes, asks, and carries it out as `deploy` does: `current` is switched, \
            the unit of that release installed, the service restarted and its health checks of \
            today run; where a step fails, the host goes back to what it was. Builds and sends \
            nothing. A release whose files are not those that it is named after is refused.

            Without --to it is the release that was in use before the current one; a second \
            rollback so leads forward again. `fleetctl deploy` brings what the inventory says, \
            whatever was rolled back.

            EXIT STATUS: 0 done or nothing to do; 1 failed, nothing changed; 3 some hosts failed; \
            4 the release did not work, and the one before is in use again; 64 usage; 75 \
            deferred, the gate is closed or a deploy is under way; 77 host key or authentication.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "Services; all that the options choose where none is named.")
    var services: [String] = []

    @Option(name: .long, help: "The release to go to, for one service.")
    var to: String?

    @Flag(name: .long, help: "Show the plan and change nothing.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @OptionGroup var failures: FailureOptions
    @OptionGroup var gate: GateOptions
    @OptionGroup var confirmation: ConfirmOptions

    func validate() throws {
        guard let to else { return }
        guard ReleaseID(to) != nil else {
            throw ValidationError(
                "--to takes a release's name of \(ReleaseID.length) digits, as `fleetctl releases` "
                    + "prints it")
        }
        guard Set(services + selection.service).count == 1 else {
            throw ValidationError("--to is for one service; name that one")
        }
    }

    func run() async throws {
        let console = Console(common)
        gate.warn(console)
        var options = selection
        options.service += services
        let chosen = try loadSelection(common, options)
        var author = await DeployAuthor.current(folder: common.base.inventoryFolder)
        author.action = .rollback
        var deploy = FleetDeploy(
            fleet: chosen.fleet, connections: Connections(chosen.fleet, common, connection),
            parallel: connection.parallel, console: console, author: author)
        deploy.confirmTimeout = confirmation.timeout
        deploy.settles = !dryRun
        deploy.gates = gate.policy
        do {
            try await carryOut(deploy, chosen, console)
            await deploy.connections.close()
        } catch {
            await deploy.connections.close()
            throw error
        }
    }

    private func carryOut(
        _ deploy: FleetDeploy, _ chosen: Selection, _ console: Console
    ) async throws {
        let planned = await deploy.planRollback(
            chosen, RollbackPlanner(target: to.flatMap(ReleaseID.init)))
        console.show(planned, asResult: dryRun && common.output == .table)
        if dryRun, common.output == .json { try console.json(PlanReport(planned)) }
        try planned.stop(beyond: failures.limit, console)
        if dryRun { return }
        let finished = try await deploy.applyAsking(
            planned, "Roll back", yes: yes, verb: "rollback", limit: failures.limit)
        DeployHistory.record(
            finished, fleet: deploy.fleet.name, author: deploy.author, console: console)
        switch common.output {
        case .table: DeployCommand.table(finished).forEach(console.result)
        case .json: try console.json(DeployReport(finished))
        }
        if let exit = finished.exit { throw exit.error }
    }
}

extension FleetDeploy {
    /// Looks at every host and plans its way back; a host that fails does not keep the others from
    /// being looked at.
    func planRollback(_ chosen: Selection, _ planner: RollbackPlanner) async -> [Planned] {
        let hosts = chosen.hosts.filter { !chosen.services(on: $0.name).isEmpty }
        let outcomes = await forEachHost(hosts, limit: parallel) {
            (host) async throws(DeployError) -> Planned in
            let services = chosen.services(on: host.name)
            let (plan, desired) = try await planner.plan(host, services, of: self)
            return Planned(
                target: Target(host: host, desired: desired, contents: [:]),
                result: .success(plan)
            ) { () async throws(DeployError) in
                try await planner.plan(host, services, of: self).plan
            }
        }
        return outcomes.map { outcome in
            switch outcome.result {
            case .success(let planned): planned
            case .failure(let error):
                Planned(
                    target: Target(host: outcome.host, desired: [], contents: [:]),
                    result: .failure(error))
            }
        }
    }
}
