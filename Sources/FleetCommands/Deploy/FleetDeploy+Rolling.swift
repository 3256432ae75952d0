import DeployPlan
import Foundation
import Inventory
import Synchronization

/// How many hosts may fail before no further one is begun.
struct FailureLimit: Sendable {
    /// Hosts. None where nothing else is asked for: what fails on one host may fail on all.
    var hosts = 0
}

extension FleetDeploy {
    /// Counts failures while hosts are at work side by side.
    final class FailureCount: Sendable {
        private let limit: Int
        private let count: Mutex<Int>

        init(_ limit: FailureLimit, alreadyFailed: Int) {
            self.limit = limit.hosts
            count = Mutex(alreadyFailed)
        }

        /// Whether a further host may be begun.
        var allowsMore: Bool { count.withLock { $0 <= limit } }

        func add() { count.withLock { $0 += 1 } }
    }

    /// Carries out the plans: leaves first, jump hosts last. Once more hosts have failed than the
    /// limit allows, no further one is begun; those under way go on to their ends. A host that
    /// could not be looked at, or whose plan is refused, has failed already.
    func apply(_ planned: [Planned], limit: FailureLimit) async -> [Finished] {
        let failures = FailureCount(limit, alreadyFailed: planned.count { $0.hasFailed })
        let waves = Dictionary(grouping: planned) { depth(of: $0.target.host.name) }
        var finished: [HostName: Finished] = [:]
        for (_, wave) in waves.sorted(by: { $0.key > $1.key }) {
            for host in await applyWave(wave, failures) { finished[host.host] = host }
        }
        return planned.compactMap { finished[$0.target.host.name] }
    }

    private func applyWave(_ wave: [Planned], _ failures: FailureCount) async -> [Finished] {
        let byHost = Dictionary(wave.map { ($0.target.host.name, $0) }, uniquingKeysWith: { $1 })
        let outcomes = await forEachHost(wave.map(\.target.host), limit: parallel) {
            (host) async throws(Never) -> Finished in
            guard let planned = byHost[host.name] else {
                preconditionFailure("every host comes from a plan")
            }
            guard planned.isPending else { return settled(planned) }
            guard failures.allowsMore else { return notBegun(planned) }
            var finished = await apply(planned)
            if finished.error != nil { failures.add() }
            if finished.outcome == .updated, let plan = finished.plan {
                finished.removed = await removeOldReleases(plan, planned.target)
            }
            return finished
        }
        return outcomes.map { $0.result.get() }
    }

    /// How a host came out for which there is nothing to carry out.
    private func settled(_ planned: Planned) -> Finished {
        let name = planned.target.host.name
        switch planned.result {
        case .failure(let error):
            return Finished(host: name, outcome: error.outcome, error: error)
        case .success(let plan) where !plan.refusals.isEmpty:
            let error = DeployError.refused(host: name.text, plan.refusals)
            return Finished(host: name, outcome: error.outcome, error: error)
        case .success(let plan): return Finished(host: name, plan: plan, outcome: .unchanged)
        }
    }

    private func notBegun(_ planned: Planned) -> Finished {
        guard case .success(let plan) = planned.result else { return settled(planned) }
        return Finished(host: planned.target.host.name, plan: plan, outcome: .skipped)
    }

    /// Number of jumps to a host.
    private func depth(of name: HostName) -> Int {
        var depth = 0
        var host = fleet.host(name)
        while let via = host?.via, depth < fleet.hosts.count {
            depth += 1
            host = fleet.host(via)
        }
        return depth
    }
}

extension FleetDeploy.Planned {
    /// Whether the host could not be looked at, or its plan may not be carried out.
    var hasFailed: Bool {
        switch result {
        case .failure: true
        case .success(let plan): !plan.refusals.isEmpty
        }
    }

    /// Whether there is something to carry out that may be.
    var isPending: Bool {
        switch result {
        case .failure: false
        case .success(let plan): plan.refusals.isEmpty && !plan.isEmpty
        }
    }
}
