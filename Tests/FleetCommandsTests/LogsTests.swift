import Foundation
import Inventory
import Testing

@testable import FleetCommands

/// What `fleetctl logs` takes and makes of lines.
@Suite struct LogsTests {
    static let times: [(String, String?)] = [
        ("10m", "-600"), ("2h", "-7200"), ("1h30m", "-5400"), ("3d", "-259200"),
        ("today", "today"), ("2026-01-31", "2026-01-31 00:00:00"),
        ("2026-01-31 12:00", "2026-01-31 12:00:00"),
        ("2026-01-31T12:00:07", "2026-01-31 12:00:07"), ("2024-02-29", "2024-02-29 00:00:00"),
        ("2026-02-29", nil), ("2026-13-01", nil), ("2026-1-1", nil), ("2026-01-31 24:00", nil),
        ("2026-01-31 12", nil), ("", nil), ("0s", nil), ("-10m", nil), ("d", nil), ("+1d", nil),
        ("9999d", nil), ("10", nil), ("now", nil), ("2026-01-31 12:00; reboot", nil),
        ("$(reboot)", nil),
    ]

    @Test(arguments: times)
    func aTimeIsUnderstoodOrRefused(text: String, argument: String?) {
        #expect(LogSince(text)?.argument == argument)
    }

    @Test func prioritiesHaveNamesAndNumbers() {
        #expect(LogPriority(argument: "3") == .err)
        #expect(LogPriority(argument: "warning") == .warning)
        #expect(LogPriority(argument: "8") == nil && LogPriority(argument: "-1") == nil)
        #expect(LogPriority(argument: "loud") == nil)
    }

    private func entry(_ line: String, _ initSystem: Inventory.Host.InitSystem) throws -> LogEntry {
        var host = Inventory.Host(
            name: try #require(HostName("pi")), address: "192.0.2.1", user: "pi",
            architecture: .arm64)
        host.initSystem = initSystem
        let source = LogSource(host: host, service: try #require(ServiceName("monitor")))
        return LogEntry(Array(line.utf8)[...], of: source)
    }

    @Test func theJournalsEntriesKeepTheirOwnFields() throws {
        let line = """
            {"MESSAGE":[104,105,27],"PRIORITY":"4","__REALTIME_TIMESTAMP":"1769860800000042",\
            "_PID":"7","__CURSOR":"x","SYSLOG_IDENTIFIER":"m","FLEET_STATE":"RUNNING"}
            """
        let entry = try entry(line, .systemd)
        #expect(entry.message == "hi\u{1B}")
        #expect(entry.priority == 4)
        #expect(entry.time == "2026-01-31T12:00:00.000042Z")
        #expect(entry.fields == ["FLEET_STATE": "RUNNING"])
        #expect(!entry.json.contains("\u{1B}") && entry.json.contains("\\u001b"))
        #expect(try self.entry("{\"MESSAGE\":", .systemd).message.contains("not shown"))
        #expect(try self.entry("{}", .systemd).message == "")
    }

    @Test func aLineOfTheSupervisorsHasItsTime() throws {
        let stamped = try entry("2026-01-31T12:00:00Z starting", .rcLocal)
        #expect(stamped.time == "2026-01-31T12:00:00Z" && stamped.message == "starting")
        let plain = try entry("supervise m: process 7 started", .rcLocal)
        #expect(plain.time == nil && plain.message == "supervise m: process 7 started")
    }
}

/// What `fleetctl charge` makes of what the host says.
@Suite struct ChargeTests {
    private func facts(_ text: String) -> MonitorFacts { MonitorFacts(parsing: Array(text.utf8)) }

    @Test func factsAreReadAndCleaned() {
        let facts = facts(
            "state=active\ndone=written\ncharge_file=yes\nstop_file=no\nstatus_file=yes\n"
                + "status state=RUNNING\nstatus decision=a=b \u{1B}[2J\nnonsense\n")
        #expect(facts.isActive && facts.chargeFile && !facts.stopFile)
        #expect(facts["state"] == "RUNNING")
        #expect(facts["decision"]?.hasPrefix("a=b ") == true)
        #expect(facts["decision"]?.contains("\u{1B}") == false)
        #expect(self.facts("").state == "unknown")
    }

    @Test func noticeIsTakenOnlyWhereTheMonitorSaysSo() {
        let on = facts("state=active\nstop_file=no\nstatus_file=yes\nstatus manual=on\n")
        let off = facts("state=active\nstop_file=yes\nstatus_file=yes\nstatus manual=off\n")
        let silent = facts("state=active\nstop_file=no\nstatus_file=no\n")
        let table: [(ChargeAction, MonitorFacts, Bool?)] = [
            (.on, on, true), (.on, off, false), (.on, silent, nil), (.off, on, false),
            (.off, off, true), (.off, silent, nil), (.forceStop, on, true),
            (.forceStop, off, false), (.forceStop, silent, true),
        ]
        for (action, facts, noticed) in table {
            #expect(ChargeVerb.noticed(action, facts) == noticed, "\(action)")
        }
    }

    @Test func optionsAreFoundBothWays() {
        #expect(Arguments.value(of: "--poll", in: ["--x", "--poll", "5"]) == "5")
        #expect(Arguments.value(of: "--poll", in: ["--poll=7"]) == "7")
        #expect(Arguments.value(of: "--poll", in: ["--polling", "5", "--poll"]) == nil)
    }
}
