import DeployPlan
import Inventory
import RemoteOps

extension ReleaseHistory {
    /// What may go so that `kept` releases stay beside the current one and the one before. What was
    /// in use stays rather than what never worked, the newer rather than the older; what processes
    /// run from stays in any case.
    func surplus(keeping kept: Int) -> [Entry] {
        let idle = entries.filter {
            $0.state != .current && $0.state != .previous && !$0.stored.isInUse
        }
        let good = idle.filter { $0.state == .deployed }
        let others = idle.filter { $0.state != .deployed }
        return Array((good + others).dropFirst(kept))
    }
}

extension FleetDeploy {
    /// Removes old releases of the services that got a new one.
    ///
    /// The deploy is over by then: a failure is said and changes nothing of how it came out.
    func removeOldReleases(_ plan: HostPlan, _ target: Target) async -> [ReleaseName] {
        // Before the first release there was none that could be too many.
        let switched = zip(target.desired, plan.services).filter {
            $1.from != nil && $1.from != $1.to
        }
        guard !switched.isEmpty else { return [] }
        let host = target.host.name.text
        do throws(DeployError) {
            let remote = try await connect(target.host.name)
            let listing = try await HostReleases.list(
                switched.map { $0.0.name }, on: remote, as: .root)
            var surplus: [ReleaseName] = []
            for (service, change) in switched {
                let found = listing.services[service.name] ?? ServiceReleases()
                // Somebody else was faster: what they need is not for us to say.
                guard found.current == change.to else { continue }
                surplus += ReleaseHistory(found, service: service.name)
                    .surplus(keeping: service.service.keptReleases).map(\.stored.id)
                    .filter { $0 != change.from }
                    .map { ReleaseName(service: service.name, release: $0) }
            }
            guard !surplus.isEmpty else { return [] }
            let removed = try await HostReleases.remove(surplus, on: remote).removed
            console.detail(
                "\(host): removed \(removed.count) old "
                    + (removed.count == 1 ? "release" : "releases"))
            return removed
        } catch {
            console.say("\(host): old releases could not be removed: \(error.text)")
            return []
        }
    }
}
