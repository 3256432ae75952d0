import Foundation
import LabSupport
import TestSupport
import Testing

/// `fleetctl health` on hosts of the lab: each fault is planted, found and named, and none is told of
/// hosts that are well.
@Suite(.lab, .sharesLab, .timeLimit(.minutes(20))) struct HealthVerbTests {
    private func look(_ host: FreshHost, _ arguments: String...) async throws -> HealthLook {
        try HealthLook(
            try await host.site.fleetctl(["health", "-o", "json"] + arguments, timeout: 180))
    }

    /// A host whose inventory has these services, and lenient limits.
    private static func prepare(_ host: FreshHost, _ services: String) throws {
        try host.site.services(services)
        let text = try host.site.folder.read("fleet.yaml")
            .replacing("    arch: amd64", with: "    arch: amd64\n    \(HealthLook.lenient)")
        try host.site.folder.write("fleet.yaml", text)
    }

    private static let app = """
        app:
          host: HOST
          artifact: fleet.yaml
          executable: fleet.yaml

        """

    private static let forEver =
        "Restart=always\\nRestartSec=100ms\\n[Unit]\\nStartLimitIntervalSec=0\\n"

    /// A unit that runs, without a deploy: health asks what there is.
    private static func unit(_ name: String, _ command: String, _ more: String = "") -> String {
        """
        printf '[Service]\\nExecStart=%s\\n%b' '\(command)' '\(more)' \
            >/etc/systemd/system/\(name).service
        systemctl daemon-reload
        systemctl start --no-block \(name)

        """
    }

    @Test func faultsOfAHostAreFoundAndNamed() async throws {
        try await FreshHost.with { host in
            try Self.prepare(host, Self.app.replacing("HOST", with: host.name))
            try await host.sh(HealthLook.timesync + Self.unit("app", "/bin/sleep 100000"))
            let well = try await look(host)
            #expect(well.troubles.isEmpty && well.run.status == 0, "\(well)")
            try await plant(host)
            try await waitUntil("the unit has failed and the other loops", deadline: .seconds(60)) {
                let states = try await host.sh(
                    "systemctl is-failed bad.service; systemctl show -p NRestarts --value loop || true"
                )
                let lines = states.split(separator: "\n")
                return lines.first == "failed" && (Int(lines.last ?? "") ?? 0) > 5
            }
            let ill = try await look(host)
            #expect(ill.run.status == 5, "\(ill)")
            let name = host.name
            #expect(ill.has("\(name) disk-space /mnt/full"), "\(ill)")
            #expect(ill.has("\(name) read-only /mnt/stuck"), "\(ill)")
            #expect(ill.has("\(name) unit-failed bad.service", level: "warning"), "\(ill)")
            #expect(ill.has("\(name) unit-failed mnt-gone.mount", level: "warning"), "\(ill)")
            #expect(ill.has("\(name) unit-looping loop.service", level: "warning"), "\(ill)")
            #expect(ill.has("\(name) clock"), "\(ill)")
            #expect(ill.troubles.count == 6, "\(ill)")
            for verdict in ill.troubles.values { #expect(verdict["advice"] != nil, "\(verdict)") }
            try await expectOutputs(host)
        }
    }

    /// Disk, read-only, units; and a clock that is three hours ahead. The hosts share the kernel's
    /// clock, so what is wrong is the date(1) that they find first.
    private func plant(_ host: FreshHost) async throws {
        try await host.sh(
            """
            mkdir -p /mnt/full /mnt/stuck
            mount -t tmpfs -o size=10m tmpfs /mnt/full
            head -c 10100000 /dev/zero >/mnt/full/x
            mount --bind /mnt/stuck /mnt/stuck
            mount -o remount,ro,bind /mnt/stuck
            printf '#!/bin/sh\\nexec /bin/date -d "3 hours" "$@"\\n' >/usr/local/bin/date
            chmod 755 /usr/local/bin/date
            printf '[Mount]\\nWhat=/dev/gone\\nWhere=/mnt/gone\\nType=ext4\\n' \
                >/etc/systemd/system/mnt-gone.mount
            systemctl daemon-reload
            systemctl start mnt-gone.mount 2>/dev/null || true
            """ + "\n" + Self.unit("bad", "/bin/false")
                + Self.unit("loop", "/bin/false", Self.forEver))
    }

    /// The same for people and for Nagios.
    private func expectOutputs(_ host: FreshHost) async throws {
        let table = try await host.site.fleetctl("health", timeout: 180)
        #expect(table.status == 5, "\(table)")
        for text in ["/mnt/full is ", "bad.service has failed", "What to do:", "1 critical"] {
            #expect(table.output.contains(text), "\(text) is not in \(table)")
        }
        let nagios = try await host.site.fleetctl("health", "--nagios", timeout: 180)
        #expect(nagios.status == 2, "\(nagios)")
        #expect(nagios.output.hasPrefix("FLEET CRITICAL - "), "\(nagios)")
        #expect(nagios.output.split(separator: "\n").count == 1)
    }

    @Test func deadAndSlowHostsDoNotHideTheOthers() async throws {
        try await FreshHost.with(count: 3) { hosts in
            let (well, dead, slow) = (hosts[0], hosts[1], hosts[2])
            try Self.prepare(well, "{}")
            try await well.lab.kill(dead.name)
            let run = try await well.lab.whileWired(
                slow.name, "eth0", roundTrip: .milliseconds(2500)
            ) {
                // The slow one has limits of its own here.
                let text = try well.site.folder.read("fleet.yaml").replacing(
                    "answer_time: {warning: 30, critical: 60}",
                    with: "answer_time: {warning: 2, critical: 60}")
                try well.site.folder.write("fleet.yaml", text)
                return try await well.site.fleetctl(
                    ["health", "-o", "json", "--timeout", "90"], timeout: 180)
            }
            let look = try HealthLook(run)
            #expect(look.run.status == 3, "\(look)")
            #expect(look.has("\(dead.name) reachable"), "\(look)")
            #expect(look.has("\(slow.name) answer-time", level: "warning"), "\(look)")
            #expect(!look.troubles.keys.contains("\(well.name) reachable"), "\(look)")
        }
    }

    @Test func aLeakingServerAndStaleRowsAreFound() async throws {
        try await FreshHost.with { host in
            try Self.prepare(
                host,
                """
                gen-server:
                  host: \(host.name)
                  product: gen-server
                  ports: [9999]
                pigenny-monitor:
                  host: \(host.name)
                  product: pigenny-monitor

                """)
            // The older server's answer, with threads that never ended.
            let server = LegacyServer.script.replacing("THREADS: 1", with: "THREADS: 37")
            let put = try await host.lab.sh(
                host.name, "mkdir -p /srv && cat >/srv/legacy.py", input: server)
            #expect(put.status == 0, "\(put)")
            try await host.sh(
                HealthLook.timesync
                    + Self.unit("gen-server", "/usr/bin/python3 /srv/legacy.py legacy 9999")
                    + Self.unit("pigenny-monitor", "/bin/sleep 100000") + Self.monitorFiles)
            try await waitUntil("the server listens", deadline: .seconds(30)) {
                // 9999 in hexadecimal.
                try await host.sh("grep -c ':270F 00000000:0000 0A' /proc/net/tcp || true") == "1"
            }
            let ill = try await look(host)
            let name = host.name
            #expect(ill.has("\(name) generator-clients"), "\(ill)")
            #expect(ill.has("\(name) csv-age"), "\(ill)")
            #expect(ill.has("\(name) monitor-alarm no-charging"), "\(ill)")
            #expect(ill.has("\(name) inverter E016"), "\(ill)")
            #expect(ill.troubles.count == 4, "\(ill)")
            // A board that leaks no more, and rows that are written: all is well again.
            try await host.sh(
                """
                sed -i 's/THREADS: 37/THREADS: 2/' /srv/legacy.py
                systemctl restart gen-server
                sed -i 's/^alarms=.*/alarms=/; s/^inverter_faults=.*/inverter_faults=0/' \
                    /run/pigenny-monitor/status
                echo "2026-01-01T00:00:00,$(date +%s),61,94,52.8,0,0,0,0,400,0,400,IDLE,0" \
                    >>/var/log/pigenny/data_20260101.csv
                """)
            try await waitUntil("all is well", deadline: .seconds(60)) {
                try await look(host).troubles.isEmpty
            }
        }
    }

    private static let monitorFiles = """
        mkdir -p /var/log/pigenny /run/pigenny-monitor
        {
            echo timestamp,timestamp_unix,soc_pct,soh_pct,vbat_v,vpv1_v,vpv2_v,pv1_power_w,\
        pv2_power_w,load_power_w,charge_power_w,discharge_power_w,generator_state,generator_running
            echo "2026-01-01T00:00:00,$(($(date +%s) - 7200)),61,94,52.8,0,0,0,0,400,0,400,IDLE,0"
        } >/var/log/pigenny/data_20260101.csv
        printf '%s\\n' state=IDLE alarms=no-charging poll_seconds=3600 \
            inverter_faults=65536 inverter_warnings=65536 \
            "updated=$(date +%s)" complete=yes >/run/pigenny-monitor/status

        """

    /// Drawn in one place, while a host goes and comes back.
    @Test func theWatchSurvivesHostsThatComeAndGo() async throws {
        try await FreshHost.with { host in
            try Self.prepare(host, "{}")
            try await host.sh(HealthLook.timesync)
            let terminal = try Terminal([
                Site.program, "health", "--watch=1", "--timeout", "5", "--inventory",
                host.site.folder.path + "/fleet.yaml",
            ])
            func frames(_ level: String) -> Int {
                terminal.text.components(separatedBy: "\u{1B}[H").filter {
                    $0.contains("1 host: 1 \(level)") && $0.hasSuffix("\u{1B}[J") == false
                }.count
            }
            try await waitUntil("it is drawn twice", deadline: .seconds(60)) { frames("ok") >= 2 }
            try await host.lab.kill(host.name)
            try await waitUntil("it is gone", deadline: .seconds(90)) { frames("critical") >= 1 }
            let before = frames("ok")
            try await host.lab.start(host.name)
            try await waitUntil("it is back", deadline: .seconds(90)) {
                // A boot that nobody ordered is told, so it may be a warning now.
                frames("ok") + frames("warning") > before
            }
            #expect(terminal.text.contains(", every 1 s; Ctrl-C ends"))
            // What is drawn follows the size of the terminal.
            try terminal.resize(rows: 3, columns: 20)
            try await terminal.says("\u{1B}[H" + "tests, ", deadline: .seconds(30))
            try await terminal.says("… ", deadline: .seconds(30))
            terminal.type("\u{3}")
            #expect(try await terminal.status() == 0, "\(terminal.text.suffix(500))")
            #expect(terminal.text.hasSuffix("\r\n"))
        }
    }
}
