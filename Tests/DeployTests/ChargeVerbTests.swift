import Foundation
import LabSupport
import TestSupport
import Testing

/// `fleetctl charge …` and a stand-in for the monitor on the Pi, as a real service with a /tmp of
/// its own and a user that is not root.
@Suite(.lab, .faultsLab, .serialized, .timeLimit(.minutes(5))) struct ChargeVerbTests {
    /// Obeys the files four times a second; with `mute` it has no status file.
    private static let standIn = """
        import os, sys, time
        CHARGE, STOP = "/tmp/pigenny_force_charge", "/tmp/pigenny_force_stop"
        while True:
            if os.path.exists(STOP):
                os.unlink(STOP)
                print("stopping by file", flush=True)
            on = os.path.exists(CHARGE)
            owner = os.stat(CHARGE).st_uid == os.getuid() if on else ""
            if sys.argv[1] != "mute":
                with open("/run/pigenny-monitor/status.new", "w") as f:
                    f.write("state=%s\\ndecision_text=by \\x1b[2Jhand\\nmanual=%s\\nowner=%s\\n" % (
                        "RUNNING" if on else "IDLE", "on" if on else "off", owner))
                os.rename("/run/pigenny-monitor/status.new", "/run/pigenny-monitor/status")
            time.sleep(0.25)

        """

    private struct Desk {
        let lab: Lab
        let site: Site

        @discardableResult
        func charge(
            _ expected: Int, _ arguments: String...,
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws -> Site.Run {
            let run = try await site.fleetctl(["charge"] + arguments)
            #expect(run.status == expected, "\(arguments) \(run)", sourceLocation: sourceLocation)
            return run
        }
    }

    private static func with(
        _ kind: String = "whole", _ body: @Sendable (Desk) async throws -> Void
    ) async throws {
        let lab = try Lab.required()
        let site = try Site.pi(lab)
        try site.services(
            """
            pigenny-monitor:
              host: pi
              product: pigenny-monitor
              args: [--poll, 5]
              user: pi
              health:
                - steady: 1s

            """)
        try await lab.sh("pi", "cat >/srv/monitor.py", input: standIn)
        try await lab.sh("pi", "rm -rf /var/log/fleet")
        let run = try await lab.sh(
            "pi",
            "systemd-run -q --collect --unit pigenny-monitor -p User=pi -p PrivateTmp=yes "
                + "-p RuntimeDirectory=pigenny-monitor /usr/bin/python3 /srv/monitor.py \(kind)"
        )
        try #require(run.status == 0, "\(run.output)")
        let outcome = await outcome {
            if kind != "mute" {
                try await waitUntil("the stand-in is up", deadline: .seconds(20)) {
                    try await lab.sh("pi", "test -f /run/pigenny-monitor/status").status == 0
                }
            }
            try await body(Desk(lab: lab, site: site))
        }
        try await lab.sh("pi", "systemctl stop pigenny-monitor; systemctl reset-failed")
        try outcome.get()
    }

    @Test func onAndOffReachTheMonitorWhereItLooks() async throws {
        try await Self.with { desk in
            let unasked = try await desk.charge(64, "on")
            #expect(unasked.talk.contains("write /tmp/pigenny_force_charge"), "\(unasked)")
            #expect(unasked.talk.contains("say --yes"))
            #expect(try await desk.charge(0, "status").output.contains("manual      off\n"))

            let on = try await desk.charge(0, "on", "--yes")
            let line = "pi: pigenny-monitor: written; the monitor has taken notice\n"
            #expect(on.output.hasPrefix(line), "\(on)")
            #expect(on.output.contains("owner       True\n"))
            #expect(!on.output.contains("\u{1B}"))
            // Not in the host's own /tmp.
            #expect(try await desk.lab.sh("pi", "ls /tmp/pigenny_force_charge").status != 0)
            #expect(try await desk.charge(0, "on").output.contains("nothing was done"))

            let off = try await desk.charge(0, "off", "--yes", "-o", "json")
            #expect(try off.json()["outcome"] as? String == "noticed")
            let said = try off.json()["monitor"] as? [String: String]
            #expect(said?["state"] == "IDLE")
            #expect(try await desk.charge(0, "off").output.contains("nothing was done"))

            let audit = try await desk.lab.sh("pi", "cat /var/log/fleet/audit.jsonl").output
            let lines = audit.split(separator: "\n")
            #expect(lines.count == 2 && lines.allSatisfy { $0.hasSuffix("}") })
            #expect(audit.contains("\"charge\":\"on\"") && audit.contains("\"charge\":\"off\""))
        }
    }

    @Test func aStopIsActedUponOnce() async throws {
        try await Self.with { desk in
            let stop = try await desk.charge(0, "force-stop", "--yes")
            #expect(stop.output.contains("written; the monitor has taken notice"), "\(stop)")
            let log = try await desk.lab.sh("pi", "journalctl -q -u pigenny-monitor").output
            #expect(log.components(separatedBy: "stopping by file").count == 2)
        }
    }

    @Test func aMonitorThatDoesNotNoticeIsTold() async throws {
        try await Self.with { desk in
            try await desk.lab.sh("pi", "systemctl kill -s STOP pigenny-monitor")
            let run = try await desk.charge(1, "force-stop", "--yes", "--wait", "2s")
            #expect(run.talk.contains("has not taken notice within 2s"), "\(run)")
            let status = try await desk.charge(0, "status", "-o", "json")
            #expect(try status.json()["force_stop"] as? Bool == true)
            let waiting = try desk.site.running("charge", "on", "--yes", "--wait", "60s")
            try await waiting.says("write /tmp/pigenny_force_charge")
            try await waitUntil("the file is there", deadline: .seconds(20)) {
                try await desk.site.fleetctl("charge", "status").output.contains("asked for by")
            }
            waiting.interrupt()
            #expect(try await waiting.end(deadline: .seconds(20)) == 130, "\(waiting.talk)")
            #expect(waiting.talk.contains("the file is written; the monitor goes by it"))
            try await desk.lab.sh("pi", "systemctl kill -s CONT pigenny-monitor")
        }
    }

    @Test func aMonitorWithoutAStatusFileIsWrittenFor() async throws {
        try await Self.with("mute") { desk in
            let on = try await desk.charge(0, "on", "--yes")
            #expect(on.output.contains("written; the monitor has no status file"), "\(on)")
        }
    }

    @Test func nothingIsWrittenForNobody() async throws {
        try await Self.with { desk in
            try await desk.lab.sh("pi", "systemctl stop pigenny-monitor")
            for verb in ["on", "off", "force-stop"] {
                let run = try await desk.charge(1, verb, "--yes")
                #expect(run.talk.contains("is inactive (dead): nobody would act"), "\(run)")
            }
            let status = try await desk.charge(5, "status")
            #expect(status.output == "pi: pigenny-monitor is inactive (dead)\n")
            let misspelt = try await desk.charge(64, "status", "--service", "pigeny-monitor")
            #expect(misspelt.talk.contains("did you mean 'pigenny-monitor'?"))
            try await desk.charge(64, "on", "--wait", "soon")
        }
    }
}
