import Foundation
import Health
import UnitLint

@testable import Audit
@testable import HTMLReport

/// A small fleet at a fixed time, with everything that a report can show. Every text goes through
/// `spoil`, so that a test can put something evil in its place.
struct SampleReport {
    var spoil: (String) -> String = { $0 }

    static let takenAt = Date(timeIntervalSince1970: 1_767_024_000)  // 2025-12-29T16:00:00Z
    /// An hour ahead of UTC, whatever the machine says.
    static let clock = ReportClock(TimeZone(secondsFromGMT: 3600) ?? .gmt)

    func report() -> FleetReport {
        let health = FleetHealth(
            fleet: spoil("off-grid"), takenAt: Self.takenAt,
            hosts: [monitorHost, board, deadHost])
        var report = FleetReport(health, version: "0.1.0")
        report.findings = [finding]
        report.auditGaps = [.init(host: spoil("olimex"), reason: spoil("no answer in 15 s"))]
        report.releases = [
            .init(
                host: spoil("pi"), service: spoil("pigenny-monitor"),
                release: spoil("20251220T101500Z-1a2b3c4d"), state: spoil("current"),
                time: Self.takenAt - 800_000, owner: spoil("anna@laptop"),
                commit: spoil("1a2b3c4d5e6f")),
            .init(
                host: spoil("pi"), service: spoil("pigenny-monitor"),
                release: spoil("20251101T080000Z-99aa00bb"), state: spoil("previous"), time: nil,
                owner: nil, commit: nil),
        ]
        report.releaseGaps = [.init(host: spoil("olimex"), reason: spoil("no answer in 15 s"))]
        report.trends = [spoil("pi"): [diskChart, memoryChart]]
        report.notes = [spoil("The history is locked by another fleetctl: no trends of old.")]
        report.plants = [
            Plant(
                name: spoil("pi, pigenny-monitor"), record: plant,
                notes: [spoil("2 older files were left on the host.")])
        ]
        report.plantGaps = [.init(host: spoil("olimex"), reason: spoil("no answer in 15 s"))]
        return report
    }

    private var monitorHost: HostHealth {
        var monitor = ServiceHealth(service: spoil("pigenny-monitor"))
        monitor.state = .known(spoil("running"))
        monitor.since = .known(Self.takenAt - 93_600)
        monitor.restarts = .known(2)
        monitor.memory = .known(3_407_872)
        monitor.memoryLimit = .known(67_108_864)
        monitor.threads = .known(1)
        monitor.release = .known(spoil("20251220T101500Z-1a2b3c4d"))
        monitor.ports = [
            ServiceHealth.Port("tcp/9100", owner: .known(spoil("process 812 in /system.slice")))
        ]
        monitor.errors = [
            spoil("ERROR: Modbus read timed out after 1.0 s"), spoil("WARNING: row is stale"),
        ]
        monitor.level = .warning
        return HostHealth(
            host: spoil("pi"), answer: .answered, takenAt: Self.takenAt, seconds: 1.26,
            facts: [
                Fact(spoil("host"), spoil("uptime"), .known(spoil("12 d 4 h"))),
                Fact(spoil("host"), spoil("load"), .known(spoil("0.42 0.31 0.30"))),
                Fact(spoil("disk"), spoil("/"), .known(spoil("95 % full, 310 MiB free"))),
                Fact(spoil("clock"), spoil("offset"), .unknown(spoil("there is no timedatectl"))),
            ],
            verdicts: [
                Verdict(
                    spoil("disk-space"), host: spoil("pi"), object: spoil("/"), .critical,
                    spoil("/ is 95 % full, 310 MiB free"), since: Self.takenAt - 7200,
                    advice: spoil("Remove old releases: fleetctl releases --prune --host pi"),
                    runbook: spoil("sd-card-full")),
                Verdict(
                    spoil("restarts"), host: spoil("pi"), service: spoil("pigenny-monitor"),
                    .warning, spoil("it was started anew 2 times in a day")),
                Verdict(
                    spoil("clock-offset"), host: spoil("pi"), .unknown,
                    spoil("the clock's offset is not known: there is no timedatectl")),
                Verdict(spoil("memory"), host: spoil("pi"), .ok, spoil("41 % of memory is used")),
            ],
            services: [monitor])
    }

    private var board: HostHealth {
        var server = ServiceHealth(
            service: spoil("gen-server"), reason: spoil("there is no systemd"))
        server.state = .known(spoil("running"))
        server.level = .ok
        return HostHealth(
            host: spoil("board"), answer: .answered, takenAt: Self.takenAt, seconds: 3.4,
            facts: [
                Fact(spoil("host"), spoil("uptime"), .known(spoil("6 h 45 min"))),
                Fact(spoil("generator"), spoil("state"), .known(spoil("OFF, relays 0x00"))),
            ],
            verdicts: [Verdict(spoil("memory"), host: spoil("board"), .ok, spoil("42 % used"))],
            services: [server])
    }

    private var deadHost: HostHealth {
        HostHealth(
            host: spoil("olimex"), answer: .unreachable(spoil("no answer in 15 s")),
            takenAt: Self.takenAt, seconds: 15,
            verdicts: [
                Verdict(
                    spoil("reachable"), host: spoil("olimex"), .critical,
                    spoil("no answer in 15 s"), runbook: spoil("board-unreachable"))
            ])
    }

    private var finding: Finding {
        var evidence = Evidence()
        evidence.pid = 4711
        evidence.user = spoil("root")
        evidence.startTime = 1_766_900_000
        evidence.command = spoil("python3 renogy_bt_proxy.py --port 6053")
        evidence.executable = spoil("/usr/bin/python3.11")
        evidence.cgroup = spoil("/user.slice/session-3.scope")
        evidence.unit = spoil("renogy-bt-proxy.service")
        evidence.port = spoil("tcp/6053")
        evidence.path = spoil("/etc/systemd/system/x.service")
        evidence.detail = spoil("LISTEN 0 5 *:6053")
        return Finding(
            id: spoil("orphan"), aspect: .ports, host: spoil("pi"), severity: .error,
            subject: spoil("tcp/6053"), what: spoil("an orphan holds the port of renogy-bt-proxy"),
            evidence: evidence, why: spoil("The service cannot listen while it lives."),
            fix: spoil("fleetctl audit ports --fix --host pi"))
    }

    /// Hourly for ten days; two days of it are missing.
    private func points(_ value: (Double) -> Double) -> [ChartPoint] {
        (0..<240).filter { !(96..<144).contains($0) }.map { hour in
            let time = Self.takenAt.timeIntervalSince1970 - Double(240 - hour) * 3600
            return ChartPoint(time: time, value: value(Double(hour)))
        }
    }

    private var span: TimeSpan {
        let end = Self.takenAt.timeIntervalSince1970
        return TimeSpan(end - 864_000, end)
    }

    private var diskChart: Chart {
        Chart(
            spoil("Disk used"), unit: spoil("%"),
            [
                ChartSeries(spoil("/"), points { 60 + $0 * 0.145 }),
                ChartSeries(spoil("/boot"), points { _ in 20 }),
            ], span: span, values: 0...100)
    }

    private var memoryChart: Chart {
        Chart(
            spoil("Memory used"), unit: spoil("%"),
            [
                ChartSeries(
                    spoil("memory"), points { 40 + 3 * ($0 / 6).truncatingRemainder(dividingBy: 4) }
                )
            ],
            span: span, values: 0...100)
    }

    /// Five days of the monitor's rows, ten minutes apart, without the third; the engine runs twice.
    var plant: PlantRecord {
        var record = PlantRecord(Self.clock)
        record.add(spoil("log.csv"), Array(Self.rows.utf8))
        record.add(spoil("broken.csv"), Array("no header\n".utf8))
        return record
    }

    static let rows: String = {
        var text =
            "timestamp,timestamp_unix,soc_pct,vbat_v,pv1_power_w,pv2_power_w,load_power_w,"
            + "charge_power_w,discharge_power_w,generator_running\n"
        for index in 0..<720 where !(180..<340).contains(index) {
            let time = Int(takenAt.timeIntervalSince1970) - (720 - index) * 600
            let minute = index % 144
            let sun = max(0, 800 - abs(minute - 72) * 20)
            let runs = (30..<42).contains(index) || (500..<509).contains(index)
            let charge = runs ? "\(2000)" : "\(sun / 2)"
            let load = index % 50 == 49 ? "" : "\(300 + index % 7 * 20)"
            text +=
                "2025-12-27T00:00:00,\(time),\(45 + index % 144 / 4),\(50 + index % 10).\(index % 7),"
                + "\(sun),\(sun / 2),\(load),\(charge),\(runs ? 0 : 400),\(runs ? 1 : 0)\n"
        }
        return text
    }()
}
