import Foundation
import Health

@testable import HTMLReport

/// Reports at the ends of what there is: nothing at all, and a site with a month of everything.
extension SampleReport {
    /// A fleet of one host that is well, and of which nothing more is known.
    static var empty: FleetReport {
        FleetReport(
            FleetHealth(
                fleet: "empty", takenAt: takenAt,
                hosts: [HostHealth(host: "pi", answer: .answered, takenAt: takenAt, seconds: 0.4)]),
            version: "0.1.0")
    }

    /// The small fleet with a month of rows as they come from the site, its files of both older
    /// column sets beside them, and what the generator and the battery told.
    static func site() throws -> FleetReport {
        var report = SampleReport().report()
        let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/monitor")
        var older = PlantRecord(clock)
        for name in ["data_dec27b.csv", "data_dec28.csv"] {
            older.add(name, try Data(contentsOf: fixtures.appendingPathComponent(name)))
        }
        var month = PlantRecord(clock)
        month.add("month.csv", Array(monthOfRows.utf8))
        report.plants = [
            Plant(
                name: "pi, pigenny-monitor", record: month,
                notes: ["12 older files were left on the host: it sends at most 16 MiB."]),
            Plant(name: "Files of this machine", record: older),
        ]
        report.health.hosts[0].facts += inside.map { Fact($0.0, $0.1, .known($0.2)) }
        report.trends = ["pi": TrendCharts.charts(trends, span: span)]
        return report
    }

    private static var span: TimeSpan {
        let end = takenAt.timeIntervalSince1970
        return TimeSpan(end - 30 * 86_400, end)
    }

    private static let inside = [
        ("battery", "last row", "2025-12-29T16:50:16"), ("battery", "state of charge", "51 %"),
        ("battery", "voltage", "52.4 V"), ("battery", "solar", "294 W"),
        ("battery", "load", "529 W"),
        ("monitor", "state", "RUNNING"), ("monitor", "decision text", "charging until 80 %"),
        ("monitor", "charging", "yes: 2150 W into the battery, voltage rising since 10 min"),
        ("monitor", "alarms", ""),
        ("generator", "STATE", "RUNNING"), ("generator", "RELAYS", "FUEL IGNITION"),
        ("generator", "LAST_ERROR", "none"), ("generator", "TOTAL_HOURS", "1234.5"),
        ("runs", "2025-12-28 04:20", "1 h 30 min, battery below 40 %, ended at 80 %"),
        ("runs", "2025-12-24 22:00", "2 h, battery below 40 %, ended by hand"),
    ]

    /// A row each ten minutes: days with and without sun, the generator when the battery is low.
    private static let monthOfRows: String = {
        var random = Noise()
        var text =
            "timestamp,timestamp_unix,soc_pct,soh_pct,vbat_v,vpv1_v,vpv2_v,pv1_power_w,pv2_power_w,"
            + "load_power_w,charge_power_w,discharge_power_w,generator_state,generator_running\n"
        var charge = 70.0
        var isRunning = false
        for index in 0..<(30 * 144) where !(2000..<2320).contains(index) {
            let hour = Double(index % 144) / 6
            let clouds = 0.3 + 0.7 * random.smooth(index / 144)
            let sun = max(0, cos((hour - 12.5) / 5 * .pi / 2)) * (abs(hour - 12.5) < 5 ? 1 : 0)
            let solar = Int(sun * 1400 * clouds * (0.85 + 0.15 * random.next()))
            let load = 320 + Int(180 * random.next()) + (hour > 17 && hour < 22 ? 350 : 0)
            if charge < 38 { isRunning = true }
            if charge > 78 { isRunning = false }
            let net = solar + (isRunning ? 2600 : 0) - load
            charge = min(100, max(20, charge + Double(net) / 6 / 160))
            let volts = 49.5 + charge * 0.045 + Double(net) / 2600 * 0.9
            text +=
                "2025-12-01T00:00:00,\(Int(span.from) + index * 600),\(Int(charge)),94,"
                + "\(Double(Int(volts * 10)) / 10),0,0,\(solar / 2),\(solar - solar / 2),\(load),"
                + "\(max(0, net)),\(max(0, -net)),\(isRunning ? "RUNNING" : "IDLE"),"
                + "\(isRunning ? 1 : 0)\n"
        }
        return text
    }()

    private static var trends: [TrendCharts.Series] {
        func series(
            _ name: String, _ labels: [String: String] = [:], _ value: (Double) -> Double
        ) -> TrendCharts.Series {
            TrendCharts.Series(
                name: name, labels: labels,
                points: (0..<720).map { hour in
                    let point = value(Double(hour))
                    return MetricPoint(
                        time: span.from + Double(hour) * 3600, value: point, min: point, max: point)
                })
        }
        return [
            series("disk_used_ratio", ["mount": "/"]) { 0.6 + $0 * 0.0005 },
            series("disk_used_ratio", ["mount": "/boot/firmware"]) { _ in 0.21 },
            series("memory_available_bytes") { 3.1e8 + 4e7 * sin($0 / 12) },
            series("service_memory_bytes", ["service": "pigenny-monitor"]) { 3.4e6 + $0 * 900 },
            series("service_memory_bytes", ["service": "renogy-bt-proxy"]) { 2.6e7 + $0 * 9000 },
        ]
    }

    /// The same numbers each time (Numerical Recipes' linear congruential generator).
    private struct Noise {
        private var state: UInt32 = 7

        mutating func next() -> Double {
            state = state &* 1_664_525 &+ 1_013_904_223
            return Double(state >> 8) / Double(1 << 24)
        }

        /// One number a day.
        func smooth(_ day: Int) -> Double { abs(sin(Double(day) * 1.7) * cos(Double(day) * 0.6)) }
    }
}
