import Foundation
import HTMLReport
import Health

/// A fleet that does not exist, with a history as long as is wanted: the same each time.
struct SimulatedFleet {
    static let now = 1_780_000_000.0
    private static let day = 86_400.0

    let hosts: Int
    let years: Int

    var span: TimeSpan { TimeSpan(Self.now - Double(years) * 365.25 * Self.day, Self.now) }

    /// How all hosts are: each tenth has something wrong.
    func health() -> FleetHealth {
        FleetHealth(
            fleet: "simulated", takenAt: Date(timeIntervalSince1970: Self.now),
            hosts: (0..<hosts).map(host))
    }

    static func name(_ index: Int) -> String { "host-\(index)" }

    private func host(_ index: Int) -> HostHealth {
        let name = Self.name(index)
        let groups = ["host", "disk", "memory", "clock", "units", "network"]
        let facts = (0..<24).map { number in
            Fact(groups[number / 4], "reading \(number)", .known("\(index * 7 % 100) of 100"))
        }
        let verdicts = (0..<12).map { number in
            let level: HealthLevel = index % 10 == 0 && number == 3 ? .warning : .ok
            return Verdict(
                "check-\(number)", host: name, level, "reading \(number) is \(level.rawValue)",
                since: Date(timeIntervalSince1970: Self.now - 7200), advice: "look at it")
        }
        let services = (0..<3).map { number in
            var service = ServiceHealth(service: "service-\(number)")
            service.state = .known("running")
            service.restarts = .known(index % 3)
            service.memory = .known(4_000_000 + index * 1000)
            service.level = .ok
            return service
        }
        return HostHealth(
            host: name, answer: .answered, takenAt: Date(timeIntervalSince1970: Self.now),
            seconds: 1.5, facts: facts, verdicts: verdicts, services: services)
    }

    /// The history of one host as the store gives it for years: least, greatest and mean of a day,
    /// of two file systems, memory and two services.
    func history(_ index: Int) -> [TrendCharts.Series] {
        let kinds: [(String, [String: String], Double)] = [
            ("disk_used_ratio", ["mount": "/"], 0.5), ("disk_used_ratio", ["mount": "/boot"], 0.2),
            ("memory_available_bytes", [:], 4e8),
            ("service_memory_bytes", ["service": "service-0"], 4e6),
            ("service_memory_bytes", ["service": "service-1"], 9e6),
        ]
        return kinds.map { name, labels, base in
            let points = (0..<years * 365).map { day in
                let value = base * (1 + 0.2 * sin(Double(day + index * 13) / 50))
                return MetricPoint(
                    time: span.from + Double(day) * Self.day, value: value, min: value * 0.97,
                    max: value * (day % 90 == 17 ? 1.3 : 1.04))
            }
            return TrendCharts.Series(name: name, labels: labels, points: points)
        }
    }

    /// The monitor's file: a row each ten minutes, as long as the history.
    func log() -> [UInt8] {
        var bytes = Array(
            "timestamp,timestamp_unix,soc_pct,vbat_v,pv1_power_w,pv2_power_w,load_power_w,charge_power_w,discharge_power_w,generator_running\n"
                .utf8)
        for index in 0..<Int(span.seconds / 600) {
            let time = Int(span.from) + index * 600
            let sun = max(0, 700 - abs(index % 144 - 72) * 20)
            let runs = index % 1000 < 9 ? 1 : 0
            bytes += Array(
                ("2026-01-01T00:00:00,\(time),\(30 + index % 70),\(50 + index % 5).\(index % 10),\(sun),"
                    + "\(sun / 2),\(250 + index % 90),\(runs * 2000),\(400 - runs * 400),\(runs)\n")
                    .utf8)
        }
        return bytes
    }
}
