import Audit
import Foundation
import UnitLint

extension ReportPage {
    /// What the audit found, the gravest first.
    func writeFindings(into html: inout HTMLWriter) {
        section(.audit, into: &html) { html in
            let findings = report.findings
            say(report.auditGaps, "could not be looked at", into: &html)
            guard !findings.isEmpty else {
                html.element("p", text: "Nothing found on the hosts that were looked at.")
                return html.line()
            }
            let sorted = [LintSeverity.error, .warning, .note].flatMap { severity in
                findings.filter { $0.severity == severity }
            }
            html.element("ul", .class("list")) { html in
                for finding in sorted.prefix(PageLimit.findings) {
                    html.element("li", .class(Self.level(finding.severity))) { html in
                        write(finding, into: &html)
                    }
                    html.line()
                }
            }
            sayRest(findings.count, PageLimit.findings, "findings", into: &html)
        }
    }

    private static func level(_ severity: LintSeverity) -> String {
        switch severity {
        case .note: "unknown"
        case .warning: "warning"
        case .error: "critical"
        }
    }

    private func write(_ finding: Finding, into html: inout HTMLWriter) {
        html.element(
            "span", .class("level \(Self.level(finding.severity))"),
            text: finding.severity.rawValue.capitalized)
        html.text(" ")
        html.element("span", .class("where"), text: finding.host)
        html.text(": \(finding.what)")
        html.element("div", .class("faint"), text: "\(finding.id) of \(finding.subject)")
        html.element("p", text: finding.why)
        html.element("p") { html in
            html.text("What to do: ")
            html.element("code", text: finding.fix)
        }
        let seen = evidence(finding.evidence)
        guard !seen.isEmpty else { return }
        html.element("details") { html in
            html.element("summary", text: "What it is seen by")
            html.element("dl") { html in
                for (key, value) in seen { html.entry(key, .known(value)) }
            }
        }
    }

    private func evidence(_ evidence: Evidence) -> [(String, String)] {
        let process = evidence.pid.map { pid in
            let user = evidence.user.map { " of \($0)" } ?? ""
            let start = evidence.startTime.map { ", started \(clock.text(Double($0)))" } ?? ""
            return "\(pid)\(user)\(start)"
        }
        let file = evidence.path.map { path in path + (evidence.line.map { ":\($0)" } ?? "") }
        let all = [
            ("process", process), ("command", evidence.command),
            ("executable", evidence.executable), ("control group", evidence.cgroup),
            ("unit", evidence.unit), ("port", evidence.port), ("file", file),
            ("seen", evidence.detail),
        ]
        return all.compactMap { key, value in
            value.flatMap { $0.isEmpty ? nil : (key, $0) }
        }
    }

    /// The releases that the hosts keep.
    func writeReleases(into html: inout HTMLWriter) {
        section(.releases, into: &html) { html in
            let releases = report.releases
            say(report.releaseGaps, "could not list its releases", into: &html)
            guard !releases.isEmpty else {
                html.element("p", text: "None is known.")
                return html.line()
            }
            writeTable(of: releases, into: &html)
            sayRest(releases.count, PageLimit.releases, "releases", into: &html)
        }
    }

    private func writeTable(of releases: [FleetReport.Release], into html: inout HTMLWriter) {
        html.element("div", .class("wide stack")) { html in
            html.element("table", HTMLAttribute("role", "table")) { html in
                html.head(["Host", "Service", "Release", "State", "When", "Who", "Commit"])
                html.element("tbody", HTMLAttribute("role", "rowgroup")) { html in
                    for release in releases.prefix(PageLimit.releases) {
                        html.element("tr", HTMLAttribute("role", "row")) { html in
                            write(release, into: &html)
                        }
                        html.line()
                    }
                }
            }
        }
        html.line()
    }

    private func write(_ release: FleetReport.Release, into html: inout HTMLWriter) {
        html.cell("Host", release.host)
        html.cell("Service", release.service)
        html.cell("Release", release.release)
        html.cell("State", release.state)
        html.cell("When", release.time.map { clock.text($0) } ?? "not known")
        html.cell("Who", release.owner ?? "not known")
        html.cell("Commit", release.commit ?? "not known")
    }
}
