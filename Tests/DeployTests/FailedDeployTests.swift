import Foundation
import LabSupport
import TestSupport
import Testing

/// Deploys that fail: what is said, and that the host is what it was.
@Suite(.lab, .sharesLab) struct FailedDeployTests {
    /// A host on which a good release runs.
    private func withGoodApp(
        _ body: @Sendable (FreshHost, _ good: String) async throws -> Void
    ) async throws {
        try await FreshHost.with { host in
            try host.site.program(Programs.server)
            try host.site.folder.write("reply", "good\n")
            try host.site.services(Programs.server(on: host.name, expect: "good"))
            try await host.site.deploy()
            try await body(host, try await host.state())
        }
    }

    @Test(.timeLimit(.minutes(10))) func aReleaseThatCannotStartIsTakenBack() async throws {
        try await withGoodApp { host, good in
            try host.site.program(Programs.failing)
            let run = try await host.site.deploy(4)
            #expect(try run.host(host.name)["outcome"] as? String == "rolled back")
            let error = try #require(try run.host(host.name)["error"] as? String)
            #expect(error.contains("it cannot work"), "\(error)")
            #expect(error.contains("The state before this deploy was restored."))
            try await host.expectState(good)
            #expect(
                try await host.sh("cat /var/log/fleet/audit.jsonl").contains(
                    "\"outcome\":\"undone\""))
        }
    }

    static let checks = [
        ("- tcp: 7777\n  expect: better\n  within: 1s", "port 7777 answered 'good"),
        ("- command: [sh, -c, 'echo bad health; false']\n  within: 1s", "bad health"),
        ("- command: [sleep, '60']\n  within: 1s", "sleep 60 failed"),
        ("- steady: 1s\n- command: [no-such-program]\n  within: 1s", "no-such-program"),
    ]

    @Test(.timeLimit(.minutes(10)), arguments: checks.indices)
    func aReleaseThatIsNotHealthyIsTakenBack(row: Int) async throws {
        let (check, said) = Self.checks[row]
        try await withGoodApp { host, good in
            try host.site.program(Programs.server + "# changed\n")
            let service = Programs.server(on: host.name, expect: "good")
            let head = service.prefix(upTo: try #require(service.range(of: "  health:")).lowerBound)
            try host.site.services(head + "  health:\n" + check.indented.indented + "\n")
            let run = try await host.site.deploy(4)
            let error = try #require(try run.host(host.name)["error"] as? String)
            #expect(error.contains(said), "\(error)")
            try await host.expectState(good)
            #expect(try await host.isActive("app.service"))
        }
    }

    @Test(.timeLimit(.minutes(10))) func aCheckThatComesTrueInTimeIsTrue() async throws {
        try await FreshHost.with { host in
            try host.site.program("#!/bin/sh\nsleep 1.5\ntouch /run/ready\nexec sleep 9999\n")
            try host.site.services(
                Programs.app(
                    on: host.name, health: "- command: [test, -e, /run/ready]\n  within: 10s"))
            try await host.site.deploy()
        }
    }

    @Test(.timeLimit(.minutes(10))) func aServiceThatKeepsEndingIsSeenSoon() async throws {
        try await FreshHost.with { host in
            try host.site.program("#!/bin/sh\nsleep 0.2\n")
            try host.site.folder.write(
                "Units/app.service",
                Programs.unit.replacing("Restart=no", with: "Restart=always\nRestartSec=100ms"))
            try host.site.services(Programs.app(on: host.name, health: "- steady: 5s"))
            let begin = ContinuousClock.now
            let run = try await host.site.deploy(4)
            #expect(ContinuousClock.now - begin < .seconds(20))
            let error = try #require(try run.host(host.name)["error"] as? String)
            #expect(error.contains("does not stay up"), "\(error)")
        }
    }

    @Test(.timeLimit(.minutes(10))) func aFirstDeployThatFailsLeavesNothing() async throws {
        try await FreshHost.with { host in
            let before = try await host.state()
            try host.site.program(Programs.failing)
            try host.site.services(Programs.app(on: host.name))
            let run = try await host.site.deploy(4)
            #expect(try run.host(host.name)["outcome"] as? String == "rolled back")
            try await host.expectState(before)
            #expect(
                try await host.sh("ls /etc/systemd/system/app.service 2>&1; true").contains("No"))
        }
    }

    @Test(.timeLimit(.minutes(10))) func aUnitMadeByHandRunsAgainAsItWas() async throws {
        try await FreshHost.with { host in
            try await host.sh(
                """
                printf '[Service]\nExecStart=/bin/sleep 7777\n[Install]\nWantedBy=default.target\n' \
                    >/etc/systemd/system/app.service
                chmod 600 /etc/systemd/system/app.service
                systemctl daemon-reload; systemctl start app
                """)
            let before = try await host.state()
            try host.site.program(Programs.failing)
            try host.site.services(Programs.app(on: host.name))
            try await host.site.deploy(4)
            try await host.expectState(before)
            let process = try await host.process(of: "app")
            #expect(
                try await host.sh("tr '\\0' ' ' </proc/\(process)/cmdline") == "/bin/sleep 7777")
        }
    }

    @Test(.timeLimit(.minutes(10))) func aReplacedUnitRunsAgainWhenItsSuccessorFails() async throws
    {
        try await FreshHost.with { host in
            try await host.sh(
                """
                printf '[Service]\nExecStart=/bin/sleep 9999\n[Install]\nWantedBy=multi-user.target\n' \
                    >/etc/systemd/system/old.service
                systemctl enable -q --now old
                """)
            let before = try await host.state()
            try host.site.program(Programs.failing)
            try host.site.services(Programs.app(on: host.name, more: "replaces: [old.service]"))
            try await host.site.deploy(4)
            try await host.expectState(before)
            #expect(try await host.isActive("old.service"))
        }
    }

    @Test(.timeLimit(.minutes(10))) func anEarlyFailureIsTakenBackWhole() async throws {
        // The first step fails, before there is a unit that could be stopped or disabled.
        try await FreshHost.with { host in
            try host.site.program(Programs.failing)
            try host.site.services(Programs.app(on: host.name))
            try await host.site.deploy(4)
            try await host.sh(
                """
                printf '[Service]\nExecStart=/bin/sleep 9999\nExecStop=/bin/sleep 600\n\
                TimeoutStopSec=1200\n[Install]\nWantedBy=multi-user.target\n' \
                    >/run/old.service
                ln -s /run/old.service /etc/systemd/system/old.service
                systemctl daemon-reload; systemctl start old
                chattr +i /etc/systemd/system 2>/dev/null || mount --bind -o ro /etc/systemd/system \
                    /etc/systemd/system
                """)
            let before = try await host.state()
            try host.site.program(Programs.sleeper)
            try host.site.services(Programs.app(on: host.name))
            let run = try await host.site.deploy(4)
            let error = try #require(try run.host(host.name)["error"] as? String)
            #expect(error.contains("could not install app.service"), "\(error)")
            #expect(error.contains("The state before this deploy was restored."), "\(error)")
            try await host.expectState(before)
        }
    }

    @Test(.timeLimit(.minutes(10))) func systemdRefusesABadUnitBeforeAnythingChanges() async throws
    {
        try await withGoodApp { host, good in
            for (bad, said) in [
                ("ExecStart=relative/path\n", "systemd refuses app.service"),
                ("RestartSecs=5\n", "RestartSecs"),
            ] {
                try host.site.folder.write(
                    "Units/app.service",
                    Programs.unit.replacing("Type=exec\n", with: "Type=exec\n" + bad))
                let run = try await host.site.deploy(1)
                let error = try #require(try run.host(host.name)["error"] as? String)
                #expect(error.contains(said), "\(error)")
                #expect(error.contains("Nothing was changed there."))
                try await host.expectState(good)
            }
        }
    }

    @Test(.timeLimit(.minutes(10))) func aFullDiskIsSaidAndNothingChanges() async throws {
        try await withGoodApp { host, good in
            let large = (0..<700_000).map { _ in String(UInt64.random(in: 0 ... .max), radix: 36) }
            try host.site.program(Programs.server + "# " + large.joined() + "\n")
            try await host.lab.fill(host.name, leaving: 6)
            let run = try await host.site.fleetctl("deploy", "--yes")
            #expect(run.status == 1, "\(run)")
            #expect(run.talk.contains("/opt/fleet has"), "\(run)")
            #expect(run.talk.contains("nothing was changed on any host"))
            try await host.lab.unfill(host.name)
            try await host.expectState(good)
            try await host.site.deploy()
        }
    }

    @Test(.timeLimit(.minutes(10))) func aPortHeldByAnOrphanIsRefusedAndTheOrphanNamed()
        async throws
    {
        try await FreshHost.with { host in
            try await host.lab.verb(
                "ws", "ssh", "-F", host.lab.sshConfigPath, "-o", "User=pi", host.address,
                """
                setsid python3 -c 'import socket, time
                s = socket.socket(); s.bind(("0.0.0.0", 7777)); s.listen(); time.sleep(9999)' \
                    >/dev/null 2>&1 </dev/null &
                """)
            try await waitUntil("the orphan listens") {
                try await host.lab.sh(host.name, "ss -Hltn sport = 7777").output.contains("7777")
            }
            let before = try await host.state()
            try host.site.program(Programs.server)
            try host.site.folder.write("reply", "good\n")
            try host.site.services(Programs.server(on: host.name, expect: "good"))
            let run = try await host.site.fleetctl("deploy", "--yes")
            #expect(run.status == 1, "\(run)")
            let pid = try await host.sh("pgrep -x python3")
            #expect(run.talk.contains("port 7777/tcp, which app needs, is held by pid \(pid) "))
            #expect(run.talk.contains("outside any"), "\(run)")
            try await host.expectState(before)
            #expect(try await host.sh("ls /opt") == "")
            #expect(try await host.sh("pgrep -x python3") == pid)
        }
    }

    // MARK: Two at once, and ends in the middle

    private func slowToCheck(_ host: FreshHost) throws {
        try host.site.program(Programs.sleeper)
        try host.site.services(
            Programs.app(on: host.name, health: "- command: [sleep, '3']\n  within: 20s"))
    }

    @Test(.timeLimit(.minutes(10))) func ofTwoDeploysAtOnceOneWaitsItsTurn() async throws {
        try await FreshHost.with { host in
            try slowToCheck(host)
            let first = try host.site.begin()
            try await first.says("6/6 run sleep 3")
            try host.site.program(Programs.sleeper + "# another\n")
            let second = try await host.site.deploy(75)
            let entry = try second.host(host.name)
            #expect(entry["outcome"] as? String == "deferred")
            let error = try #require(entry["error"] as? String)
            #expect(error.contains("another deploy is under way"))
            #expect(error.contains("owner=\(NSUserName())@"), "\(error)")
            #expect(try await first.end() == 0)
            try await host.site.deploy()
            #expect(try await host.sh("cat /opt/fleet/app/current/app").contains("# another"))
            #expect(try await host.sh("ls /opt/fleet/.staging; ls /run/fleet") == "")
        }
    }

    @Test(.timeLimit(.minutes(10))) func aHostThatCannotLookAfterADeployBeginsNone() async throws {
        try await FreshHost.with { host in
            try await host.sh(
                "mount --bind -o ro /etc/systemd/system /etc/systemd/system")
            let before = try await host.state()
            try host.site.program(Programs.sleeper)
            try host.site.services(Programs.app(on: host.name))
            let run = try await host.site.deploy(1)
            let error = try #require(try run.host(host.name)["error"] as? String)
            #expect(error.contains("the host did not begin"), "\(error)")
            #expect(error.contains("Nothing was changed there"), "\(error)")
            try await host.expectState(before)
        }
    }

    @Test(.timeLimit(.minutes(10))) func aHostGoesBackByItselfWhenItsClientIsKilled() async throws {
        try await FreshHost.with { host in
            try slowToCheck(host)
            let before = try await host.state()
            let client = try host.site.running(
                ["deploy", "--yes", "--confirm-timeout", "2"], environment: [:])
            try await client.says("6/6 run sleep 3")
            client.kill()
            _ = try await client.end()
            try await waitUntil("the host has taken the deploy back", deadline: .seconds(20)) {
                try await host.lab.sh(host.name, "cat /var/log/fleet/audit.jsonl").output
                    .contains("\"outcome\":\"reverted: not confirmed within 2 s\"")
            }
            try await waitUntil("the lock is gone") {
                try await host.lab.sh(host.name, "ls -A /opt/fleet; ls /run/fleet").output
                    == ".staging\napp\n"
            }
            try await host.expectState(before)
            let run = try await host.site.deploy()
            #expect(try run.host(host.name)["outcome"] as? String == "updated")
        }
    }

    @Test(.timeLimit(.minutes(10))) func aLinkCutWhileSendingIsSaidAndTheNextDeployCleansUp()
        async throws
    {
        try await withGoodApp { host, good in
            let ballast = (0..<60_000).map { _ in String(UInt64.random(in: 0 ... .max), radix: 36) }
            try host.site.program(Programs.server + "# " + ballast.joined() + "\n")
            try await host.lab.rate(host.name, "eth0", "512kbit")
            let client = try host.site.begin()
            try await waitUntil("files arrive", deadline: .seconds(20)) {
                try await host.lab.sh(host.name, "ls /opt/fleet/.staging/*/releases/app").status
                    == 0
            }
            try await host.lab.cut(host.name, "eth0")
            #expect(try await client.end() != 0)
            let talk = client.talk
            #expect(talk.contains("it may have done all of its work, some or none"), "\(talk)")
            try await host.lab.join(host.name, "eth0")
            try await host.lab.clear(host.name, "eth0")
            #expect(try await host.state().contains("app active") == good.contains("app active"))
            try await host.site.deploy()
            try await waitUntil("nothing of the cut transfer is left", deadline: .seconds(20)) {
                try await host.sh("ls /opt/fleet/.staging") == ""
            }
            #expect(try await host.sh("grep -c '^# ' /opt/fleet/app/current/app") == "1")
        }
    }

    @Test(.timeLimit(.minutes(10))) func whatAPowerCutLeftIsCleanedUpByTheNextDeploy() async throws
    {
        try await FreshHost.with { host in
            try await host.sh(
                """
                mkdir -p /opt/fleet/.staging/dead/releases/app
                echo '4711 1' >/opt/fleet/.staging/dead/stager
                """)
            try host.site.program(Programs.sleeper)
            try host.site.services(Programs.app(on: host.name))
            try await host.site.deploy()
            #expect(try await host.sh("ls /opt/fleet/.staging") == "")
        }
    }
}
