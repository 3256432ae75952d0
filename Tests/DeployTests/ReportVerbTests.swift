import Foundation
import LabSupport
import TestSupport
import Testing

/// `fleetctl report` of hosts of the lab.
@Suite(.lab, .sharesLab) struct ReportVerbTests {
    /// A host that answers and one that does not are both in the file; the file is its owner's.
    @Test(.timeLimit(.minutes(10))) func whatIsKnownAndWhatIsNotIsInTheFile() async throws {
        try await FreshHost.with(count: 2) { hosts in
            let (host, dead) = (hosts[0], hosts[1])
            try host.site.program(Programs.sleeper)
            try host.site.services(
                Programs.app(on: host.name) + Self.monitor(on: dead.name))
            try await host.site.deploy(0, "--service", "app")
            try await host.lab.kill(dead.name)
            try host.site.folder.write(
                "log.csv",
                "timestamp_unix,soc_pct,generator_running\n"
                    + "\(Int(Date().timeIntervalSince1970) - 60),55,0\n")
            let path = host.site.folder.path + "/report.html"
            let run = try await host.site.fleetctl(
                "report", "--html", path, "--csv", host.site.folder.path + "/log.csv",
                "--timeout", "5")
            #expect(run.status == 3, "\(run)")
            let page = try host.site.folder.read("report.html")
            #expect(page.contains(">1 of 2</b>hosts answered"))
            #expect(page.contains("It could not be asked"))
            #expect(page.contains(">Files of this machine</h3>") && page.contains("1 row from"))
            #expect(page.contains("\(dead.name)</span> could not send its monitor&#39;s files"))
            #expect(page.contains(">current</td>"))
            #expect(page.contains("\(dead.name)</span> could not be looked at"))
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect(mode as? Int == 0o600)
            let printed = try await host.site.fleetctl(
                "report", "--html", "-", "--host", host.name)
            #expect(printed.status == 0, "\(printed)")
            #expect(printed.output.hasPrefix("<!DOCTYPE html>"))
            #expect(printed.output.hasSuffix("</html>\n"))
        }
    }

    private static func monitor(on host: String) -> String {
        "pigenny-monitor:\n  host: \(host)\n  product: pigenny-monitor\n"
    }

    private static let evil = #"<script>alert(1)</script>"><img src=//evil.example/x>"#

    /// Two hosts that answer: the files of the monitor of both generations come from its host, the
    /// findings, releases, readings and trends from both; and what a host says stays text.
    @Test(.timeLimit(.minutes(10))) func everythingOfHostsThatAnswerIsInTheFile() async throws {
        try await FreshHost.with(count: 2) { hosts in
            let (pi, other) = (hosts[0], hosts[1])
            try pi.site.program(Programs.sleeper)
            try pi.site.services(Programs.app(on: pi.name) + Self.monitor(on: pi.name))
            try await pi.site.deploy(0, "--service", "app")
            try await Self.plant(on: pi)
            // Trends need a past.
            let health = try await pi.site.fleetctl("health", timeout: 180)
            #expect(health.output.contains(pi.name), "\(health)")
            let path = pi.site.folder.path + "/report.html"
            let run = try await pi.site.fleetctl("report", "--html", path, timeout: 180)
            #expect(run.status == 0, "\(run)")
            let page = try pi.site.folder.read("report.html")
            for text in Self.wanted(pi, other) {
                #expect(page.contains(text), "\(text) is not in the page")
            }
            #expect(!page.contains("<script") && !page.contains("<img"))
            for look in try await PageLook.looks(at: Array(page.utf8), "lab") {
                #expect(look.faults == [])
                #expect(look.names["article"] == 2, "a card a host")
                // Charge, voltage, power, hours; disk and memory of each host at least.
                #expect((look.names["svg@role"] ?? 0) >= 8, "\(look.names)")
                #expect(look.names["img"] == nil && look.names["script"] == nil)
            }
        }
    }

    private static func wanted(_ pi: FreshHost, _ other: FreshHost) -> [String] {
        [
            ">2 of 2</b>hosts answered", ">\(pi.name)</h3>", ">\(other.name)</h3>",
            // Readings, of the host and of its services.
            "<dt>uptime</dt><dd>", "<dt>available</dt><dd>",
            "<dt>state of charge</dt><dd>61 %</dd>", ">app</span>", ">pigenny-monitor</span>",
            ">State of charge ", ">Power of the battery ", ">Disk used ", ">Memory available ",
            ">Generator, hours a day<",
            // The files: rows of both column sets, one of them by the row's own time.
            ">\(pi.name), pigenny-monitor</h3>", ">6 rows from ", ">1 h 10 min</td>",
            "data_\(Self.day(0)).csv, line 3: ", "it is no file",
            // The findings, the releases and what the log said.
            ": stray.service failed: exit-code", ">current</td>", ">app</td>",
            "alert(1)&lt;/script&gt;&quot;&gt;&lt;img",
        ]
    }

    private static func day(_ ago: Double) -> String {
        let style = Date.VerbatimFormatStyle(
            format: "\(year: .defaultDigits)\(month: .twoDigits)\(day: .twoDigits)",
            timeZone: .gmt, calendar: Calendar(identifier: .gregorian))
        return Date(timeIntervalSinceNow: -ago * 86_400).formatted(style)
    }

    /// Files of two days, a link to what is nobody's business, a unit that has failed, and a
    /// service that logs what a browser must not run.
    private static func plant(on host: FreshHost) async throws {
        let now = Int(Date().timeIntervalSince1970)
        let new =
            "timestamp,timestamp_unix,soc_pct,vbat_v,pv1_power_w,pv2_power_w,load_power_w,"
            + "charge_power_w,discharge_power_w,generator_running\n"
            + "2026-01-01T00:00:00,\(now - 9000),40,51.0,0,0,400,0,400,0\n"
            + "\(evil)\n"
            + [(8400, 1), (6900, 1), (5400, 1), (4200, 0)].map { ago, runs in
                "2026-01-01T00:00:00,\(now - ago),61,52.8,10,20,400,2000,0,\(runs)\n"
            }.joined()
        let old =
            "timestamp,timestamp_unix,reg_7,p_charge_w,p_discharge_w,soc_pct,vbat_v\n"
            + "2025-12-27T20:30:16,\(now - 100_000),0,0,1260,38,52.1\n"
        try await host.sh("mkdir -p /var/log/pigenny")
        for (name, text) in [(day(0), new), (day(100_000 / 86_400.0), old)] {
            let put = try await host.lab.sh(
                host.name, "cat >/var/log/pigenny/data_\(name).csv", input: text)
            #expect(put.status == 0, "\(put)")
        }
        try await host.sh(
            """
            ln -s /etc/shadow /var/log/pigenny/data_\(day(5)).csv
            cat >/etc/systemd/system/stray.service <<'END'
            [Service]
            ExecStart=/bin/false
            END
            cat >/etc/systemd/system/pigenny-monitor.service <<'END'
            [Service]
            ExecStart=/bin/sh -c 'printf "<3>%%s\\n" "$EVIL"; exec sleep 100000'
            Environment='EVIL=\(evil)'
            END
            systemctl daemon-reload
            systemctl start --no-block stray.service
            systemctl start pigenny-monitor.service
            """)
        try await waitUntil("it logs, and the other has failed", deadline: .seconds(30)) {
            let said = try await host.lab.sh(
                host.name,
                "journalctl -u pigenny-monitor -p err -o cat; systemctl is-failed stray.service")
            return said.output.contains("<script>") && said.output.contains("failed")
        }
    }
}
