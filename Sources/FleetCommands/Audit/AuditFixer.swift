import Audit
import Foundation
import Inventory
import RemoteOps
import Reports

/// Carries out what `audit --fix` may do, after it has been shown and agreed to.
struct AuditFixer: Sendable {
    /// Each orphan has five seconds for SIGTERM and five for SIGKILL; units have their own times.
    static let deadline = Duration.seconds(180)

    typealias Planned = (host: Host, plan: FixPlan)

    let connections: Connections
    let console: Console

    /// The hosts where there is something to do.
    func plans(_ findings: [Finding], _ hosts: [Host]) -> [Planned] {
        hosts.compactMap { host in
            let plan = FixPlan(findings.filter { $0.host == host.name.text })
            return plan.steps.isEmpty ? nil : (host, plan)
        }
    }

    func confirm(_ plans: [Planned], yes: Bool) throws {
        for (host, plan) in plans {
            console.say("\(host.name.text):")
            for step in plan.steps { console.say("  " + DisplayText.printable(step.text)) }
        }
        let count = plans.reduce(0) { $0 + $1.plan.steps.count }
        try console.confirm(
            "Do \(count == 1 ? "this" : "these \(count) steps")?", yes: yes, verb: "do it")
    }

    /// Does it, and returns a reason for each host where not all was done.
    func perform(_ plans: [Planned], limit: Int) async -> [RemoteError.Kind] {
        let steps = Dictionary(plans.map { ($0.host.name, $0.plan) }) { first, _ in first }
        let outcomes = await forEachHost(plans.map(\.host), limit: limit) {
            (host) async throws(AuditError) -> Bool in
            try await perform(steps[host.name] ?? FixPlan([]), on: host)
        }
        return outcomes.compactMap { outcome in
            switch outcome.result {
            case .success(let isDone): return isDone ? nil : .failed
            case .failure(let error):
                console.error(error.text)
                return error.kind
            }
        }
    }

    private func perform(_ plan: FixPlan, on host: Host) async throws(AuditError) -> Bool {
        let result: CommandResult
        do throws(RemoteError) {
            let session = try await connections.host(host.name)
            result = try await session.run(
                .script(plan.steps.compactMap(\.word), as: .root),
                input: .bytes(RemoteScripts.auditFix),
                options: RunOptions(deadline: Self.deadline))
        } catch {
            throw .remote(error)
        }
        let lines = result.output.split(separator: UInt8(ascii: "\n")).map {
            DisplayText.printable(String(decoding: $0, as: UTF8.self))
        }
        guard result.succeeded, lines.last == "end" else {
            throw .script(host: host.name.text, result)
        }
        let failed = lines.filter { $0.hasPrefix("failed ") }
        for line in failed { console.error("\(host.name.text): \(line)") }
        return failed.isEmpty
    }
}
