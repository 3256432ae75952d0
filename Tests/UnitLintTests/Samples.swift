import Inventory
import Testing
import UnitFile

@testable import UnitLint

/// Units for the linter's tests.
enum Samples {
    /// A service that no rule finds fault with.
    static let clean = """
        [Unit]
        Description=A clean one
        Documentation=man:clean(8)
        After=network.target
        StartLimitIntervalSec=300
        StartLimitBurst=10

        [Service]
        ExecStart=/usr/bin/clean
        User=clean
        Restart=on-failure
        RestartSec=5

        [Install]
        WantedBy=multi-user.target

        """

    /// The clean one with lines added to a section, and lines of it replaced.
    static func with(_ additions: [String: String], without: [String] = []) -> String {
        var text = clean
        for key in without {
            text = text.split(separator: "\n", omittingEmptySubsequences: false)
                .filter { !$0.hasPrefix(key + "=") }.joined(separator: "\n")
        }
        for (section, lines) in additions {
            text = text.replacing("[\(section)]\n", with: "[\(section)]\n\(lines)\n")
        }
        return text
    }

    static func unit(
        _ name: String, _ text: String, _ enablement: LintUnit.Enablement = .unknown,
        declared: LintUnit.Declaration? = nil
    ) throws -> LintUnit {
        let file = try UnitFile(reading: Array(text.utf8))
        return LintUnit(
            EffectiveUnit(
                name: try #require(UnitName(name)),
                sources: [.init(path: "/etc/systemd/system/\(name)", file: file)]),
            enablement: enablement, declared: declared)
    }

    static func findings(_ units: [LintUnit], paths: [String: Bool] = [:]) -> [LintFinding] {
        UnitLinter.findings(in: LintContext(units: units, paths: paths))
    }
}
