import ArgumentParser
import DeployPlan
import Inventory
import RemoteOps

/// What `units diff` and `units install` share: from the options to plans of units alone.
struct UnitOptions: ParsableArguments {
    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "Services; all that the options choose where none is named.")
    var services: [String] = []

    /// Renders, looks at every host in one exec each, and plans.
    func prepare(
        _ console: Console, restart: UnitRestart, settling: Bool = false
    ) async throws -> (FleetDeploy, [FleetDeploy.Planned]) {
        var options = selection
        options.service += services
        let chosen = try loadSelection(common, options)
        let folder = common.base.inventoryFolder
        let rendered = try render(chosen, folder, console)
        guard !rendered.isEmpty else {
            console.error("none of the chosen services has a unit: their hosts have no systemd")
            throw FleetExit.usage.error
        }
        var author = await DeployAuthor.current(folder: folder)
        author.action = .unitsInstall
        var deploy = FleetDeploy(
            fleet: chosen.fleet, connections: Connections(chosen.fleet, common, connection),
            parallel: connection.parallel, console: console, author: author)
        deploy.settles = settling
        return (deploy, await deploy.planUnits(rendered, restart: restart))
    }

    private func render(
        _ chosen: Selection, _ folder: String, _ console: Console
    ) throws -> [(host: Host, units: [DesiredUnit])] {
        let sources = UnitSources(inventoryFolder: folder)
        var rendered: [(host: Host, units: [DesiredUnit])] = []
        do {
            for host in chosen.hosts {
                let services = chosen.services(on: host.name)
                guard host.initSystem == .systemd, !services.isEmpty else {
                    console.detail("\(host.name) has no units of the chosen services")
                    continue
                }
                let units = try services.map {
                    let (name, text) = try sources.unit(of: $0)
                    return DesiredUnit(service: $0, name: name, text: text)
                }
                rendered.append((host, units))
            }
        } catch {
            console.error(unitErrorText(error))
            throw FleetExit.failed.error
        }
        return rendered
    }
}

extension FleetDeploy {
    /// Looks at every host and plans its units; a host that fails does not keep the others from
    /// being looked at.
    func planUnits(
        _ rendered: [(host: Host, units: [DesiredUnit])], restart: UnitRestart
    ) async -> [Planned] {
        let units = Dictionary(
            rendered.map { ($0.host.name, $0.units) }, uniquingKeysWith: { $1 })
        let outcomes = await forEachHost(rendered.map(\.host), limit: parallel) {
            (host) async throws(DeployError) -> Planned in
            guard let units = units[host.name] else {
                preconditionFailure("every host comes from the list")
            }
            let replan: @Sendable () async throws(DeployError) -> HostPlan = {
                () async throws(DeployError) in
                let facts = try await facts(of: host, words: units.map(\.probeWord))
                return HostPlan.units(host: host, desired: units, facts: facts, restart: restart)
            }
            let plan = try await replan()
            // Only what the plan has a change for, in its order: the gate goes by both.
            let desired = plan.services.compactMap { change -> DesiredService? in
                units.first { $0.service.name.text == change.service }.map {
                    DesiredService(
                        service: $0.service, release: change.to, manifest: ReleaseManifest([]),
                        start: .unit(name: $0.name, text: $0.text))
                }
            }
            return Planned(
                target: Target(host: host, desired: desired, contents: [:]),
                result: .success(plan), replan: replan)
        }
        return outcomes.map { outcome in
            switch outcome.result {
            case .success(let planned): planned
            case .failure(let error): Planned(outcome.host, failure: error)
            }
        }
    }
}
