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
        /// Looks and plans once more, for who has waited in between.
        var replan: (@Sendable () async throws(DeployError) -> HostPlan)?
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
        /// How long nobody controlled what the restarted services control.
        var gaps: [UncontrolledTime] = []
        /// Why a closed gate was passed.
        var forced: String?
        /// Old releases that were removed afterwards.
        var removed: [ReleaseName] = []
    }

    let fleet: Fleet
    let connections: Connections
    let parallel: Int
    let console: Console
    let author: DeployAuthor
    /// How long hosts wait for the confirmation before they go back.
    var confirmTimeout = defaultConfirmTimeout
    /// Whether hosts are told to take back or finish what an interrupted deploy left.
    var settles = false

    /// Long enough to connect again after a link that is bad has broken.
    static let defaultConfirmTimeout = Duration.seconds(120)
    /// What to do about gates that are closed.
    var gates = GatePolicy()

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
            let plan = try await look(at: target)
            // Nothing is left to do on this host: a thousand of them are not kept connected.
            if plan.isEmpty { await connections.finish(host.name) }
            return plan
        }
        return zip(targets, outcomes).map { target, outcome in
            Planned(target: target, result: outcome.result) { () async throws(DeployError) in
                try await look(at: target)
            }
        }
    }

    private func look(at target: Target) async throws(DeployError) -> HostPlan {
        let facts = try await facts(of: target.host, words: target.desired.map(\.probeWord))
        return HostPlan.make(host: target.host, desired: target.desired, facts: facts)
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
                let done = try await carryOut(plan, planned)
                return Finished(
                    host: name, plan: plan, outcome: .updated, started: started,
                    bytesSent: done.bytesSent, duration: clock.now - begin, gaps: done.gaps,
                    forced: gates.force)
            } catch {
                return Finished(
                    host: name, plan: plan, outcome: error.outcome, error: error, started: started,
                    duration: clock.now - begin, forced: gates.force)
            }
        }
    }

    private func carryOut(
        _ plan: HostPlan, _ planned: Planned
    ) async throws(DeployError) -> HostDeploy.Done {
        let lines = try GateLines(
            plan, planned.target.desired, owner: author.owner, policy: gates)
        guard !lines.gated.isEmpty else { return try await attempt(plan, planned.target, lines) }
        let keeper = GateKeeper(
            deploy: self, host: planned.target.host, gated: lines.gated, replan: planned.replan)
        return try await keeper.run(plan) { (plan, pause) async throws(DeployError) in
            try await attempt(plan, planned.target, lines, pause: pause)
        }
    }

    private func attempt(
        _ plan: HostPlan, _ target: Target, _ lines: GateLines,
        pause: (@Sendable () async throws(DeployError) -> Void)? = nil
    ) async throws(DeployError) -> HostDeploy.Done {
        let remote = try await connect(target.host.name)
        let name = target.host.name.text
        let console = console
        let forced = lines.gated.isEmpty ? nil : gates.force
        let deploy = HostDeploy(
            plan: plan,
            transfer: HostTransfer(
                plan: plan, desired: target.desired, contents: target.contents,
                owner: author.owner,
                record: author.record(fleet: fleet.name, plan: plan, forced: forced),
                about: author.about(fleet: fleet.name), confirmTimeout: confirmTimeout,
                gates: lines.lines),
            confirmation: confirmation(of: target.host.name),
            report: { progress in
                switch progress {
                case .staging(let bytes): console.say("\(name): sending \(bytes >> 10) KiB")
                case .step(let number, let count, let text):
                    console.say("\(name): \(number)/\(count) \(text)")
                case .confirming: console.say("\(name): confirming over a new connection")
                case .undoing(let text): console.say("\(name): going back: \(text)")
                case .note(let text): console.say("\(name): \(text)")
                }
            },
            gate: pause)
        return try await deploy.run(on: remote)
    }

    func connect(_ name: HostName) async throws(DeployError) -> any RemoteHost {
        do {
            return try await connections.host(name)
        } catch {
            throw .remote(error)
        }
    }
}

extension FleetDeploy.Planned {
    /// A host without a plan, and why there is none.
    init(_ host: Host, failure: DeployError) {
        self.init(
            target: FleetDeploy.Target(host: host, desired: [], contents: [:]),
            result: .failure(failure))
    }
}
