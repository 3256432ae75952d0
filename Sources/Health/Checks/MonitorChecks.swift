import Foundation
import MonitorLog

// The monitor: whether it writes, and what it is alarmed by.

enum MonitorChecks {
    /// The status file is written every 10 s; several polls may be slow.
    private static let statusAgeMax = 120.0

    static func all(_ scene: Scene) -> [Verdict] {
        scene.subject.services.flatMap { service -> [Verdict] in
            guard case .monitor = service.role else { return [] }
            return row(scene, service) + status(scene, service) + sag(scene)
        }
    }

    private static func row(_ scene: Scene, _ service: HealthSubject.Service) -> [Verdict] {
        let csv = scene.readings.services[service.name]?.csv
        let logs = "fleetctl logs --host \(scene.subject.host) --service \(service.name)"
        func say(_ level: HealthLevel, _ text: String) -> [Verdict] {
            [
                scene.verdict(
                    "csv-age", level, text, service: service.name, advice: logs,
                    runbook: "csv-not-written")
            ]
        }
        guard let file = csv?.value else {
            return say(
                .unknown,
                "how old the last row is is not known: \(csv?.reason ?? HostReadings.unread)")
        }
        guard let time = file.lastRow?.unixSeconds.map(Double.init) ?? file.modified,
            let age = scene.age(of: time)
        else { return say(.unknown, "the end of \(file.path) holds no row") }
        let level = scene.level(
            .rowAge, age / 60, check: "csv-age", service: service.name)
        return say(level, "the last row is \(Amount.time(age)) old (\(file.path))")
            + charge(scene, service, file.lastRow, level)
    }

    /// Only a row that is fresh tells how full the battery is.
    private static func charge(
        _ scene: Scene, _ service: HealthSubject.Service, _ row: MonitorRow?, _ age: HealthLevel
    ) -> [Verdict] {
        guard age == .ok, let percent = row?.stateOfChargePercent else { return [] }
        let level = scene.level(
            .stateOfCharge, Double(percent), check: "battery", service: service.name)
        let volts = row?.batteryMillivolts.map { " at \(Amount.tenths(Double($0) / 1000)) V" } ?? ""
        return [
            scene.verdict(
                "battery", level, "the battery is \(percent) % full\(volts)", service: service.name,
                advice: "fleetctl charge on", runbook: "charging-does-not-happen")
        ]
    }

    // MARK: The status file

    private static func status(_ scene: Scene, _ service: HealthSubject.Service) -> [Verdict] {
        let file = scene.readings.services[service.name]?.monitor
        guard let values = file?.value else {
            return [
                scene.verdict(
                    "monitor", .unknown,
                    "what the monitor thinks is not known: \(file?.reason ?? HostReadings.unread)",
                    service: service.name,
                    advice: "fleetctl charge status --host \(scene.subject.host)",
                    runbook: "monitor-keeps-stopping")
            ]
        }
        guard let updated = values["updated"].flatMap({ HostText.natural($0) }),
            values["complete"] == "yes", let age = scene.age(of: Double(updated))
        else {
            return [
                scene.verdict(
                    "monitor", .unknown, "the monitor's status file is not whole",
                    service: service.name)
            ]
        }
        let poll = values["poll_seconds"].flatMap { HostText.decimal($0) } ?? 30
        let isStale = age > max(statusAgeMax, min(poll, 3600) * 3)
        let alarms = HostText.words(values["alarms"] ?? "").prefix(16).map(String.init)
        let state = scene.verdict(
            "monitor", isStale ? .critical : .ok,
            isStale
                ? "the monitor's status is \(Amount.time(age)) old: it hangs or has ended"
                : "monitor: \(values["state"] ?? "no state"), \(values["decision_text"] ?? "")",
            service: service.name,
            advice: "fleetctl logs --host \(scene.subject.host) --service \(service.name)",
            runbook: "monitor-keeps-stopping")
        let told = [state] + alarms.map { alarm(scene, service, $0) }
        return isStale ? told : told + InverterChecks.all(values, scene, service)
    }

    private static func alarm(
        _ scene: Scene, _ service: HealthSubject.Service, _ word: String
    ) -> Verdict {
        let meaning = alarms[word]
        return scene.verdict(
            "monitor-alarm", word == "service-due" ? .warning : .critical,
            "the monitor's alarm \(word)" + (meaning.map { ": " + $0.text } ?? ""),
            service: service.name, object: word,
            advice: "fleetctl charge status --host \(scene.subject.host)", runbook: meaning?.book)
    }

    private static let alarms: [String: (text: String, book: String?)] = [
        "start-failed": ("the generator failed to start", "generator-will-not-start"),
        "starts-exhausted": ("it failed too often, no more starts", "generator-will-not-start"),
        "engine-stopped": ("the engine stopped by itself in a run", "generator-will-not-start"),
        "stop-failed": ("the generator does not stop", "generator-will-not-start"),
        "no-charging": ("charger closed, but no charging", "charging-does-not-happen"),
        "battery-untrusted": ("the battery's state is not known", "monitor-keeps-stopping"),
        "generator-unknown": ("the generator's state is not known", "board-unreachable"),
        "service-due": ("the engine is due for service", nil),
    ]

    // MARK: The battery's voltage

    /// Volts a day by which the lowest voltage of each day may fall.
    private static let sagMax = 0.3
    private static let daysMin = 4

    /// The lowest of each day, for charging and discharging hide each other within one.
    private static func sag(_ scene: Scene) -> [Verdict] {
        var lowest: [Int: MetricPoint] = [:]
        for point in scene.past.points("battery_volts")
        where point.time.isFinite && abs(point.time) < 1e12 {
            let day = Int(point.time / 86_400)
            if lowest[day].map({ $0.min > point.min }) ?? true { lowest[day] = point }
        }
        let days = lowest.values.sorted { $0.time < $1.time }
            .map { MetricPoint(time: $0.time, value: $0.min) }
        guard
            let trend = Trend(
                days, pointsMin: daysMin, spanMin: Double(daysMin - 1) * 86_400 * 0.8),
            -trend.slope * 86_400 > sagMax, trend.rising < 0.2
        else { return [] }
        return [
            scene.verdict(
                "voltage-sag", .warning,
                "the battery's lowest voltage falls by \(Amount.tenths(-trend.slope * 86_400)) V a day",
                advice: "see whether it is charged in full: a cell or the charger may be weak",
                runbook: "charging-does-not-happen")
        ]
    }
}
