import Foundation
import LabSupport
import TestSupport
import Testing

/// The host's own log: what, when, who, from which commit, and how it came out.
@Suite(.lab, .sharesLab) struct AuditTrailTests {
    private func lines(_ host: FreshHost) async throws -> [[String: Any]] {
        try await host.sh("cat /var/log/fleet/audit.jsonl").split(separator: "\n").map {
            try #require(
                try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any], "\($0)")
        }
    }

    @Test(.timeLimit(.minutes(10))) func everyLineSaysWhatWhenWhoAndHowItCameOut() async throws {
        try await FreshHost.with { host in
            let site = host.site
            let git = ["git", "-C", site.folder.path, "-c", "user.name=x", "-c", "user.email=x@x"]
            try site.program(Programs.sleeper)
            try site.services(Programs.app(on: host.name))
            _ = try await Shell.run(git + ["init", "-q"])
            _ = try await Shell.run(git + ["add", "-A"])
            _ = try await Shell.run(git + ["commit", "-qm", "first"])
            let head = try await Shell.run(git + ["rev-parse", "--short=12", "HEAD"]).text.trimmed
            #expect(head.count == 12)
            try await site.deploy()
            try site.program(Programs.sleeper + "# another\n")
            try await site.deploy()
            try site.program(Programs.failing)
            try await site.deploy(4)
            let back = try await site.fleetctl("rollback", "app", "--yes")
            #expect(back.status == 0, "\(back)")

            let lines = try await lines(host)
            #expect(
                lines.map { $0["outcome"] as? String } == ["done", "done", "undone", "done"])
            #expect(
                lines.map { $0["action"] as? String } == [
                    "deploy", "deploy", "deploy", "rollback",
                ])
            #expect(
                lines.map { $0["commit"] as? String } == [
                    head, head + "-dirty", head + "-dirty", head + "-dirty",
                ])
            for line in lines {
                #expect(try #require(line["time"] as? Int) > 1_600_000_000)
                #expect((line["owner"] as? String)?.hasPrefix("\(NSUserName())@") == true)
                let services = try #require(line["services"] as? [[String: Any]])
                #expect(services.first?["service"] as? String == "app")
                #expect((services.first?["to"] as? String)?.count == 16)
            }
        }
    }

    /// They take the host's lock as a deploy does, and leave a line a change, here and there.
    @Test(.timeLimit(.minutes(10))) func unitsAndFixesAreLockedAndRememberedAsDeploysAre()
        async throws
    {
        try await FreshHost.with { host in
            let site = host.site
            try site.program(Programs.sleeper)
            try site.services(Programs.app(on: host.name, more: "replaces: [old.service]"))
            try await site.deploy()
            try await host.sh(
                """
                printf '[Service]\\nExecStart=/bin/sleep 1000\\n[Install]\\n%s\\n' \
                    WantedBy=multi-user.target >/etc/systemd/system/old.service
                systemctl daemon-reload
                systemctl enable -q old.service
                """)
            let lock = """
                start=$(sed 's/.*) //' /proc/1/stat | awk '{ print $20 }')
                printf 'pid=1\nstart=%s\nboot=%s\nowner=eve@laptop\n' "$start" \
                    "$(cat /proc/sys/kernel/random/boot_id)" >/run/fleet/lock
                """
            let verbs = [["audit", "--fix", "--yes"], ["units", "install", "--yes"]]
            for (number, verb) in verbs.enumerated() {
                try site.folder.write(
                    "Units/app.service",
                    Programs.unit.replacing(
                        "Restart=no", with: "Restart=no\nRestartSec=\(number + 5)"))
                let count = try await lines(host).count
                try await host.sh(lock)
                let locked = try await site.fleetctl(verb)
                #expect(locked.status == 75, "\(locked)")
                #expect(locked.talk.contains("eve@laptop"), "\(locked)")
                #expect(try await lines(host).count == count)
                try await host.sh("rm /run/fleet/lock")
                let run = try await site.fleetctl(verb)
                #expect([0, 5].contains(run.status), "\(run)")
            }
            let lines = try await lines(host).dropFirst()
            #expect(
                lines.map { $0["action"] as? String } == [
                    "audit fix", "audit fix", "units install",
                ])
            #expect(lines.first?["step"] as? String == "disable:old.service", "\(lines)")
            #expect(
                lines.allSatisfy {
                    ($0["owner"] as? String)?.hasPrefix("\(NSUserName())@") == true
                        && $0["outcome"] as? String == "done"
                })
            let history = try await site.fleetctl(
                "history", "--host", host.name, "--limit", "5", "-o", "json")
            #expect(history.output.contains("\"units install\""), "\(history)")
            #expect(
                history.output.contains("audit --fix: stop and disable old.service"), "\(history)")
        }
    }

    @Test(.timeLimit(.minutes(10))) func aFullLogTurnsAndIsStillRead() async throws {
        try await FreshHost.with { host in
            let log = "/var/log/fleet/audit.jsonl"
            try host.site.program(Programs.sleeper)
            try host.site.services(Programs.app(on: host.name))
            try await host.site.deploy()
            try host.site.program(Programs.sleeper + "# 2\n")
            try await host.site.deploy()
            try await host.sh("yes '{\"outcome\":\"ballast\"}' | head -c 1100000 >>\(log)")
            try host.site.program(Programs.failing)
            try await host.site.deploy(4)
            #expect(try await host.sh("wc -l <\(log)") == "1")
            #expect(try await host.sh("grep -c ballast \(log).1") != "0")
            // What was before the current release stands in the older part.
            let run = try await host.site.fleetctl("rollback", "app", "--dry-run")
            #expect(run.status == 0, "\(run)")
        }
    }
}
