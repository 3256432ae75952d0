import Foundation
import Testing

@testable import UnitLint

@Suite struct SuppressionTests {
    static func findings(_ service: String, top: String = "") throws -> [LintFinding] {
        let text = top + Samples.with(["Service": service])
        return Samples.findings([try Samples.unit("a.service", text)])
    }

    @Test func aCommentWithAReasonAllowsTheLineBelow() throws {
        #expect(try Self.findings("KillMode=none").map(\.rule) == ["kill-mode-escapes"])
        #expect(
            try Self.findings(
                "Type=simple\n# lint: allow kill-mode-escapes: children live on\nKillMode=none")
                == [])
        // Another line is not meant.
        let other = try Self.findings(
            "Type=simple\n# lint: allow kill-mode-escapes: yes\nOOMPolicy=stop\nKillMode=none")
        #expect(Set(other.map(\.rule)) == ["kill-mode-escapes", "unused-suppression"])
    }

    @Test func aCommentBelowAHeadingIsForTheSectionAndOneOnTopForTheFile() throws {
        #expect(
            try Self.findings("# lint: allow kill-mode-escapes: x\nType=simple\nKillMode=none")
                == [])
        #expect(
            try Self.findings(
                "Type=simple\nKillMode=none", top: "# lint: allow kill-mode-escapes: x\n") == [])
    }

    @Test func aReasonIsOwed() throws {
        for comment in ["# lint: allow kill-mode-escapes", "; lint: allow kill-mode-escapes: "] {
            let rules = try Self.findings("\(comment)\nKillMode=none").map(\.rule)
            #expect(rules == ["suppression-without-reason", "kill-mode-escapes"])
        }
    }

    @Test func whatAllowsNothingIsFound() throws {
        let unused = try Self.findings("# lint: allow kill-mode-escapes: x")
        #expect(unused.map(\.rule) == ["unused-suppression"])
        #expect(unused.first?.line == 9)
        let stranger = try Self.findings("# lint: allow kill-mode-escape: x\nKillMode=none")
        #expect(stranger.contains { $0.message.contains("did you mean 'kill-mode-escapes'?") })
    }

    @Test func severalRulesMayBeAllowedAtOnce() throws {
        let line = "ExecStartPre=/bin/sh -c 'pkill x; pkill --password=abc'"
        let both = try Self.findings("Type=simple\n" + line).map(\.rule)
        #expect(both == ["pattern-kill"])
        #expect(
            try Self.findings(
                "# lint: allow pattern-kill, kill-mode-escapes: x\n\(line)\nKillMode=none") == [])
    }

    @Test func otherCommentsMeanNothing() throws {
        for comment in ["# lint:", "# lint: deny x", "# eslint: allow x", "#lint"] {
            #expect(try Self.findings(comment) == [])
        }
    }

    // MARK: Reports

    @Test func sarifHasTheShapeOfItsStandard() throws {
        let findings = try Self.findings("KillMode=none\n# lint: allow nonsense: x")
        let data = try JSONEncoder().encode(Sarif(findings, version: "1.2.3"))
        let top = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(top["version"] as? String == "2.1.0")
        #expect((top["$schema"] as? String)?.contains("sarif-2.1.0") == true)
        let run = try #require((top["runs"] as? [[String: Any]])?.first)
        let tool = try #require(run["tool"] as? [String: Any])
        let driver = try #require(tool["driver"] as? [String: Any])
        let rules = try #require(driver["rules"] as? [[String: Any]])
        let ids = rules.compactMap { $0["id"] as? String }
        #expect(Set(ids).count == rules.count)
        for rule in rules {
            let configuration = rule["defaultConfiguration"] as? [String: Any]
            let level = try #require(configuration?["level"] as? String)
            #expect(["error", "warning", "note", "none"].contains(level))
            for key in ["shortDescription", "fullDescription", "help"] {
                #expect((rule[key] as? [String: Any])?["text"] as? String != nil)
            }
        }
        let results = try #require(run["results"] as? [[String: Any]])
        #expect(results.count == findings.count && results.count == 2)
        for (result, finding) in zip(results, findings) {
            let index = try #require(result["ruleIndex"] as? Int)
            #expect(ids[index] == result["ruleId"] as? String)
            #expect(result["ruleId"] as? String == finding.rule)
            let location = (result["locations"] as? [[String: Any]])?.first
            let physical = try #require(location?["physicalLocation"] as? [String: Any])
            let artifact = physical["artifactLocation"] as? [String: Any]
            #expect(artifact?["uri"] as? String == "file:///etc/systemd/system/a.service")
            #expect((physical["region"] as? [String: Any])?["startLine"] as? Int == finding.line)
        }
    }

    @Test func theReportSaysWhyAndWhatToDo() throws {
        let report = LintReport(try Self.findings("KillMode=none"))
        let entry = try #require(report.findings.first)
        #expect(entry.rule == "kill-mode-escapes" && entry.severity == "error" && entry.line == 9)
        #expect(entry.source == "systemd.kill(5), KillMode=")
    }
}
