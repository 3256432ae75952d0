import Foundation
import LabSupport
import TestSupport
import Testing

/// The gate from end to end on the Pi: what is deployed and what is not, beside a server that is
/// idle, busy, held, silent or old.
@Suite(.lab, .faultsLab, .serialized, .timeLimit(.minutes(10))) struct GateDeployTests {
    /// What a refused deploy must leave: the very process, its relays, and no remains.
    private static func expectRefused(
        _ site: GatedSite, _ reason: String, _ flags: [String] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let before = try await site.process()
        let run = try await site.change(75, flags, sourceLocation: sourceLocation)
        #expect(try run.host("pi")["outcome"] as? String == "deferred")
        let error = try run.host("pi")["error"] as? String ?? ""
        #expect(error.contains(reason), "\(error)", sourceLocation: sourceLocation)
        #expect(try await site.process() == before, sourceLocation: sourceLocation)
        let left = try await site.lab.sh("pi", "ls /opt/fleet/.staging /run/fleet/lock 2>/dev/null")
        #expect(left.output.trimmed.replacing("/opt/fleet/.staging:", with: "").isEmpty)
    }

    @Test func anIdleServerIsHeldRestartedAndFreeAgain() async throws {
        try await GatedSite.with(.own) { site in
            let old = try await site.process()
            let run = try await site.change(0)
            #expect(try await site.process() != old)
            let gaps = try #require(
                try run.host("pi")["uncontrolledSeconds"] as? [String: Double])
            let gap = try #require(gaps["gen-server"])
            #expect((0...1.0).contains(gap), "nobody controlled the relays for \(gap) s")
            #expect(run.talk.contains("nobody controlled the relays for "), "\(run.talk)")
            print("uncontrolled on a systemd host: \(gap) s")
            let audit = try await site.lab.sh("pi", "tail -n 1 /var/log/fleet/audit.jsonl").output
            #expect(audit.contains("\"uncontrolled_ms\":{\"gen-server\":"), "\(audit)")
            #expect(try await site.status("hold") == "none")
            #expect(try await site.status("state") == "OFF")
        }
    }

    @Test func aRunningServerIsLeftAloneUnlessItIsStoppedFirst() async throws {
        try await GatedSite.with(.own) { site in
            _ = try await site.ask("START")
            try await Self.expectRefused(site, "the engine runs")
            try await Self.expectRefused(site, "the engine runs", ["--wait=2s"])
            #expect(try await site.status("state") == "CHARGING")
            let log = try await site.log()
            let run = try await site.change(0, ["--stop-first"])
            #expect(run.talk.contains("stopping the generator first: charging"), "\(run.talk)")
            // With its cooldown, in the log of the old server.
            let after = try await site.log()
            #expect(after.dropFirst(log.count).contains("COOLING_DOWN"), "\(after)")
        }
    }

    @Test func whoWaitsIsLetThroughWhenTheGeneratorHasStopped() async throws {
        try await GatedSite.with(.own) { site in
            _ = try await site.ask("START")
            try site.touch()
            let deploy = try site.site.running("deploy", "--yes", "--wait=1m")
            try await deploy.says("waiting for the generator, ")
            #expect(deploy.talk.contains("the engine runs"))
            _ = try await site.ask("STOP")
            #expect(try await deploy.end() == 0, "\(deploy.talk)")
        }
    }

    @Test func aHoldOfSomebodyElseIsNamedAndOursIsKept() async throws {
        try await GatedSite.with(.own) { site in
            _ = try await site.ask("HOLD you@there 300 oil change")
            try await Self.expectRefused(site, "held by you@there for ")
            _ = try await site.ask("RELEASE you@there")
            let hold = try await site.site.fleetctl(
                "generator", "hold", "--for", "30m", "--reason", "at the engine")
            try #require(hold.status == 0, "\(hold)")
            try await site.change(0)
            let held = try await site.status("hold") ?? ""
            #expect(held.hasSuffix(" at the engine"), "\(held)")
            #expect(Int(held.split(separator: " ").dropFirst().first ?? "") ?? 0 > 1_500)
        }
    }

    @Test func aServerThatDoesNotAnswerIsUnknownAndForceIsRecorded() async throws {
        try await GatedSite.with(.own) { site in
            try await site.lab.sh("pi", "systemctl kill -s STOP gen-server")
            try await Self.expectRefused(site, "unknown counts as running")
            try await site.lab.sh("pi", "systemctl kill -s CONT gen-server")
            _ = try await site.ask("START")
            let bare = try await site.change(64, ["--force"])
            #expect(bare.talk.contains("--force needs --reason"))
            let run = try await site.change(0, ["--force", "--reason", "fire in the shed"])
            #expect(run.talk.contains("switches the generator off even if it runs"))
            #expect(run.talk.contains("restarted although its gate is closed: the engine runs"))
            let audit = try await site.lab.sh("pi", "tail -n 1 /var/log/fleet/audit.jsonl").output
            #expect(audit.contains("\"forced\":\"fire in the shed\""), "\(audit)")
            #expect(try await site.status("state") == "OFF")
        }
    }

    @Test func aReleaseThatIsNotWellIsTakenBackAndTheGeneratorFree() async throws {
        try await GatedSite.with(.own) { site in
            let release = try await site.lab.sh("pi", "readlink /opt/fleet/gen-server/current")
            try site.services(check: "[\"false\"]")
            try await site.change(4)
            let now = try await site.lab.sh("pi", "readlink /opt/fleet/gen-server/current")
            #expect(now.output == release.output)
            #expect(try await site.status("hold") == "none")
        }
    }

    @Test func aUnitAloneIsRestartedBehindTheSameGate() async throws {
        try await GatedSite.with(.own) { site in
            try site.site.folder.write(
                "Units/gen-server.service",
                Programs.unit.replacing("Restart=no", with: "Restart=no\nRestartSec=9"))
            let old = try await site.process()
            _ = try await site.ask("START")
            let install = ["units", "install", "--yes", "--restart", "-o", "json"]
            let refused = try await site.site.fleetctl(install)
            #expect(refused.status == 75, "\(refused)")
            #expect(try await site.process() == old)
            let run = try await site.site.fleetctl(install + ["--stop-first"])
            #expect(run.status == 0, "\(run)")
            #expect(try await site.process() != old)
            #expect(try run.host("pi")["uncontrolledSeconds"] != nil, "\(run)")
        }
    }

    @Test func theShortWayDeploysAnotherProgram() async throws {
        try await GatedSite.with(.own) { site in
            let old = try await site.process()
            let folder = site.site.folder.path + "/server"
            let run = try await site.site.fleetctl(
                "generator", "update", "--source", folder, "--yes", "-o", "json")
            #expect(run.status == 0, "\(run)")
            #expect(try run.host("pi")["outcome"] as? String == "unchanged")
            try site.touch()
            let again = try await site.site.fleetctl(
                "generator", "update", "--source", folder, "--yes", "-o", "json")
            #expect(again.status == 0, "\(again)")
            #expect(try await site.process() != old)
        }
    }

    // MARK: The legacy server

    @Test func anIdleLegacyServerIsReplacedAndItsStarterRunsAgain() async throws {
        try await GatedSite.with(.legacy) { site in
            let old = try await site.process()
            try await site.withStarter { starter in
                let before = try await starter()
                let run = try await site.change(0)
                #expect(try await site.process() != old)
                #expect(run.talk.contains("monitor is stopped for the restart"), "\(run.talk)")
                #expect(run.talk.contains("monitor runs again"), "\(run.talk)")
                #expect(try await starter() != before)
                let alarm = try await site.lab.sh(
                    "pi", "systemctl list-timers --all --no-legend 'fleet-resume-*'")
                #expect(alarm.output.trimmed.isEmpty)
            }
            let gaps = try await site.lab.sh(
                "pi", "grep -o 'uncontrolled_ms.*' /var/log/fleet/audit.jsonl"
            ).output
            print("uncontrolled, legacy server: \(gaps.trimmed)")
        }
    }

    @Test func ourServerTakesTheLegacyServersPlace() async throws {
        try await GatedSite.with(.legacy) { legacy in
            let site = try await legacy.with(.own)
            let run = try await site.change(0)
            #expect(run.talk.contains("monitor is stopped for the restart"), "\(run.talk)")
            #expect(try await site.status("state") == "OFF")
            #expect(try await site.status("hold") == "none")
            // Held from its first answer on, while it was looked whether it is well.
            #expect(try await site.log().contains("STOPPING -> OFF"))
        }
    }

    /// The new server is well enough to be started by somebody, and then fails its check: to undo
    /// that would switch a generator off.
    @Test func whatWasStartedMeanwhileIsNotStoppedByTheUndo() async throws {
        try await GatedSite.with(.legacy) { site in
            let start = "exec 3<>/dev/tcp/127.0.0.1/9999; echo START >&3; sleep 0.3; exit 1"
            try site.services(check: "[bash, -c, \"\(start)\"]")
            let run = try await site.change(1)
            let error = try run.host("pi")["error"] as? String ?? ""
            #expect(error.contains("gen-server was not touched again: a start is in"), "\(error)")
            try await waitUntil("the generator charges") {
                try await site.status("relays") == "IGN+CHARGER (0x0A)"
            }
            // The watch has it for an instant every two seconds.
            try await waitUntil("nobody has the host's lock") {
                try await site.lab.sh("pi", "ls /run/fleet/lock").status != 0
            }
        }
    }

    @Test func aBusyLegacyServerGoesOnAndSoDoesItsStarter() async throws {
        try await GatedSite.with(.legacy) { site in
            try await site.withStarter { starter in
                let before = try await starter()
                // Of the servers before this one.
                let earlier = try await site.log().count
                try await site.lab.sh(
                    "pi", "{ (echo START; sleep 7) | busybox nc 127.0.0.1 9999; } >/dev/null 2>&1 &"
                )
                try await waitUntil("it starts") {
                    try await site.status("start_in_progress") == "YES"
                }
                try await Self.expectRefused(site, "a start is in progress")
                try await waitUntil("it runs") {
                    try await site.status("relays") == "IGN+CHARGER (0x0A)"
                }
                try await Self.expectRefused(site, "the engine runs")
                #expect(try await starter() == before)
                let log = try await site.log().dropFirst(earlier)
                #expect(log.contains("relays 0A") && !log.contains("relays 00"), "\(log)")
                #expect(try await site.status("relays") == "IGN+CHARGER (0x0A)")
            }
        }
    }

    @Test func aStarterIsStartedByItsOwnHostWhenFleetctlIsKilled() async throws {
        try await GatedSite.with(.legacy) { site in
            try await site.withStarter { starter in
                try site.touch()
                let deploy = try site.site.begin()
                try await deploy.says("monitor is stopped for the restart")
                deploy.kill()
                _ = try await deploy.end()
                let alarm = try await site.lab.sh(
                    "pi", "systemctl show -P ActiveState fleet-resume-monitor.timer")
                #expect(alarm.output.trimmed == "active")
                // Its time has come.
                try await site.lab.sh("pi", "systemctl start fleet-resume-monitor.service")
                try await waitUntil("it runs again") { try await starter() != "0" }
            }
        }
    }
}
