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

    @Argument(
        help: "Services; all that the options choose where none is named.",
        completion: InventoryCompletion.services)
    var services: [String] = []

    @Option(name: .long, help: "The release to go to, for one service.")
    var to: String?

    @OptionGroup var change: ChangeOptions

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
        change.gate.warn(console)
        var options = selection
        options.service += services
        let chosen = try loadSelection(common, options)
        var author = await DeployAuthor.current(folder: common.base.inventoryFolder)
        author.action = .rollback
        var deploy = FleetDeploy(
            fleet: chosen.fleet, connections: Connections(chosen.fleet, common, connection),
            parallel: connection.parallel, console: console, author: author)
        change.apply(to: &deploy)
        try await deploy.connections.closing {
            let planned = await deploy.planRollback(
                chosen, RollbackPlanner(target: to.flatMap(ReleaseID.init)))
            try await change.carryOut(
                planned, of: deploy, "Roll back", verb: "rollback", as: common.output)
        }
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
            case .failure(let error): Planned(outcome.host, failure: error)
            }
        }
    }
}
