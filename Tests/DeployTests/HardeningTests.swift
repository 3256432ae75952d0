import Foundation
import LabSupport
import TestSupport
import Testing

/// Units under a real systemd: as strict as is claimed, and the services work.
@Suite(.lab, .faultsLab, .serialized) struct HardeningTests {
    /// What systemd-analyze may say of our units at most; 10 is everything open.
    static let exposureMax = 2.0

    /// The overall exposure level that systemd-analyze gives a loaded unit.
    static func exposure(_ unit: String, on host: String, _ lab: Lab) async throws -> Double {
        let said = try await lab.sh(host, "systemd-analyze security --no-pager \(unit) | tail -n 1")
        return try level(said.output)
    }

    private static func level(_ text: String) throws -> Double {
        let match = try #require(
            text.firstMatch(of: #/level for .*: ([0-9.]+) /#), "\(text)")
        return try #require(Double(match.1))
    }

    @Test(.timeLimit(.minutes(15))) func theMonitorWorksBehindItsWalls() async throws {
        try await ProductDeployTests.cleaningUp { lab in
            let site = try ProductDeployTests.site(lab)
            try site.services(
                """
                pigenny-monitor:
                  host: pi
                  product: pigenny-monitor
                  user: pi
                  args: [--inverter-port, /dev/ttySC1, --generator-host, 203.0.113.2, --poll, 0.5]
                  health:
                    - steady: 1s

                """)
            let run = try await site.fleetctl("deploy", "--yes", timeout: 14 * 60)
            #expect(run.status == 0, "\(run)")
            let unit = "pigenny-monitor.service"
            #expect(try await Self.exposure(unit, on: "pi", lab) <= Self.exposureMax)
            // It reads the inverter through the group of the serial line.
            try await waitUntil("it has read the inverter", deadline: .seconds(60)) {
                let status = try await lab.sh("pi", "cat /run/pigenny-monitor/status")
                return status.output.contains(/\nreport=[^\n]*load=\d+W/)
            }
            #expect(try await lab.sh("pi", "ls /var/log/pigenny/data_*.csv").status == 0)
            // It sees the operators' files, and takes the one that is consumed away.
            try await lab.sh("pi", "su pi -c 'touch /tmp/pigenny_force_stop'")
            try await waitUntil("the file is consumed", deadline: .seconds(60)) {
                try await lab.sh("pi", "ls /tmp/pigenny_force_stop").status != 0
            }
            try await lab.sh(
                "pi", "rm -rf /var/lib/pigenny-monitor /var/log/pigenny /tmp/pigenny_force_*")
        }
    }

    @Test(.timeLimit(.minutes(10))) func aServiceWithoutASourceOfItsOwnWorks() async throws {
        try await FreshHost.with { host in
            let site = host.site
            try site.folder.write("app", Programs.server, mode: 0o755)
            try site.folder.write("reply", "one\n")
            let service = Programs.server(on: host.name, expect: "one")
            try site.services(
                service.replacing("  ports:", with: "  user: pi\n  match: app\n  ports:"))
            try await site.deploy()
            let exposure = try await Self.exposure("app.service", on: host.name, host.lab)
            #expect(exposure <= Self.exposureMax)

            // Its guard sees through all of that: an orphan of a login has to go.
            try await host.sh("systemctl stop app.service")
            let login = try await host.lab.run([
                "ws", "ssh", "-i", host.lab.identityPath, "-o",
                "UserKnownHostsFile=\(host.lab.knownHostsPath)", "pi@\(host.address)",
                "cd /opt/fleet/app/current && setsid -f ./app 7777 config/reply "
                    + ">/dev/null 2>&1 </dev/null",
            ])
            #expect(login.status == 0, "\(login)")
            try await waitUntil("the orphan has the port", deadline: .seconds(30)) {
                try await host.lab.sh(host.name, "ss -Hltn 'sport = :7777' | grep -q .").status == 0
            }
            try await host.sh("systemctl start app.service")
            let journal = try await host.sh(
                "journalctl --sync; journalctl --no-pager -o cat -u app.service")
            #expect(journal.contains("SIGTERM to process"), "\(journal)")
            #expect(journal.contains("port 7777 is free now"))
            try await waitUntil("it serves", deadline: .seconds(30)) {
                try await host.lab.sh(host.name, "bash -c 'cat </dev/tcp/127.0.0.1/7777'").output
                    == "one\n"
            }
        }
    }

    /// There is no Bluetooth in the lab, so the unit is looked at and not started.
    @Test func theBluetoothProxysUnitIsAsStrictAsTheOthers() async throws {
        let lab = try Lab.required()
        let site = try ProductDeployTests.site(lab)
        let unit = "renogy-bt-proxy.service"
        try FileManager.default.copyItem(
            atPath: Site.project + "/Units/" + unit, toPath: site.folder.path + "/Units/" + unit)
        try site.folder.write("proxy/renogy_bt_proxy.py", "#!/usr/bin/env python3\n", mode: 0o755)
        try site.services(
            """
            renogy-bt-proxy:
              host: pi
              artifact: proxy
              executable: renogy_bt_proxy.py
              user: pi

            """)
        let rendered = try await site.fleetctl("units", "render", "renogy-bt-proxy")
        #expect(rendered.status == 0, "\(rendered)")
        let said = try await lab.sh(
            "pi",
            """
            folder=$(mktemp -d); cat >"$folder/\(unit)"
            systemd-analyze security --offline=true --no-pager "$folder/\(unit)" | tail -n 1
            rm -r "$folder"
            """, input: rendered.output)
        #expect(try Self.level(said.output) <= Self.exposureMax)
    }
}
