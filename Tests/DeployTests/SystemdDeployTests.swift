import Foundation
import LabSupport
import TestSupport
import Testing

/// Deploys to real systemd hosts that go well.
@Suite(.lab, .sharesLab) struct SystemdDeployTests {
    @Test(.timeLimit(.minutes(10))) func aFirstDeployRunsAndASecondDoesNothingInOneExec()
        async throws
    {
        try await FreshHost.with { host in
            let site = host.site
            try site.program(Programs.server)
            try site.folder.write("reply", "one\n")
            try site.services(Programs.server(on: host.name, expect: "one"))
            let first = try await site.deploy()
            #expect(try first.host(host.name)["outcome"] as? String == "updated")
            #expect(try await host.isActive("app.service"))
            #expect(try await host.sh("systemctl is-enabled app.service") == "enabled")
            let process = try await host.process(of: "app.service")
            let release = try #require(try first.service(host.name)["to"] as? String)
            #expect(
                try await host.sh("readlink /proc/\(process)/cwd")
                    == "/opt/fleet/app/releases/\(release)")
            let audit = try await host.sh("cat /var/log/fleet/audit.jsonl")
            #expect(audit.contains("\"outcome\":\"done\"") && audit.contains(release))
            #expect(try await host.sh("ls /opt/fleet/.staging; ls /run/fleet") == "")

            // sshd runs this before each command (sshd(8), SSHRC).
            try await host.sh(
                "touch /tmp/execs; chmod 666 /tmp/execs; echo 'echo >>/tmp/execs' >/etc/ssh/sshrc")
            let second = try await site.deploy()
            #expect(try second.host(host.name)["outcome"] as? String == "unchanged")
            #expect(try second.host(host.name)["bytesSent"] as? Int == 0)
            #expect(try await host.sh("wc -l </tmp/execs") == "1")
            #expect(try await host.process(of: "app.service") == process)
            let plan = try await site.fleetctl("plan", "--detailed-exitcode")
            #expect(plan.status == 0, "\(plan)")
            #expect(plan.output == "\(host.name): nothing to do\n")
        }
    }

    @Test(.timeLimit(.minutes(10))) func onlyAChangedConfigurationFileIsSent() async throws {
        try await FreshHost.with { host in
            let site = host.site
            // Does not get smaller: bytes that were sent show.
            let ballast = (0..<4_000).map { _ in String(UInt64.random(in: 0 ... .max), radix: 36) }
            try site.program(Programs.server + "# " + ballast.joined() + "\n")
            try site.folder.write("reply", "one\n")
            try site.services(Programs.server(on: host.name, expect: "one"))
            let first = try await site.deploy()
            let whole = try #require(try first.host(host.name)["bytesSent"] as? Int)
            #expect(whole > 30_000)

            try site.folder.write("reply", "two\n")
            try site.services(Programs.server(on: host.name, expect: "two"))
            let plan = try await site.fleetctl("plan", "--detailed-exitcode")
            #expect(plan.status == 2)
            #expect(plan.output.contains("-one\n") && plan.output.contains("+two\n"), "\(plan)")
            let second = try await site.deploy()
            let service = try second.service(host.name)
            #expect(service["sends"] as? [String] == ["config/reply"])
            #expect(
                (service["reuses"] as? [String])?.sorted() == [
                    "app", "port-guard", "unit/app.service",
                ])
            #expect(service["restart"] as? String == "it runs another release")
            let sent = try #require(try second.host(host.name)["bytesSent"] as? Int)
            #expect(sent < whole - 20_000)
            #expect(sent < 24_000)
        }
    }

    @Test(.timeLimit(.minutes(10))) func aServiceThatWasBegunTooOftenIsBegunAllTheSame()
        async throws
    {
        try await FreshHost.with { host in
            let site = host.site
            try site.program(Programs.sleeper)
            try site.services(Programs.app(on: host.name))
            try await site.deploy()
            let result = try await host.sh(
                """
                mkdir -p /run/systemd/system/app.service.d
                printf '[Unit]\\nStartLimitIntervalSec=600\\nStartLimitBurst=2\\n' \
                    >/run/systemd/system/app.service.d/limit.conf
                systemctl daemon-reload
                for i in 1 2 3 4; do systemctl restart app.service || break; done 2>/dev/null
                systemctl show -p Result --value app.service
                """)
            try #require(result == "start-limit-hit")
            let again = try await site.deploy()
            #expect(try again.host(host.name)["outcome"] as? String == "updated")
            #expect(try await host.isActive("app.service"))
        }
    }

    @Test(.timeLimit(.minutes(10))) func aDeployedServiceComesBackAfterAReboot() async throws {
        try await FreshHost.with { host in
            let site = host.site
            try site.program(Programs.sleeper)
            try site.services(Programs.app(on: host.name))
            try await site.deploy()
            try await host.lab.reboot(host.name)
            try await waitUntil("the service runs again", deadline: .seconds(20)) {
                try await host.isActive("app.service")
            }
            let run = try await site.deploy()
            #expect(try run.host(host.name)["outcome"] as? String == "unchanged")
        }
    }

    @Test(.timeLimit(.minutes(10))) func whatSomebodyChangedByHandIsPutRight() async throws {
        try await FreshHost.with { host in
            let site = host.site
            try site.program(Programs.sleeper)
            try site.services(Programs.app(on: host.name))
            try await site.deploy()
            let good = try await host.state()
            for (change, sends) in [
                ("systemctl stop app", []),
                ("systemctl disable -q app", []),
                ("echo Nice=5 >>/etc/systemd/system/app.service", []),
                ("echo rot >>/opt/fleet/app/current/app", ["app"]),
                ("chmod 644 /opt/fleet/app/current/app", ["app"]),
                ("touch /opt/fleet/app/current/more", []),
                ("rm /opt/fleet/app/current/app", ["app"]),
            ] {
                try await host.sh(change)
                let run = try await site.deploy()
                #expect(try run.host(host.name)["outcome"] as? String == "updated", "\(change)")
                #expect(try run.service(host.name)["sends"] as? [String] == sends, "\(change)")
                try await host.expectState(good)
                #expect(
                    try await host.sh("cat /opt/fleet/app/current/app") + "\n" == Programs.sleeper)
            }
        }
    }

    @Test(.timeLimit(.minutes(10))) func aReplacedUnitIsStoppedAndDisabled() async throws {
        try await FreshHost.with { host in
            let site = host.site
            try await host.sh(
                """
                printf '[Service]\nExecStart=/bin/sleep 9999\n[Install]\nWantedBy=multi-user.target\n' \
                    >/etc/systemd/system/old.service
                systemctl enable -q --now old
                """)
            try site.program(Programs.sleeper)
            try site.services(
                Programs.app(on: host.name, more: "replaces: [old.service, never.service]"))
            let run = try await site.deploy()
            #expect(
                (try run.service(host.name)["repairs"] as? [String])?.first
                    == "old.service is stopped and disabled: app.service takes its place")
            let old = "systemctl is-active old; systemctl is-enabled old; true"
            #expect(try await host.sh(old) == "inactive\ndisabled")
            #expect(try await host.isActive("app.service"))
            let again = try await site.deploy()
            #expect(try again.host(host.name)["outcome"] as? String == "unchanged")
        }
    }

    @Test(.timeLimit(.minutes(10))) func hostileWordsReachTheProcess() async throws {
        try await FreshHost.with { host in
            let site = host.site
            let words = ["", "50%", "%n", "$HOME", "${HOME}", "it's", "say \"hi\"", "a\\b", "; id"]
            let list = words.map { "'\($0.replacing("'", with: "''"))'" }.joined(separator: ", ")
            try site.program(
                "#!/bin/sh\nprintf '%s\\n' \"$@\" \"$WORDS\" >/tmp/said\nexec sleep 99999\n")
            try site.services(
                Programs.app(
                    on: host.name, more: "args: [\(list)]\nenvironment:\n  WORDS: '50% \"of\" $X'"))
            try await site.deploy()
            let said = try await host.sh("cat /tmp/said; echo .")
            let expected = words + ["50% \"of\" $X", "."]
            #expect(said == expected.joined(separator: "\n").trimmed)
        }
    }

    @Test(.timeLimit(.minutes(10))) func textsOfEveryKindAreFollowed() async throws {
        try await FreshHost.with { host in
            let site = host.site
            try site.program(Programs.sleeper)
            try site.services(
                Programs.app(on: host.name, more: "config:\n  - source: text"))
            for text in ["dos\r\nlines\r\n", "no end", "\u{1B}[2Jscreen\u{7}\n", "", "\n\n"] {
                try site.folder.write("text", text)
                let plan = try await site.fleetctl("plan")
                #expect(!plan.output.contains("\u{1B}") && !plan.output.contains("\r"))
                try await site.deploy()
                let again = try await site.deploy()
                #expect(
                    try again.host(host.name)["outcome"] as? String == "unchanged",
                    "\(text.debugDescription): \(again)")
            }
        }
    }

    @Test(.timeLimit(.minutes(10))) func fiveHostsAtOnce() async throws {
        try await FreshHost.with(count: 5) { hosts in
            let site = hosts[0].site
            try site.program(Programs.sleeper)
            let names = hosts.map(\.name)
            try site.services(Programs.app(on: "[\(names.joined(separator: ", "))]"))
            let run = try await site.deploy()
            for host in hosts {
                #expect(try run.host(host.name)["outcome"] as? String == "updated")
                #expect(try await host.isActive("app.service"))
            }
            try await hosts[3].sh("systemctl stop app")
            let again = try await site.deploy(0, "--parallel", "2")
            let outcomes = try names.map { try again.host($0)["outcome"] as? String }
            #expect(
                outcomes == ["unchanged", "unchanged", "unchanged", "updated", "unchanged"])
        }
    }
}
