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
        var outcome: DeployOutcome
        var error: DeployError?
        var started = Date()
        var bytesSent: Int = 0
        var duration: Duration = .zero
        /// Old releases that were removed afterwards.
        var removed: [ReleaseName] = []
    }

    let fleet: Fleet
    let connections: Connections
    let parallel: Int
    let console: Console
    let author: DeployAuthor

    // MARK: Plan

    /// Looks at every host and plans. A host that fails does not keep the others from being
    /// looked at.
    func plan(_ targets: [Target]) async -> [Planned] {
        let byHost = Dictionary(targets.map { ($0.host.name, $0) }, uniquingKeysWith: { $1 })
        let outcomes = await forEachHost(targets.map(\.host), limit: parallel) {
            (host) async throws(DeployError) -> HostPlan in
            guard let target = byHost[host.name] else {
                preconditionFailure("every host comes from a target")
            }
            let facts = try await HostProbe.facts(
                of: try await connect(host.name), about: target.desired,
                as: host.privilege == .unprivileged ? .login : .root)
            return HostPlan.make(host: host, desired: target.desired, facts: facts)
        }
        return zip(targets, outcomes).map { Planned(target: $0, result: $1.result) }
    }

    // MARK: Apply

    /// Carries out one host's plan.
    func apply(_ planned: Planned) async -> Finished {
        let name = planned.target.host.name
        let clock = ContinuousClock()
        let begin = clock.now
        let started = Date()
        switch planned.result {
        case .failure(let error):
            return Finished(host: name, outcome: error.outcome, error: error)
        case .success(let plan) where plan.isEmpty:
            return Finished(host: name, plan: plan, outcome: .unchanged)
        case .success(let plan):
            do throws(DeployError) {
                let sent = try await carryOut(plan, planned.target)
                return Finished(
                    host: name, plan: plan, outcome: .updated, started: started, bytesSent: sent,
                    duration: clock.now - begin)
            } catch {
                return Finished(
                    host: name, plan: plan, outcome: error.outcome, error: error, started: started,
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
                owner: author.owner, record: author.record(fleet: fleet.name, plan: plan),
                about: author.about(fleet: fleet.name)),
            report: { progress in
                switch progress {
                case .staging(let bytes): console.say("\(name): sending \(bytes >> 10) KiB")
                case .step(let number, let count, let text):
                    console.say("\(name): \(number)/\(count) \(text)")
                case .undoing(let text): console.say("\(name): going back: \(text)")
                }
            },
            gate: gate(plan, target.desired, on: remote))
        return try await deploy.run(on: remote)
    }

    /// What must be passed before services are restarted; nil where none of them has a gate.
    private func gate(
        _ plan: HostPlan, _ desired: [DesiredService], on remote: any RemoteHost
    ) -> (@Sendable () async throws(DeployError) -> Void)? {
        let isGated = zip(desired, plan.services).contains { service, change in
            service.service.gate != nil && change.restart != nil && change.restart != .notRunning
        }
        guard isGated else { return nil }
        return { () async throws(DeployError) -> Void in
            try await passGates(plan, desired, on: remote)
        }
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

    func connect(_ name: HostName) async throws(DeployError) -> any RemoteHost {
        do {
            return try await connections.host(name)
        } catch {
            throw .remote(error)
        }
    }
}
