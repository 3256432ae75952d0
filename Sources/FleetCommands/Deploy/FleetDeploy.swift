import DeployPlan
import Foundation
import Inventory
import ReleasePacker
import RemoteOps

/// One run over the chosen hosts: look, plan, and carry out.
struct FleetDeploy {
    /// One host with what it must be.
    struct Target: Sendable {
        var host: Host
        var desired: [DesiredService]
        var contents: [String: ReleaseContent]
    }

    /// A host's plan, or why there is none.
    struct Planned: Sendable {
        var target: Target
        var result: Result<HostPlan, DeployError>
    }

    /// How a host came out.
    struct Finished: Sendable {
        var host: HostName
        var plan: HostPlan?
        var outcome: HostOutcome
        var error: DeployError?
        var bytesSent: Int = 0
        var duration: Duration = .zero
    }

    let fleet: Fleet
    let connections: Connections
    let parallel: Int
    let console: Console
    let author: DeployAuthor

    // MARK: Plan

    /// Looks at every host and plans. A host that fails does not keep the others from being looked at.
    func plan(_ targets: [Target]) async -> [Planned] {
        await forEach(targets, limit: parallel) { target in
            Planned(target: target, result: await plan(target))
        }
    }

    private func plan(_ target: Target) async -> Result<HostPlan, DeployError> {
        do throws(DeployError) {
            let remote = try await connect(target.host.name)
            let facts = try await HostProbe.facts(
                of: remote, about: target.desired,
                as: target.host.privilege == .unprivileged ? .login : .root)
            return .success(
                HostPlan.make(host: target.host, desired: target.desired, facts: facts))
        } catch {
            return .failure(error)
        }
    }

    // MARK: Apply

    /// Carries out the plans: leaves first, jump hosts last. After a failure no further host is
    /// begun.
    func apply(_ planned: [Planned]) async -> [Finished] {
        var finished: [Finished] = []
        let depths = Dictionary(
            grouping: planned
        ) { depth(of: $0.target.host.name) }
        for (_, wave) in depths.sorted(by: { $0.key > $1.key }) {
            if finished.contains(where: { $0.error != nil }) {
                finished += wave.map { skipped($0) }
            } else {
                finished += await forEach(wave, limit: parallel) { await apply($0) }
            }
        }
        return finished
    }

    private func skipped(_ planned: Planned) -> Finished {
        let plan = try? planned.result.get()
        return Finished(
            host: planned.target.host.name, plan: plan,
            outcome: plan?.isEmpty == true ? .unchanged : .skipped)
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

    private func apply(_ planned: Planned) async -> Finished {
        let name = planned.target.host.name
        let clock = ContinuousClock()
        let begin = clock.now
        switch planned.result {
        case .failure(let error):
            return Finished(host: name, outcome: error.outcome, error: error)
        case .success(let plan) where plan.isEmpty:
            return Finished(host: name, plan: plan, outcome: .unchanged)
        case .success(let plan):
            do throws(DeployError) {
                let sent = try await carryOut(plan, planned.target)
                return Finished(
                    host: name, plan: plan, outcome: .updated, bytesSent: sent,
                    duration: clock.now - begin)
            } catch {
                return Finished(
                    host: name, plan: plan, outcome: error.outcome, error: error,
                    duration: clock.now - begin)
            }
        }
    }

    private func carryOut(_ plan: HostPlan, _ target: Target) async throws(DeployError) -> Int {
        let remote = try await connect(target.host.name)
        let name = target.host.name.text
        let console = console
        let deploy = HostDeploy(
            plan: plan,
            transfer: HostTransfer(
                plan: plan, desired: target.desired, contents: target.contents,
                owner: author.owner, record: author.record(fleet: fleet.name, plan: plan)),
            report: { progress in
                switch progress {
                case .staging(let bytes): console.say("\(name): sending \(bytes >> 10) KiB")
                case .step(let number, let count, let text):
                    console.say("\(name): \(number)/\(count) \(text)")
                case .undoing(let text): console.say("\(name): going back: \(text)")
                }
            },
            gate: { () async throws(DeployError) in
                try await passGates(plan, target.desired, on: remote)
            })
        return try await deploy.run(on: remote)
    }

    /// Every gated service that runs and would be restarted must be let through.
    private func passGates(
        _ plan: HostPlan, _ desired: [DesiredService], on remote: any RemoteHost
    ) async throws(DeployError) {
        for (service, change) in zip(desired, plan.services) {
            guard let gate = service.service.gate, let restart = change.restart,
                restart != .notRunning
            else { continue }
            switch gate {
            case .generatorIdle:
                guard let port = service.service.ports.first?.number else {
                    throw .gateClosed(
                        service: service.name, host: remote.name,
                        reason: "the inventory names no port to ask it on")
                }
                if let reason = await GeneratorGate.reasonToWait(remote, port: port) {
                    throw .gateClosed(service: service.name, host: remote.name, reason: reason)
                }
            }
        }
    }

    private func connect(_ name: HostName) async throws(DeployError) -> any RemoteHost {
        do {
            return try await connections.host(name)
        } catch {
            throw .remote(error)
        }
    }
}

/// Runs `work` for every item, at most `limit` at once; results in the items' order.
func forEach<Item: Sendable, Output: Sendable>(
    _ items: [Item], limit: Int, _ work: @escaping @Sendable (Item) async -> Output
) async -> [Output] {
    await withTaskGroup(of: (Int, Output).self) { group in
        var waiting = items.enumerated().makeIterator()
        func begin() {
            guard let (index, item) = waiting.next() else { return }
            group.addTask { (index, await work(item)) }
        }
        for _ in 0..<max(1, limit) { begin() }
        var results: [(Int, Output)] = []
        for await result in group {
            results.append(result)
            begin()
        }
        return results.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
