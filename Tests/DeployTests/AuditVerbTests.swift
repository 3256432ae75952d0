import Foundation
import LabSupport
import TestSupport
import Testing

/// `fleetctl audit` on hosts of the lab; `AuditFightTests` has the great disaster.
@Suite(.lab, .sharesLab) struct AuditVerbTests {
    /// What a deploy leaves is what the audit wants; what somebody changes then is seen.
    @Test func aDeployedServiceIsCleanUntilSomebodyChangesIt() async throws {
        try await FreshHost.with { host in
            try host.site.program(Programs.server)
            try host.site.folder.write("reply", "hello\n")
            try host.site.services(Programs.server(on: host.name, expect: "hello"))
            try await host.site.deploy()
            #expect(names(try await host.findings()) == [])
            try await host.sh(
                """
                echo '# by hand' >>/etc/systemd/system/app.service
                mkdir -p /etc/systemd/system/app.service.d /etc/cron.d
                printf '[Service]\\nNice=1\\n' >/etc/systemd/system/app.service.d/1.conf
                printf '*/5 * * * * root systemctl restart app\\n' >/etc/cron.d/x
                printf '[Service]\\n' >/etc/systemd/system/-rf.service
                touch -d '+1 hour' /opt/fleet/app/current/app
                """)
            let changed = Set(names(try await host.findings()))
            #expect(
                changed == [
                    "unit-differs app.service", "unit-not-reloaded app.service",
                    "job-touches-service /etc/cron.d/x", "script-newer-than-process app.service",
                ], "\(changed)")
            try await host.sh("systemctl daemon-reload; systemctl disable app.service")
            #expect(
                Set(names(try await host.findings("drift"))) == [
                    "unit-differs app.service", "unit-has-drop-in app.service",
                    "service-not-enabled app.service",
                ])
            // Accepted, until a day; and nothing is left of what is accepted.
            try host.site.folder.write(
                "baseline.yaml",
                """
                accepted:
                  - { finding: job-touches-service, host: '*', what: /etc/cron.d/x,
                      reason: for a week, expires: 2999-01-01 }
                """)
            let path = host.site.folder.path + "/baseline.yaml"
            let left = try await host.findings("units", "--baseline", path)
            #expect(names(left) == [])
        }
    }

    /// Names that shells, terminals and systemctl could take for something else.
    @Test func hostileNamesAreMendedAsTheyAre() async throws {
        try await FreshHost.with { host in
            try host.site.program(Programs.sleeper)
            try host.site.services(
                Programs.app(on: host.name, more: "match: sleeper\nreplaces: [old.service]"))
            try await host.site.deploy()
            try await host.sh(
                """
                printf '[Service]\\nExecStart=/bin/sleep 1000\\n[Install]\\nWantedBy=multi-user.target\\n' \
                    >/etc/systemd/system/-rf.service
                touch '/etc/systemd/system/$(touch pwned);\\`touch pwned\\`.bak'
                systemctl daemon-reload
                systemctl enable --now -- -rf.service
                cp /etc/systemd/system/-rf.service /etc/systemd/system/old.service
                systemctl daemon-reload
                systemctl enable --now old.service
                folder='/home/pi/a $(touch pwned); `touch pwned` -rf'
                mkdir "$folder" && cp /usr/bin/python3 "$folder/sleeper" && chown -R pi "$folder"
                """)
            let started = try await host.site.fleetctl(
                "host", "exec", "--shell",
                "setsid '/home/pi/a $(touch pwned); `touch pwned` -rf/sleeper' -c 'import time; time.sleep(1000)'"
                    + " $(printf '\\033[2J\\n0 end') </dev/null >/dev/null 2>&1 &")
            #expect(started.status == 0, "\(started)")
            var orphan: Int?
            try await waitUntil("the orphan is seen", deadline: .seconds(20)) {
                let found = try await host.findings("processes")
                let evidence = found.first { $0["id"] as? String == "orphan" }?["evidence"]
                orphan = (evidence as? [String: Any])?["pid"] as? Int
                return orphan != nil
            }
            let table = try await host.site.fleetctl("audit")
            #expect(!table.output.contains("\u{1B}") && !table.talk.contains("\u{1B}"), "\(table)")
            #expect(
                table.output.contains("rm -r -- '/etc/systemd/system/$(touch pwned);"), "\(table)")
            let mended = try await host.site.fleetctl("audit", "--fix", "--yes")
            #expect(mended.status == 5, "\(mended)")
            #expect(mended.talk.contains("stop and disable old.service"), "\(mended)")
            try await host.sh("! test -d /proc/\(try #require(orphan))")
            #expect(
                try await host.lab.sh(host.name, "systemctl is-enabled old.service").output
                    .trimmed == "disabled")
            // Nobody said that this one is in the way.
            #expect(try await host.sh("systemctl is-active -- -rf.service") == "active")
            #expect(try await host.sh("find / -xdev -name pwned") == "")
            // A file that is only left over is worth a note, once nothing else is there.
            try await host.sh("rm /etc/systemd/system/*.bak")
            let leftover = "leftover /etc/systemd/system/old.service"
            let grave = names(try await host.findings())
            #expect(grave == [])
            let all = names(try await host.findings("--severity", "note"))
            #expect(all.contains(leftover), "\(all)")
        }
    }

    /// The audit has the service's program among its questions, and somebody kills all that has.
    @Test func aKillByPatternDoesNotMeetTheAudit() async throws {
        try await FreshHost.with { host in
            try host.site.program(Programs.sleeper)
            try host.site.services(Programs.app(on: host.name, more: "match: sleeper"))
            try await host.site.deploy()
            // As input: a shell with the pattern among its arguments would be killed as well.
            try await host.put(
                "/root/killer", "while :; do pkill -9 -f app/current/sleeper; sleep 0.1; done\n")
            try await host.sh("systemd-run --quiet --unit=killer sh /root/killer")
            for _ in 1...3 {
                let run = try await host.site.fleetctl("audit", "drift", "-o", "json")
                #expect([0, 5].contains(run.status), "\(run)")
                let found = try #require(try run.json()["findings"] as? [[String: Any]])
                #expect(!names(found).contains { $0.hasPrefix("not-read") }, "\(run)")
            }
        }
    }

    /// A board with busybox's tools and no systemd.
    @Test func aBoardWithoutSystemdIsLookedAt() async throws {
        let lab = try Lab.required()
        let site = try Site.piAndBoard(lab)
        try site.services(
            "gen-server:\n  host: olimex\n  product: gen-server\n  ports: [9998]\n")
        let password = try lab.password("olimex")
        let result = try await Shell.run(
            [
                Site.program, "audit", "ports", "--host", "olimex", "-o", "json", "-i",
                site.folder.path + "/fleet.yaml",
            ], environment: ["LAB_OLIMEX_PASSWORD": password])
        #expect(result.status == 5, "\(result.errorText)")
        #expect(result.text.contains("nobody listens on tcp/9998"), "\(result.text)")
        #expect(!result.text.contains("not-read"), "\(result.text)")
    }

    /// There an orphan is ended by the board's own tools; what has its name as an argument is not.
    @Test func anOrphanOnABoardIsEnded() async throws {
        let lab = try Lab.required()
        let site = try Site.piAndBoard(lab)
        try site.services(
            "beacon:\n  host: olimex\n  artifact: audit-beacon.sh\n  executable: audit-beacon.sh\n")
        try site.folder.write("audit-beacon.sh", "#!/bin/sh\n", mode: 0o755)
        try await lab.sh(
            "olimex", "cat >/tmp/audit-beacon.sh", input: "while :; do sleep 5; done\n")
        let environment = ["LAB_OLIMEX_PASSWORD": try lab.password("olimex")]
        let file = site.folder.path + "/fleet.yaml"
        let start = """
            setsid sh /tmp/audit-beacon.sh </dev/null >/dev/null 2>&1 & echo $!
            setsid sh -c 'while :; do sleep 5; done' audit-beacon.sh </dev/null >/dev/null 2>&1 &
            echo $!
            """
        let started = try await Shell.run(
            [Site.program, "host", "exec", "--host", "olimex", "-i", file, "--shell", start],
            environment: environment)
        let pids = started.text.split(whereSeparator: { " \n".contains($0) }).compactMap { Int($0) }
        try #require(pids.count == 2)
        let result = try await Shell.run(
            [
                Site.program, "audit", "processes", "--host", "olimex", "--fix", "--yes", "-i",
                file,
            ], environment: environment)
        #expect(result.status == 0, "\(result.text)\(result.errorText)")
        #expect(result.errorText.contains("end process \(pids[0])"), "\(result.errorText)")
        let left = try await lab.sh(
            "olimex",
            "test -d /proc/\(pids[0]) && echo orphan; test -d /proc/\(pids[1]) && echo alike")
        #expect(left.output.trimmed == "alike")
        try await lab.sh(
            "olimex", "kill -9 \(pids[1]); kill -9 \(pids[0]); rm /tmp/audit-beacon.sh")
    }
}
