import Audit
import Foundation
import Inventory
import RemoteOps
import Reports
import UnitLint

/// What an audit found, on all hosts: the table and the JSON are made from this.
struct AuditReport: Encodable {
    /// A host, and why it was not looked at.
    struct Row: Encodable {
        var host: String
        var error: String?
    }

    var hosts: [Row]
    var findings: [Finding]
    var accepted: [Baseline.Accepted]
    var failures: [AuditError] = []

    private enum CodingKeys: String, CodingKey { case hosts, findings, accepted }

    init(
        _ outcomes: [HostOutcome<[Finding], AuditError>], _ baseline: Baseline,
        atLeast severity: LintSeverity, today: String
    ) {
        hosts = outcomes.map { outcome in
            Row(
                host: outcome.host.name.text,
                error: outcome.failure.map { $0.text.split(separator: "\n").first.map(String.init) }
                    ?? nil)
        }
        failures = outcomes.compactMap(\.failure)
        let found = outcomes.flatMap { outcome -> [Finding] in
            if case .success(let findings) = outcome.result { findings } else { [] }
        }
        let sorted = baseline.sorted(found.filter { $0.severity >= severity }, today: today)
        findings = sorted.left
        accepted = sorted.accepted
    }

    func show(on console: Console) {
        let count = hosts.filter { $0.error == nil }.count
        let hostText = "\(count) host\(count == 1 ? "" : "s")"
        let more = accepted.isEmpty ? "" : ", \(accepted.count) accepted"
        guard !findings.isEmpty else { return console.say("\(hostText), nothing found\(more)") }
        var table = TextTable("#", "HOST", "SEVERITY", "FINDING", "WHAT")
        for (index, finding) in findings.enumerated() {
            table.add(
                "\(index + 1)", finding.host, finding.severity.rawValue, finding.id, finding.what)
        }
        console.result(table.lines().joined(separator: "\n"))
        for (index, finding) in findings.enumerated() {
            console.result("\n\(index + 1). \(finding.host): \(finding.id)")
            for line in Self.details(finding) { console.result("   " + line) }
        }
        let noun = "finding\(findings.count == 1 ? "" : "s")"
        console.say("\(hostText), \(findings.count) \(noun)\(more)")
    }

    /// What it is seen by, why it matters, and what to do.
    private static func details(_ finding: Finding) -> [String] {
        let evidence = finding.evidence
        var lines: [String] = []
        func add(_ name: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            lines.append("\(name): \(DisplayText.printable(value))")
        }
        if let pid = evidence.pid {
            let user = evidence.user.map { " of \($0)" } ?? ""
            let start = evidence.startTime.map { ", started \(time($0))" } ?? ""
            add("process", "\(pid)\(user)\(start)")
        }
        add("command", evidence.command)
        add("executable", evidence.executable)
        add("cgroup", evidence.cgroup)
        add("unit", evidence.unit)
        add(
            "port",
            evidence.port.map { port in
                port + (evidence.inode.map { ", socket \($0)" } ?? "")
            })
        add("file", evidence.path.map { path in path + (evidence.line.map { ":\($0)" } ?? "") })
        add("seen", evidence.detail)
        add("why", finding.why)
        add("fix", finding.fix)
        return lines
    }

    private static func time(_ seconds: Int) -> String {
        Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
    }
}
