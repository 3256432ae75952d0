import Audit
import DeployPlan
import Foundation
import Inventory
import RemoteOps
import Reports

/// Carries out what `audit --fix` may do, after it has been shown and agreed to.
struct AuditFixer: Sendable {
    typealias Planned = (host: Host, plan: FixPlan)

    /// Where the hosts' steps came out.
    struct Outcome {
        /// A reason for each host where a step failed.
        var failures: [RemoteError.Kind] = []
        /// Whether steps on controllers were left out because of the gate.
        var isDeferred = false
    }

    let chosen: Selection
    let deploy: FleetDeploy
    let sources: UnitSources

    private var console: Console { deploy.console }

    /// The hosts where there is something to do.
    func plans(_ findings: [Finding]) -> [Planned] {
        chosen.hosts.compactMap { host in
            let plan = FixPlan(findings.filter { $0.host == host.name.text })
            return plan.isEmpty ? nil : (host, plan)
        }
    }

    /// Shows the plans, with what would change of units, and asks.
    func confirm(_ plans: [Planned], yes: Bool) async throws {
        for (host, plan) in plans {
            console.say("\(host.name.text):")
            for step in plan.steps { console.say("  " + DisplayText.printable(step.text)) }
            for step in plan.controllerSteps {
                console.say(
                    "  " + DisplayText.printable(step.text)
                        + (plan.needsGate ? ", only while the generator is idle" : ""))
            }
        }
        try await showUnits(plans)
        let count = plans.reduce(0) { $0 + $1.plan.steps.count + $1.plan.controllerSteps.count }
        try console.confirm(
            "Do \(count == 1 ? "this" : "these \(count) steps")?", yes: yes, verb: "do it")
    }

    private func showUnits(_ plans: [Planned]) async throws {
        let desired = try plans.compactMap { entry in
            let units = try units(of: entry.plan.steps + entry.plan.controllerSteps)
            return units.isEmpty ? nil : (host: entry.host, units: units)
        }
        let planned = await deploy.planUnits(desired, restart: .never)
        console.show(planned, asResult: false)
        if let exit = planned.failureExit {
            console.error("nothing was changed on any host")
            throw exit.error
        }
    }

    /// The units that steps install, rendered.
    private func units(of steps: [FixPlan.Step]) throws -> [DesiredUnit] {
        try steps.compactMap { step in
            guard case .install(_, let name) = step,
                let service = chosen.fleet.services.first(where: { $0.name == name })
            else { return nil }
            let (unit, text) = try sources.unit(of: service)
            return DesiredUnit(service: service, name: unit, text: text)
        }
    }

    /// Does it; after a failure nothing more on that host.
    func perform(_ plans: [Planned]) async -> Outcome {
        let byHost = Dictionary(plans.map { ($0.host.name, $0.plan) }) { first, _ in first }
        let started = Date()
        let outcomes = await forEachHost(plans.map(\.host), limit: deploy.parallel) {
            (host) async throws(FixFailure) -> Bool in
            guard let plan = byHost[host.name] else {
                preconditionFailure("every host comes from a plan")
            }
            return try await perform(plan, on: host)
        }
        var all = Outcome()
        for outcome in outcomes {
            let history = FixHistory(
                host: outcome.host.name.text, fleet: chosen.fleet.name, author: deploy.author,
                started: started)
            switch outcome.result {
            case .success(let isWhole):
                if !isWhole { all.isDeferred = true }
                let plan = byHost[outcome.host.name]
                let done = (plan?.steps ?? []) + (isWhole ? plan?.controllerSteps ?? [] : [])
                DeployHistory.append(history.records(done: done), console)
            case .failure(let failure):
                DeployHistory.append(history.records(failure), console)
                console.error(failure.text(host: outcome.host.name.text))
                if failure.isDeferral {
                    all.isDeferred = true
                } else {
                    all.failures.append(failure.kind)
                }
            }
        }
        return all
    }

    /// - Returns: whether all was done, the steps behind the gate too.
    private func perform(_ plan: FixPlan, on host: Host) async throws(FixFailure) -> Bool {
        var done: [FixPlan.Step] = []
        let all = plan.steps + plan.controllerSteps
        try await perform(plan.steps, of: all, &done, on: host)
        if plan.needsGate, let reason = await reasonToWait(plan.controllers, on: host) {
            let lines = plan.controllerSteps.map { "\n    " + DisplayText.printable($0.text) }
            console.error(
                "\(host.name.text): left out, for the generator must be idle, and \(reason):"
                    + lines.joined() + "\n  Nothing of this was begun. Try again when it is idle.")
            return false
        }
        try await perform(plan.controllerSteps, of: all, &done, on: host)
        return true
    }

    private func reasonToWait(_ controllers: [Controller], on host: Host) async -> String? {
        let remote: any RemoteHost
        do {
            remote = try await deploy.connections.host(host.name)
        } catch {
            return "it could not be asked, and unknown counts as running (\(error.message))"
        }
        for controller in controllers {
            if let reason = await IdleReadings.reasonToWait(
                remote, port: controller.port,
                owner: HoldOwnerOption.sanitized(deploy.author.owner))
            {
                return reason
            }
        }
        return nil
    }

    private func perform(
        _ steps: [FixPlan.Step], of all: [FixPlan.Step], _ done: inout [FixPlan.Step], on host: Host
    ) async throws(FixFailure) {
        for round in FixPlan.rounds(steps) {
            do throws(FixFailure.Cause) {
                switch round {
                case .script(let steps): try await run(steps, &done, on: host)
                case .install(let steps):
                    try await install(steps, on: host)
                    done += steps
                }
            } catch {
                throw FixFailure(cause: error, done: done, left: all.filter { !done.contains($0) })
            }
        }
    }

    private func run(
        _ steps: [FixPlan.Step], _ done: inout [FixPlan.Step], on host: Host
    ) async throws(FixFailure.Cause) {
        let result: CommandResult
        do throws(RemoteError) {
            let session = try await deploy.connections.host(host.name)
            result = try await session.run(
                .script([], as: .root),
                input: .bytes(
                    RemoteScripts.input(
                        RemoteScripts.auditFix,
                        [deploy.author.owner, record(host)] + steps.compactMap(\.word))),
                options: RunOptions(deadline: FixAnswer.deadline))
        } catch {
            throw .remote(error)
        }
        let answer = FixAnswer(result.output)
        done += steps.filter { $0.word.map(answer.done.contains) == true }
        if let holder = answer.holder {
            throw .deploy(.locked(host: host.name.text, holder: holder.printable))
        }
        if let failure = answer.failure { throw .step(failure) }
        guard result.succeeded, answer.isWhole else { throw .script(result) }
    }

    /// Members of the JSON object that the host's log gets of each step.
    private func record(_ host: Host) -> String {
        struct Record: Encodable {
            var action = DeployAuthor.Action.auditFix
            var fleet: String
            var host: String
            var owner: String
            var commit: String?
            var client = Version.text
        }
        return DeployAuthor.members(
            of: Record(
                fleet: chosen.fleet.name, host: host.name.text, owner: deploy.author.owner,
                commit: deploy.author.commit))
    }

    private func install(_ steps: [FixPlan.Step], on host: Host) async throws(FixFailure.Cause) {
        let units: [DesiredUnit]
        do {
            units = try self.units(of: steps)
        } catch {
            throw .units(unitErrorText(error))
        }
        // What was planned before the first step may be another host by now.
        let planned = await deploy.planUnits([(host, units)], restart: .never)
        console.show(planned.filter(\.isRefused), asResult: false)
        if planned.contains(where: \.isRefused) { throw .units("its units cannot be installed") }
        if let failure = await deploy.apply(planned, limit: FailureLimit()).compactMap(\.error)
            .first
        {
            throw .deploy(failure)
        }
    }
}

extension FleetDeploy.Planned {
    /// Whether there is a plan that must not be carried out.
    fileprivate var isRefused: Bool {
        if case .success(let plan) = result { !plan.refusals.isEmpty } else { false }
    }
}
