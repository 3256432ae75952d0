import Foundation
import LabSupport
import TestSupport
import Testing

/// The way back goes through the same gate: a rollback that somebody asks for, and the one that the
/// host begins by itself; and whoever was stopped for a deploy runs again, however that ended.
@Suite(.lab, .faultsLab, .serialized, .timeLimit(.minutes(15))) struct GateUndoTests {
    private static let audit = "tail -n 1 /var/log/fleet/audit.jsonl"

    @Test func aRollbackGoesThroughTheSameGate() async throws {
        try await GatedSite.with(.own) { site in
            try await site.change(0)
            _ = try await site.ask("START")
            let old = try await site.process()
            let rollback = ["rollback", "gen-server", "--yes", "-o", "json"]
            for flags in [[], ["--wait=2s"]] {
                let refused = try await site.site.fleetctl(rollback + flags)
                #expect(refused.status == 75, "\(refused)")
                #expect(refused.output.contains("the engine runs"), "\(refused)")
                #expect(try await site.process() == old)
                #expect(try await site.status("state") == "CHARGING")
            }
            let stopped = try await site.site.fleetctl(rollback + ["--stop-first"])
            #expect(stopped.status == 0, "\(stopped)")
            #expect(stopped.talk.contains("stopping the generator first"), "\(stopped)")
            #expect(try await site.process() != old)

            _ = try await site.ask("START")
            let waiting = try site.site.running("rollback", "gen-server", "--yes", "--wait=1m")
            try await waiting.says("waiting for the generator, ")
            _ = try await site.ask("STOP")
            #expect(try await waiting.end() == 0, "\(waiting.talk)")

            _ = try await site.ask("START")
            let forced = try await site.site.fleetctl(
                rollback + ["--force", "--reason", "fire in the shed"])
            #expect(forced.status == 0, "\(forced)")
            let line = try await site.lab.sh("pi", Self.audit).output
            #expect(line.contains("\"action\":\"rollback\""), "\(line)")
            #expect(line.contains("\"forced\":\"fire in the shed\""), "\(line)")
            let history = try await site.site.fleetctl("history", "--host", "pi", "-o", "json")
            #expect(history.output.contains("forced: fire in the shed"), "\(history)")
            #expect(try await site.status("state") == "OFF")
        }
    }

    /// Nobody confirms, and the engine was started meanwhile: to go back would switch it off.
    @Test(arguments: [GatedSite.Kind.own, .legacy])
    func theHostsOwnWayBackWaitsForTheGenerator(kind: GatedSite.Kind) async throws {
        try await GatedSite.with(kind) { site in
            let before = try await site.lab.sh("pi", "readlink /opt/fleet/gen-server/current")
            try await Self.leaveUnconfirmed(site)
            // Whoever holds it may let it go, and so start it.
            if kind == .own { try await Self.release(site) }
            _ = try await site.ask("START")
            try await waitUntil("the way back is put off", deadline: .seconds(30)) {
                try await site.lab.sh("pi", "cat /opt/fleet/.transaction/journal").output
                    .contains("revert deferred: ")
            }
            let process = try await site.process()
            // It looks every two seconds.
            let looks = "journalctl -q -o cat -u fleet-watch.service | grep -c 'gate closed'"
            try await waitUntil("it has looked thrice", deadline: .seconds(30)) {
                Int(try await site.lab.sh("pi", looks).output.trimmed) ?? 0 >= 3
            }
            #expect(try await site.process() == process)
            #expect(try await site.status("relays") == "IGN+CHARGER (0x0A)")
            _ = try await site.ask("STOP")
            try await waitUntil("the host has gone back", deadline: .seconds(60)) {
                try await site.lab.sh("pi", Self.audit).output
                    .contains("\"outcome\":\"reverted: not confirmed within 3 s\"")
            }
            let now = try await site.lab.sh("pi", "readlink /opt/fleet/gen-server/current")
            #expect(now.output == before.output)
            #expect(try await site.process() != process)
            #expect(try await site.status("relays") == "OFF (0x00)")
        }
    }

    /// A deploy whose client is gone when the new server runs.
    private static func leaveUnconfirmed(_ site: GatedSite) async throws {
        let crash = CrashHost(lab: site.lab, name: "pi", kind: .systemd)
        try site.site.folder.write("points.sh", CrashHost.points)
        try await crash.stop(at: "journal switched")
        try site.touch()
        let client = try site.site.running(
            ["deploy", "--yes", "--service", "gen-server", "--confirm-timeout", "3"],
            environment: ["FLEETCTL_TEST_POINTS": site.site.folder.path + "/points.sh"])
        try await waitUntil("the new server runs", deadline: .seconds(30)) {
            try await crash.waiting() != nil
        }
        client.kill()
        _ = try await client.end()
        try await crash.goOn()
    }

    private static func release(_ site: GatedSite) async throws {
        let hold = try #require(try await site.status("hold"))
        let owner = try #require(hold.split(separator: " ").first)
        _ = try await site.ask("RELEASE \(owner)")
    }

    // MARK: Those who were stopped for it

    @Test func aStarterRunsAgainAfterADeployThatFails() async throws {
        try await GatedSite.with(.legacy) { site in
            try await site.withStarter { starter in
                let before = try await starter()
                try site.services(check: "[\"false\"]")
                let run = try await site.change(4)
                #expect(run.talk.contains("monitor is stopped for the restart"), "\(run.talk)")
                #expect(run.talk.contains("monitor runs again"), "\(run.talk)")
                let after = try await starter()
                #expect(after != before && after != "0")
            }
        }
    }

    @Test func aStarterRunsAgainAfterThePowerFailed() async throws {
        try await GatedSite.with(.legacy) { site in
            try await site.withStarter { starter in
                try site.touch()
                let deploy = try site.site.begin()
                try await deploy.says("monitor is stopped for the restart")
                try await site.lab.powercut("pi")
                deploy.kill()
                _ = try await deploy.end()
                try await site.lab.start("pi")
                try await waitUntil("it runs again", deadline: .seconds(60)) {
                    let pid = try await starter()
                    return !pid.isEmpty && pid != "0"
                }
                try await waitUntil("nothing of the deploy is left", deadline: .seconds(60)) {
                    try await site.lab.sh("pi", "ls -d /opt/fleet/.transaction").status != 0
                }
            }
        }
    }
}
