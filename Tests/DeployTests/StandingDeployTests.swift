import Foundation
import LabSupport
import TestSupport
import Testing

/// Deploys that nobody ended: what the next run says, and what the host does by itself.
@Suite(.lab, .sharesLab) struct StandingDeployTests {
    /// A host on which the first release runs and the second was begun and stopped at this point;
    /// its client is gone.
    private func withDeploy(
        stoppedAt point: String, confirmTimeout: String,
        _ body: @Sendable (FreshHost, CrashHost) async throws -> Void
    ) async throws {
        try await FreshHost.with { host in
            let crash = CrashHost(lab: host.lab, name: host.name, kind: .systemd)
            try host.site.program(Programs.sleeper)
            try host.site.services(Programs.app(on: host.name))
            try await host.site.deploy()
            try host.site.program(Programs.sleeper + "# second\n")
            try host.site.folder.write("points.sh", CrashHost.points)
            try await crash.stop(at: point)
            let client = try host.site.running(
                ["deploy", "--yes", "--confirm-timeout", confirmTimeout],
                environment: ["FLEETCTL_TEST_POINTS": host.site.folder.path + "/points.sh"])
            try await waitUntil("the host stops at \(point)", deadline: .seconds(30)) {
                try await crash.waiting() != nil
            }
            client.kill()
            _ = try await client.end()
            try await body(host, crash)
        }
    }

    private func isSecond(_ host: FreshHost) async throws -> Bool {
        try await host.sh("tail -n 1 /opt/fleet/app/current/app") == "# second"
    }

    @Test(.timeLimit(.minutes(10))) func aDeployThatWaitsIsConfirmedByHand() async throws {
        try await withDeploy(stoppedAt: "journal switched", confirmTimeout: "600") { host, crash in
            let busy = try await host.site.fleetctl("deploy", "--yes")
            #expect(busy.status == 0 || busy.status == 75, "\(busy)")
            #expect(busy.talk.contains("is under way, at step"), "\(busy)")
            try await crash.goOn()
            try await waitUntil("the script has ended") {
                try await host.sh("ls /run/fleet") == ""
            }
            let refused = try await host.site.fleetctl("deploy", "--yes")
            #expect(refused.status == 75, "\(refused)")
            #expect(refused.talk.contains("waits for its confirmation"), "\(refused)")
            #expect(refused.talk.contains(" by \(NSUserName())@"), "\(refused)")

            let confirmed = try await host.site.fleetctl("confirm")
            #expect(confirmed.status == 0, "\(confirmed)")
            #expect(confirmed.output.hasPrefix("\(host.name): confirmed the deploy by "))
            let none = try await host.site.fleetctl("confirm")
            #expect(none.output == "\(host.name): nothing waits for a confirmation\n", "\(none)")
            #expect(try await isSecond(host))
            let run = try await host.site.deploy()
            #expect(try run.host(host.name)["outcome"] as? String == "unchanged")
            try await waitUntil("nothing is left") { try await crash.leftovers().isEmpty }
        }
    }

    @Test(.timeLimit(.minutes(10))) func anInterruptedDeployIsSaidAndEndedFirst() async throws {
        let point = "systemctl restart app.service"
        try await withDeploy(stoppedAt: point, confirmTimeout: "600") { host, crash in
            // Without its watcher, as after a boot that nobody looked after.
            let script = try #require(try await crash.waiting())
            try await host.sh("systemctl stop fleet-watch.timer; kill -KILL \(script)")
            try await crash.goOn()
            let plan = try await host.site.fleetctl("plan")
            #expect(plan.status == 0)
            #expect(
                plan.talk.contains("was interrupted at step 2 (restart app.service)"), "\(plan)")
            #expect(try await host.sh("ls -d /opt/fleet/.transaction") != "")
            let run = try await host.site.deploy()
            #expect(run.talk.contains("was interrupted at step 2"), "\(run)")
            #expect(run.talk.contains("the host reverted "), "\(run)")
            #expect(try run.host(host.name)["outcome"] as? String == "updated")
            #expect(try await isSecond(host))
            try await waitUntil("nothing is left") { try await crash.leftovers().isEmpty }
        }
    }

    @Test(.timeLimit(.minutes(10))) func aKilledScriptIsTakenBackAndSaid() async throws {
        try await FreshHost.with { host in
            try host.site.program(Programs.sleeper)
            try host.site.services(
                Programs.app(on: host.name, health: "- command: [sleep, '30']\n  within: 60s"))
            let before = try await host.state()
            let client = try host.site.begin()
            try await client.says("6/6 run sleep 30")
            try await host.sh("kill -KILL $(sed -n 's/^pid=//p' /run/fleet/lock)")
            #expect(try await client.end() == 4)
            let said = "the host took the deploy back (reverted: the script was killed)"
            #expect(client.talk.contains(said), "\(client.talk)")
            try await waitUntil("its lock is gone") { try await host.sh("ls /run/fleet") == "" }
            try await host.expectState(before)
        }
    }

    @Test(.timeLimit(.minutes(10))) func aHostThatLetsNobodyInGoesBack() async throws {
        try await FreshHost.with { host in
            try host.site.program(Programs.sleeper)
            try host.site.services(Programs.app(on: host.name))
            try await host.site.deploy()
            let before = try await host.state()
            // The session of the deploy lives on; no new one is let in.
            try host.site.program(Programs.sleeper + "# second\n")
            try host.site.services(
                Programs.app(
                    on: host.name, health: "- command: [systemctl, stop, ssh]\n  within: 5s"))
            let run = try await host.site.deploy(4, "--confirm-timeout", "3")
            let error = try #require(try run.host(host.name)["error"] as? String)
            #expect(error.contains("could not be confirmed over a new connection within 3 s"))
            #expect(error.contains("goes back to the state before by itself"), "\(error)")
            try await waitUntil("the host has gone back", deadline: .seconds(20)) {
                try await host.lab.sh(host.name, "cat /var/log/fleet/audit.jsonl").output
                    .contains("\"outcome\":\"reverted: not confirmed within 3 s\"")
            }
            try await waitUntil("its lock is gone") { try await host.sh("ls /run/fleet") == "" }
            try await host.expectState(before)
            try await host.sh("systemctl start ssh")
            try await host.lab.verb("wait", host.name)
            let confirm = try await host.site.fleetctl("confirm")
            #expect(confirm.output.contains("nothing waits"), "\(confirm)")
        }
    }

    @Test(.timeLimit(.minutes(10))) func aFirstDeployThatIsNotConfirmedIsStoppedAndDisabled()
        async throws
    {
        try await FreshHost.with { host in
            let before = try await host.state()
            try host.site.program(Programs.sleeper)
            try host.site.services(
                Programs.app(
                    on: host.name, health: "- command: [systemctl, stop, ssh]\n  within: 5s"))
            try await host.site.deploy(4, "--confirm-timeout", "1")
            try await waitUntil("the host has gone back", deadline: .seconds(20)) {
                try await host.lab.sh(host.name, "cat /var/log/fleet/audit.jsonl").output
                    .contains("reverted: not confirmed")
            }
            try await waitUntil("its lock is gone") { try await host.sh("ls /run/fleet") == "" }
            try await host.expectState(before)
        }
    }
}
