import Foundation
import LabSupport
import TestSupport
import Testing

/// What befell the second Pi: two enabled units for one port, one of which kills by pattern, and an
/// orphan from a login session. On the lab's own host of that name, which is left as it was found.
@Suite(.lab, .faultsLab, .serialized, .timeLimit(.minutes(10))) struct AuditFightTests {
    private static let unit = "renogy-bt-proxy.service"
    private static let units = "/etc/systemd/system/"
    private static let home = "/home/jorik/renogy-bt"
    private static let script = "\(home)/renogy_bt_proxy.py"
    /// Programs that look like the service's and are none of it.
    private static let alikes = [
        "/home/jorik/bin/nano -f \(script)", "/usr/bin/python3 \(home)/wait.py renogy_bt_proxy.py",
        "/usr/bin/python3 \(home)/old_renogy_bt_proxy.py",
    ]

    private static func server(_ port: Int) -> String {
        """
        #!/usr/bin/python3
        import socket, time
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("0.0.0.0", \(port)))
        s.listen(8)
        while True:
            time.sleep(1000)

        """
    }

    /// The units as they were: no limit that trips, and in one of them the cleanup that kills.
    private static func unit(_ script: String, _ more: String = "") -> String {
        """
        [Unit]
        StartLimitIntervalSec=0
        [Service]
        User=jorik
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

    @Test func theFightOfTwoServicesIsSeenAndMended() async throws {
        let host = try Self.renogy()
        try await Self.clean(host)
        let before = try await Self.state(host)
        let outcome: Result<Void, any Error>
        do {
            try await deploy(host)
            try await spoil(host)
            try await expectCycle(host)
            let orphan = try await expectOrphan(host)
            try await mend(host, orphan)
            try await expectPeace(host)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try await Self.clean(host)
        #expect(try await Self.state(host) == before)
        try outcome.get()
    }

    // MARK: The host

    private static func renogy() throws -> FreshHost {
        let lab = try Lab.required()
        let address = try lab.addressOf("renogy")
        let site = try Site(
            lab, hosts: "renogy:\n  address: \(address)\n  user: jorik\n  arch: amd64\n")
        return FreshHost(lab: lab, name: "renogy", address: address, site: site)
    }

    /// Everything of this test goes: its units, its files, and by a reboot its processes.
    private static func clean(_ host: FreshHost) async throws {
        try await host.sh(
            """
            for unit in renogy-bt.service \(unit) sibling.service fleet-recover.service \
                fleet-watch.service fleet-watch.timer; do
                systemctl disable --now "$unit" 2>/dev/null
                rm -f "\(units)$unit"
            done
            systemctl daemon-reload
            systemctl reset-failed
            rm -rf \(home) /home/jorik/bin /opt/fleet /var/log/fleet /run/fleet \
                /var/lib/renogy-bt-proxy /var/lib/private/renogy-bt-proxy
            """)
        try await host.lab.verb("reboot", host.name)
        try await host.lab.verb("wait", host.name)
    }

    /// What another test could find of this one.
    private static func state(_ host: FreshHost) async throws -> String {
        try await host.sh(
            """
            find /etc/systemd /opt /home /var/log/fleet /run/fleet /run/systemd/system /var/lib \
                -not -path '/var/lib/systemd/*' 2>/dev/null | sort
            systemctl list-units --failed --no-legend
            """)
    }

    // MARK: The disaster

    /// The service as the fleet has it, with this project's unit.
    private func deploy(_ host: FreshHost) async throws {
        try host.site.services(
            """
            renogy-bt-proxy:
              host: renogy
              artifact: renogy_bt_proxy.py
              executable: renogy_bt_proxy.py
              user: jorik
              group: jorik
              ports: [6053]
              match: renogy_bt_proxy.py
              replaces: [renogy-bt.service]
              health:
                - steady: 1s
            """)
        try host.site.folder.write("renogy_bt_proxy.py", Self.server(6053), mode: 0o755)
        let source = try String(
            contentsOfFile: Site.project + "/Units/\(Self.unit)", encoding: .utf8)
        try host.site.folder.write("Units/\(Self.unit)", source)
        try await host.site.deploy()
        #expect(names(try await host.findings()) == [])
    }

    /// Somebody goes back to the units of before, both of them enabled, beside what looks alike.
    private func spoil(_ host: FreshHost) async throws {
        try await host.sh("systemctl stop \(Self.unit)")
        try await host.put(Self.script, Self.server(6053))
        try await host.put("\(Self.home)/sibling.py", Self.server(60530))
        try await host.put("\(Self.home)/wait.py", "import time\ntime.sleep(100000)\n")
        try await host.put(
            "\(Self.home)/old_renogy_bt_proxy.py", "import time\ntime.sleep(100000)\n")
        let config = "\(Self.home)/config.ini"
        try await host.put(config, "[esphome]\npassword = secret\napi_port = 6053\n")
        let command = "\(Self.script) --config \(config)"
        try await host.put(Self.units + "renogy-bt.service", Self.unit(command, Self.killer))
        try await host.put(Self.units + Self.unit, Self.unit(command))
        try await host.put(Self.units + "sibling.service", Self.unit("\(Self.home)/sibling.py"))
        try await host.sh(
            """
            mkdir -p /home/jorik/bin && cp /usr/bin/tail /home/jorik/bin/nano
            chown -R jorik:jorik /home/jorik/bin \(Self.home)
            systemctl daemon-reload
            systemctl enable --now sibling.service
            systemctl enable renogy-bt.service \(Self.unit)
            """)
    }

    /// Each round of the one kills the other.
    private func expectCycle(_ host: FreshHost) async throws {
        try await host.sh("systemctl start \(Self.unit)")
        try await waitUntil("the one listens", deadline: .seconds(30)) { try await listens(host) }
        let first = try await host.process(of: Self.unit)
        try await host.sh("systemctl start --no-block renogy-bt.service")
        try await waitUntil("the other kills it", deadline: .seconds(30)) {
            try await host.process(of: Self.unit) != first
        }
        try await waitUntil("they have fought", deadline: .seconds(60)) {
            let counts = try await host.sh(
                "systemctl show -p NRestarts --value renogy-bt.service \(Self.unit)")
            return counts.split(separator: "\n").compactMap { Int($0) }.reduce(0, +) >= 4
        }
        let found = names(try await host.findings())
        for name in [
            "port-claimed-twice tcp/6053", "pattern-kill renogy-bt.service",
            "replaced-still-runs renogy-bt.service", "unit-differs \(Self.unit)",
        ] {
            #expect(found.contains(name), "\(name) is not in \(found)")
        }
        #expect(found.contains { $0.hasPrefix("shared-program renogy-bt") }, "\(found)")
        #expect(found.contains { $0.hasPrefix("restart-loop renogy-bt") }, "\(found)")
    }

    private func listens(_ host: FreshHost) async throws -> Bool {
        // 6053 in hexadecimal, listening.
        try await host.sh("grep -c ':17A5 00000000:0000 0A' /proc/net/tcp || true") == "1"
    }

    /// Starts a program in an SSH session that it outlives.
    private func startByHand(_ host: FreshHost, _ command: String) async throws {
        let run = try await host.site.fleetctl(
            "host", "exec", "--shell", "setsid \(command) </dev/null >/dev/null 2>&1 &")
        #expect(run.status == 0, "\(run)")
    }

    /// The number of the one process with this command line, which must be there.
    private func process(_ host: FreshHost, _ command: String) async throws -> Int {
        let found = try await host.sh(
            """
            for place in /proc/[0-9]*; do
                if [ "$(tr '\\0' ' ' <"$place/cmdline" 2>/dev/null)" = '\(command) ' ]; then
                    echo "${place#/proc/}"
                fi
            done
            """)
        return try #require(Int(found), "\(command): '\(found)'")
    }

    /// What looks like the service's program and is not, by its number.
    private func alikes(_ host: FreshHost) async throws -> [Int] {
        var found = [Int(try await host.process(of: "sibling.service")) ?? 0]
        for command in Self.alikes { found.append(try await process(host, command)) }
        return found
    }

    /// - Returns: the orphan's number.
    private func expectOrphan(_ host: FreshHost) async throws -> Int {
        // Their stop commands kill what has the name on its command line; what comes later lives.
        try await host.sh("systemctl stop renogy-bt.service \(Self.unit)")
        try await startByHand(host, "/usr/bin/python3 \(Self.script)")
        for command in Self.alikes { try await startByHand(host, command) }
        try await waitUntil("the orphan listens", deadline: .seconds(30)) {
            try await listens(host)
        }
        try await host.sh("systemctl start --no-block \(Self.unit)")
        try await waitUntil("the service cannot start", deadline: .seconds(30)) {
            try await host.sh("systemctl show -p NRestarts --value \(Self.unit)") != "0"
        }
        let all = try await host.findings()
        let found = names(all)
        for name in [
            "port-held-outside-unit tcp/6053", "orphan renogy_bt_proxy.py",
            "pattern-kill renogy-bt.service", "replaced-still-runs renogy-bt.service",
            "port-claimed-twice tcp/6053", "unit-differs \(Self.unit)",
            "leftover \(Self.units)renogy-bt.service",
        ] {
            #expect(found.contains(name), "\(name) is not in \(found)")
        }
        let orphans = all.filter { $0["id"] as? String == "orphan" }
        #expect(orphans.count == 1, "\(orphans)")
        let evidence = try #require(orphans.first?["evidence"] as? [String: Any])
        #expect(evidence["command"] as? String == "/usr/bin/python3 \(Self.script)")
        #expect(evidence["user"] as? String == "jorik")
        #expect((evidence["cgroup"] as? String)?.contains("/session-") == true)
        #expect(evidence["startTime"] as? Int != nil)
        let held = try #require(all.first { $0["id"] as? String == "port-held-outside-unit" })
        #expect((held["evidence"] as? [String: Any])?["inode"] as? Int != nil)
        #expect(!found.contains { $0.contains("sibling") || $0.contains("60530") }, "\(found)")
        return try #require(evidence["pid"] as? Int)
    }

    // MARK: The mending

    private func mend(_ host: FreshHost, _ orphan: Int) async throws {
        let alikes = try await alikes(host)
        let refused = try await host.site.fleetctl("audit", "--fix")
        #expect(refused.status == 64, "\(refused)")
        for line in [
            "stop and disable renogy-bt.service, without its stop commands",
            "end process \(orphan)", "install \(Self.unit)", "start \(Self.unit)",
            "+Conflicts=renogy-bt.service",
        ] {
            #expect(refused.talk.contains(line), "\(line) is not in \(refused)")
        }
        try await host.sh("test -d /proc/\(orphan)")
        let mended = try await host.site.fleetctl("audit", "--fix", "--yes", "-o", "json")
        // The old unit could still be started by hand, and would kill.
        #expect(mended.status == 5, "\(mended)")
        let left = try #require(try mended.json()["findings"] as? [[String: Any]])
        #expect(
            Set(names(left)) == [
                "pattern-kill renogy-bt.service", "leftover \(Self.units)renogy-bt.service",
            ], "\(mended)")
        try await host.sh("! test -d /proc/\(orphan)")
        #expect(try await self.alikes(host) == alikes)
        #expect(
            try await host.lab.sh(host.name, "systemctl is-enabled renogy-bt.service").output
                .trimmed == "disabled")
        #expect(try await host.sh("ls -d /run/systemd/system/renogy-bt* 2>/dev/null; true") == "")
        #expect(
            try await host.sh("systemctl show -P Conflicts \(Self.unit)").contains(
                "renogy-bt.service"))
        #expect(try await host.isActive(Self.unit))
        // As the findings say.
        try await host.sh("rm -- \(Self.units)renogy-bt.service && systemctl daemon-reload")
        #expect(names(try await host.findings()) == [])
    }

    /// One owner, whatever happens, and no orphan.
    private func expectPeace(_ host: FreshHost) async throws {
        let before = try await host.lab.bootID(of: host.name)
        try await host.lab.verb("reboot", host.name)
        try await host.lab.verb("wait", host.name)
        #expect(try await host.lab.bootID(of: host.name) != before)
        try await expectOwner(host, "after a reboot")
        for round in 1...10 {
            // By hand, more often than the unit's limit of starts allows to happen by itself.
            try await host.sh(
                "systemctl stop \(Self.unit); systemctl reset-failed; systemctl start \(Self.unit)")
            try await expectOwner(host, "after round \(round)")
        }
        let main = try await host.process(of: Self.unit)
        try await host.sh("kill -9 \(main)")
        try await waitUntil("systemd starts it again", deadline: .seconds(40)) {
            let now = try await host.process(of: Self.unit)
            return now != main && now != "0"
        }
        try await expectOwner(host, "after kill -9")
    }

    /// Nothing is found, of any kind: the port is the service's, and no orphan runs.
    private func expectOwner(_ host: FreshHost, _ when: String) async throws {
        try await waitUntil("all is well \(when)", deadline: .seconds(30)) {
            try await host.findings("ports", "processes").isEmpty
        }
        #expect(try await listens(host), "\(when)")
    }
}
