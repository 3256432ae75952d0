import Foundation
import LabSupport
import TestSupport
import Testing

/// `fleetctl audit` on a host with the disaster of two services on one port.
@Suite(.lab, .sharesLab) struct AuditVerbTests {
    private static let script = "/home/pi/renogy-bt/renogy_bt_proxy.py"

    private static let server = """
        import socket, sys, time
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("0.0.0.0", PORT))
        s.listen(8)
        while True:
            time.sleep(1000)

        """

    private static func unit(_ script: String, _ more: String = "") -> String {
        """
        [Unit]
        StartLimitIntervalSec=0
        [Service]
        ExecStart=/usr/bin/python3 \(script)
        Restart=always
        RestartSec=1
        \(more)
        [Install]
        WantedBy=multi-user.target

        """
    }

    private static let killer =
        "ExecStopPost=+/bin/sh -c 'pkill -9 -f \"renogy_bt_proxy.py\" || true'"

    /// Two enabled units for port 6053, one of which kills by pattern; beside them what looks alike.
    private func prepare(_ host: FreshHost) async throws {
        try host.site.services(
            """
            renogy-bt-proxy:
              host: \(host.name)
              artifact: renogy_bt_proxy.py
              executable: renogy_bt_proxy.py
              ports: [6053]
              match: renogy_bt_proxy.py
              replaces: [renogy-bt.service]
            """)
        try host.site.folder.write("renogy_bt_proxy.py", "")
        try await put(host, Self.script, Self.server.replacing("PORT", with: "6053"))
        let sibling = "/home/pi/renogy-bt/sibling.py"
        try await put(host, sibling, Self.server.replacing("PORT", with: "60530"))
        let config = "/home/pi/renogy-bt/config.ini"
        try await put(host, config, "[esphome]\npassword = secret\napi_port = 6053\n")
        let folder = "/etc/systemd/system/"
        let command = "\(Self.script) --config \(config)"
        try await put(host, folder + "renogy-bt.service", Self.unit(command, Self.killer))
        try await put(host, folder + "renogy-bt-proxy.service", Self.unit(command))
        try await put(host, folder + "sibling.service", Self.unit(sibling))
        try await host.sh(
            """
            systemctl daemon-reload
            systemctl enable --now sibling.service
            systemctl enable renogy-bt.service renogy-bt-proxy.service
            """)
    }

    private func put(_ host: FreshHost, _ path: String, _ text: String) async throws {
        let result = try await host.lab.sh(
            host.name, "mkdir -p \"$(dirname '\(path)')\" && cat >'\(path)'", input: text)
        #expect(result.status == 0, "\(result.output)")
    }

    private func findings(
        _ host: FreshHost, _ arguments: String...
    ) async throws -> [[String: Any]] {
        let run = try await host.site.fleetctl(["audit", "-o", "json"] + arguments)
        #expect([0, 5].contains(run.status), "\(run)")
        let found = try #require(try run.json()["findings"] as? [[String: Any]])
        #expect((run.status == 5) == !found.isEmpty)
        return found
    }

    private func names(_ findings: [[String: Any]]) -> [String] {
        findings.map { "\($0["id"] as? String ?? "") \($0["subject"] as? String ?? "")" }
    }

    /// Starts a program in an SSH session that it outlives.
    private func startByHand(_ host: FreshHost, _ command: String) async throws {
        let run = try await host.site.fleetctl(
            "host", "exec", "--shell", "setsid \(command) </dev/null >/dev/null 2>&1 &")
        #expect(run.status == 0, "\(run)")
    }

    @Test func theFightOfTwoServicesIsSeenAndMended() async throws {
        try await FreshHost.with { host in
            try await prepare(host)
            try await expectCycle(host)
            let orphan = try await expectOrphan(host)
            try await mend(host, orphan)
            try await expectPeace(host)
        }
    }

    /// What a deploy leaves is what the audit wants; what somebody changes then is seen.
    @Test func aDeployedServiceIsCleanUntilSomebodyChangesIt() async throws {
        try await FreshHost.with { host in
            try host.site.program(Programs.server)
            try host.site.folder.write("reply", "hello\n")
            try host.site.services(Programs.server(on: host.name, expect: "hello"))
            try await host.site.deploy()
            #expect(names(try await findings(host)) == [])
            try await host.sh(
                """
                echo '# by hand' >>/etc/systemd/system/app.service
                mkdir -p /etc/systemd/system/app.service.d /etc/cron.d
                printf '[Service]\\nNice=1\\n' >/etc/systemd/system/app.service.d/1.conf
                printf '*/5 * * * * root systemctl restart app\\n' >/etc/cron.d/x
                printf '[Service]\\n' >/etc/systemd/system/-rf.service
                touch -d '+1 hour' /opt/fleet/app/current/app
                """)
            let changed = Set(names(try await findings(host)))
            #expect(
                changed == [
                    "unit-differs app.service", "unit-not-reloaded app.service",
                    "job-touches-service /etc/cron.d/x", "script-newer-than-process app.service",
                ], "\(changed)")
            try await host.sh("systemctl daemon-reload; systemctl disable app.service")
            #expect(
                Set(names(try await findings(host, "drift"))) == [
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
            let left = try await findings(host, "units", "--baseline", path)
            #expect(names(left) == [])
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

    /// Each round of the one kills the other.
    private func expectCycle(_ host: FreshHost) async throws {
        try await host.sh("systemctl start renogy-bt-proxy.service")
        try await waitUntil("the one listens", deadline: .seconds(30)) {
            try await listens(host)
        }
        let first = try await host.process(of: "renogy-bt-proxy.service")
        try await host.sh("systemctl start --no-block renogy-bt.service")
        try await waitUntil("the other kills it", deadline: .seconds(30)) {
            try await host.process(of: "renogy-bt-proxy.service") != first
        }
        try await waitUntil("they have fought", deadline: .seconds(60)) {
            let counts = try await host.sh(
                "systemctl show -p NRestarts --value renogy-bt.service renogy-bt-proxy.service")
            return counts.split(separator: "\n").compactMap { Int($0) }.reduce(0, +) >= 4
        }
        let found = names(try await findings(host))
        for name in [
            "port-claimed-twice tcp/6053", "pattern-kill renogy-bt.service",
            "replaced-still-runs renogy-bt.service",
        ] {
            #expect(found.contains(name), "\(found)")
        }
        #expect(found.contains { $0.hasPrefix("shared-program renogy-bt") }, "\(found)")
        #expect(found.contains { $0.hasPrefix("restart-loop renogy-bt") }, "\(found)")
    }

    private func listens(_ host: FreshHost) async throws -> Bool {
        // 6053 in hexadecimal, listening.
        try await host.sh("grep -c ':17A5 00000000:0000 0A' /proc/net/tcp || true") == "1"
    }

    /// - Returns: the orphan's number.
    private func expectOrphan(_ host: FreshHost) async throws -> Int {
        try await host.sh("systemctl stop renogy-bt.service renogy-bt-proxy.service")
        try await startByHand(host, "python3 \(Self.script)")
        try await startByHand(host, "tail -f \(Self.script)")
        try await startByHand(host, "python3 -c 'import time; time.sleep(1000)' renogy_bt_proxy.py")
        try await waitUntil("the orphan listens", deadline: .seconds(30)) {
            try await listens(host)
        }
        try await host.sh("systemctl start --no-block renogy-bt-proxy.service")
        try await waitUntil("the service cannot start", deadline: .seconds(30)) {
            try await host.sh("systemctl show -p NRestarts --value renogy-bt-proxy.service") != "0"
        }
        let all = try await findings(host)
        let found = names(all)
        for name in [
            "port-held-outside-unit tcp/6053", "orphan renogy_bt_proxy.py",
            "pattern-kill renogy-bt.service", "replaced-still-runs renogy-bt.service",
            "port-claimed-twice tcp/6053", "leftover /etc/systemd/system/renogy-bt.service",
        ] {
            #expect(found.contains(name), "\(found)")
        }
        // Neither the reader of the script, nor the program that has its name as an argument, nor
        // the sibling with the same interpreter.
        let orphans = all.filter { $0["id"] as? String == "orphan" }
        #expect(orphans.count == 1, "\(orphans)")
        let evidence = try #require(orphans.first?["evidence"] as? [String: Any])
        #expect(evidence["command"] as? String == "python3 \(Self.script)")
        #expect(evidence["user"] as? String == "pi")
        #expect((evidence["cgroup"] as? String)?.contains("/session-") == true)
        #expect(!found.contains { $0.contains("sibling") || $0.contains("60530") }, "\(found)")
        return try #require(evidence["pid"] as? Int)
    }

    private func mend(_ host: FreshHost, _ orphan: Int) async throws {
        let refused = try await host.site.fleetctl("audit", "--fix")
        #expect(refused.status == 64, "\(refused)")
        #expect(refused.talk.contains("stop and disable renogy-bt.service"))
        #expect(refused.talk.contains("end process \(orphan)"))
        try await host.sh("test -d /proc/\(orphan)")
        let tail = try await host.sh("pgrep -x tail")
        let sibling = try await host.process(of: "sibling.service")
        let mended = try await host.site.fleetctl("audit", "--fix", "--yes")
        #expect([0, 5].contains(mended.status), "\(mended)")
        try await host.sh("! test -d /proc/\(orphan)")
        #expect(try await host.sh("pgrep -x tail") == tail)
        #expect(try await host.process(of: "sibling.service") == sibling)
        #expect(
            try await host.lab.sh(host.name, "systemctl is-enabled renogy-bt.service").output
                .trimmed == "disabled")
        #expect(try await host.sh("ls -d /run/systemd/system/renogy-bt* 2>/dev/null; true") == "")
    }

    /// One owner, whatever happens.
    private func expectPeace(_ host: FreshHost) async throws {
        try await expectOwner(host, "after --fix")
        let before = try await host.lab.bootID(of: host.name)
        try await host.lab.verb("reboot", host.name)
        try await host.lab.verb("wait", host.name)
        #expect(try await host.lab.bootID(of: host.name) != before)
        try await expectOwner(host, "after a reboot")
        for round in 1...10 {
            try await host.sh(
                "systemctl stop renogy-bt-proxy.service && systemctl start renogy-bt-proxy.service")
            try await expectOwner(host, "after round \(round)")
        }
        let main = try await host.process(of: "renogy-bt-proxy.service")
        try await host.sh("kill -9 \(main)")
        try await waitUntil("systemd starts it again", deadline: .seconds(30)) {
            let now = try await host.process(of: "renogy-bt-proxy.service")
            return now != main && now != "0"
        }
        try await expectOwner(host, "after kill -9")
    }

    private func expectOwner(_ host: FreshHost, _ when: String) async throws {
        try await waitUntil("the port has one owner \(when)", deadline: .seconds(30)) {
            try await findings(host, "ports").isEmpty
        }
    }
}
