import Testing

@testable import UnitLint

/// Each rule with units that it finds fault with and units that it does not.
@Suite struct RuleTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var rule: String
        /// What is added to the clean unit, by section.
        var bad: [String: String]
        var good: [String: String]
        var without: [String] = []
        /// The line that the finding is at; nil where it does not matter here.
        var line: Int?
        var testDescription: String { "\(rule): \(bad)" }
    }

    static let rows: [Row] = [
        Row(
            rule: "pattern-kill",
            bad: ["Service": "ExecStopPost=+/bin/sh -c 'pkill -9 -f \"x.py\" || true'"],
            good: ["Service": "ExecStopPost=-/usr/bin/kill -HUP $MAINPID"], line: 9),
        Row(
            rule: "pattern-kill", bad: ["Service": "ExecStartPre=-/usr/bin/killall -q clean"],
            good: ["Service": "ExecStartPre=/usr/bin/fuser -v 80/tcp"]),
        Row(
            rule: "pattern-kill", bad: ["Service": "ExecStartPre=/bin/fuser -k 80/tcp"],
            good: ["Service": "ExecStartPre=/usr/bin/port-guard --port 6053"]),
        Row(
            rule: "pattern-kill", bad: ["Service": "ExecStop=/bin/sh -c 'kill $(pidof clean)'"],
            good: ["Service": "ExecStop=/bin/sh -c 'kill $MAINPID'"]),
        Row(
            rule: "kill-mode-escapes", bad: ["Service": "KillMode=none"],
            good: ["Service": "KillMode=none\nKillMode=mixed"], line: 9),
        Row(
            rule: "conflicts-without-order", bad: ["Unit": "Conflicts=old.service"],
            good: ["Unit": "Conflicts=old.service shutdown.target\nAfter=old.service"], line: 2),
        Row(
            rule: "start-limit-section", bad: ["Service": "StartLimitBurst=3"],
            good: ["Unit": "StartLimitBurst=3"], line: 9),
        Row(
            rule: "start-limit-never-trips", bad: ["Service": "RestartSec=60"],
            good: ["Service": "RestartSec=2"], without: ["RestartSec"]),
        // The last of ten starts, 30 s apart, is at the very end of 300 s: that is too late.
        Row(
            rule: "start-limit-never-trips", bad: ["Service": "RestartSec=30"],
            good: ["Service": "RestartSec=29"], without: ["RestartSec"]),
        Row(
            rule: "start-limit-never-trips", bad: ["Service": "RestartSec=10"],
            good: [:], without: ["RestartSec", "StartLimitIntervalSec", "StartLimitBurst"]),
        Row(
            rule: "start-limit-never-trips", bad: ["Unit": "StartLimitIntervalSec=10"],
            good: ["Unit": "StartLimitIntervalSec=infinity"], without: ["StartLimitIntervalSec"]),
        Row(
            rule: "restart-unlimited", bad: ["Unit": "StartLimitIntervalSec=0"],
            good: ["Unit": "StartLimitIntervalSec=120"], without: ["StartLimitIntervalSec"]),
        Row(
            rule: "restart-missing", bad: [:], good: ["Service": "Restart=always"],
            without: ["Restart"]),
        Row(
            rule: "restart-missing", bad: ["Service": "Restart=no"],
            good: ["Service": "Restart=no\nType=oneshot"], without: ["Restart"]),
        Row(
            rule: "restart-missing", bad: ["Service": "RemainAfterExit=no"],
            good: ["Service": "RemainAfterExit=yes"], without: ["Restart"]),
        Row(
            rule: "watchdog-without-notify", bad: ["Service": "WatchdogSec=30\nType=exec"],
            good: ["Service": "WatchdogSec=30\nType=dbus\nBusName=a.b"]),
        Row(
            rule: "root-without-need", bad: [:], good: ["Service": "DynamicUser=yes"],
            without: ["User"]),
        Row(
            rule: "root-without-need", bad: ["Service": "User=root"],
            good: ["Service": "User=root\nCapabilityBoundingSet="], without: ["User"], line: 9),
        Row(
            rule: "root-without-need", bad: ["Service": "StandardInput=null"],
            good: ["Service": "StandardInput=tty-force"], without: ["User"]),
        Row(
            rule: "root-without-need", bad: ["Service": "Type=exec"],
            good: ["Service": "Type=oneshot"], without: ["User"]),
        Row(
            rule: "restart-missing", bad: ["Service": "StandardInput=socket"],
            good: ["Service": "StandardInput=tty"], without: ["Restart"]),
        Row(
            rule: "notify-without-watchdog", bad: ["Service": "Type=notify"],
            good: ["Service": "Type=notify\nWatchdogSec=30"]),
        Row(
            rule: "watchdog-without-notify", bad: ["Service": "WatchdogSec=30"],
            good: ["Service": "WatchdogSec=30\nNotifyAccess=main"]),
        Row(
            rule: "shell-line", bad: ["Service": "ExecStart=/bin/sh -c 'cd /x && ./run'"],
            good: ["Service": "ExecStart=/bin/sh -ec 'cd /x; exec ./run'"], without: ["ExecStart"]),
        Row(
            rule: "network-online-not-wanted", bad: ["Unit": "After=network-online.target"],
            good: ["Unit": "After=network-online.target\nWants=network-online.target"], line: 2),
        Row(
            rule: "secret-in-unit", bad: ["Service": "Environment=\"A=1\" MQTT_PASSWORD=hunter2"],
            good: ["Service": "Environment=MQTT_PASSWORD_FILE=/etc/x MQTT_PASSWORD=%d/x"], line: 9),
        Row(
            rule: "secret-in-unit", bad: ["Service": "ExecStart=/usr/bin/clean --api-key abc"],
            good: ["Service": "ExecStart=/usr/bin/clean --api-key /etc/clean.key --pass"],
            without: ["ExecStart"]),
        Row(
            rule: "secret-in-unit", bad: ["Service": "ExecReload=/usr/bin/clean --password x%m"],
            good: ["Service": "ExecReload=/usr/bin/clean --password %m"]),
        Row(
            rule: "secret-in-unit", bad: ["Service": "SetCredential=a:b"],
            good: ["Service": "LoadCredential=a:/etc/a"]),
        Row(
            rule: "unknown-setting", bad: ["Service": "Restrat=always"],
            good: ["Service": "X-Restrat=always"], line: 9),
        Row(
            rule: "unknown-setting", bad: ["Unit": "MemoryMax=1M"],
            good: ["Service": "MemoryMax=1M"], line: 2),
        Row(
            rule: "unknown-setting", bad: ["Install": "no equals"], good: ["Install": "# =no"],
            line: 15),
        Row(
            rule: "exec-invalid", bad: ["Service": "ExecStartPre=./relative/x"],
            good: ["Service": "ExecStartPre=-/absolute/x"], line: 9),
        Row(
            rule: "exec-invalid", bad: ["Service": "ExecReload=/bin/kill 'x"],
            good: ["Service": "ExecReload=/bin/kill 'x'"]),
        Row(
            rule: "exec-invalid", bad: ["Service": "ExecReload=/bin/date +%Y-%e"],
            good: ["Service": "ExecReload=/bin/date +%%Y-%%e 5%"]),
        Row(
            rule: "exec-invalid", bad: ["Service": "ExecReload=@/bin/x"],
            good: ["Service": "ExecReload=@command@"]),
        Row(
            rule: "documentation-missing", bad: [:], good: ["Unit": "Documentation=man:x(1)"],
            without: ["Documentation"]),
    ]

    @Test func theCleanUnitIsClean() throws {
        #expect(Samples.findings([try Samples.unit("clean.service", Samples.clean)]) == [])
    }

    @Test(arguments: rows) func aRuleFindsTheBadAndNotTheGood(row: Row) throws {
        let bad = Samples.with(row.bad, without: row.without)
        let hits = Samples.findings([try Samples.unit("clean.service", bad)])
            .filter { $0.rule == row.rule }
        #expect(hits.count == 1, "\(bad)")
        if let line = row.line { #expect(hits.first?.line == line) }
        let good = Samples.with(row.good, without: row.without)
        let others = Samples.findings([try Samples.unit("clean.service", good)])
        #expect(others.filter { $0.rule == row.rule } == [], "\(good)")
    }

    /// Each rule has a row with a unit that fails it and one that passes.
    @Test func everyRuleIsTriedAndSaysWhy() {
        let tried = Set(Self.rows.map(\.rule) + HostRuleTests.rows.map(\.rule))
        #expect(Set(LintRule.all.map(\.name)) == tried)
        #expect(Set(LintRule.all.map(\.name)).count == LintRule.all.count)
        for rule in LintRule.all {
            #expect(!rule.explanation.isEmpty && !rule.source.isEmpty && !rule.fix.isEmpty)
            #expect(rule.explanation.hasSuffix("."), "\(rule.name)")
            #expect(!rule.fix.hasSuffix("."), "\(rule.name)")
        }
    }

    @Test func namesThatAreMeantAreSuggested() throws {
        let text = Samples.with(["Service": "Restrat=always"]) + "[Servce]\nA=1\n"
        let messages = Samples.findings([try Samples.unit("a.service", text)]).map(\.message)
        #expect(messages.contains { $0.contains("did you mean 'Restart'?") })
        #expect(messages.contains { $0.contains("did you mean 'Service'?") })
    }
}
