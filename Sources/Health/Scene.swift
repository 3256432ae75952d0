import Foundation
import Inventory

/// When a host was asked, by the clock of the machine that asked.
public struct Asked: Sendable, Equatable {
    /// When the question went out.
    public var sent: Date
    /// When the first line of the answer came in.
    public var heard: Date
    /// When all of the answer was there.
    public var done: Date
    /// How long it took in all, a new connection included.
    public var seconds: Double

    /// Times of one question.
    public init(sent: Date, heard: Date, done: Date, seconds: Double) {
        self.sent = sent
        self.heard = heard
        self.done = done
        self.seconds = seconds
    }
}

/// Everything that the checks of one host look at.
struct Scene {
    var subject: HealthSubject
    var readings: HostReadings
    var past: HealthPast
    var asked: Asked

    /// A verdict on this host.
    func verdict(
        _ check: String, _ level: HealthLevel, _ summary: String, service: String? = nil,
        object: String? = nil, since: Date? = nil, advice: String? = nil, runbook: String? = nil
    ) -> Verdict {
        Verdict(
            check, host: subject.host, service: service, object: object, level, summary,
            since: since, advice: level > .ok ? advice : nil,
            runbook: level > .ok ? runbook : nil)
    }

    /// How grave a value of a measure is, given what the same check said last time.
    func level(
        _ measure: HealthLimits.Measure, _ value: Double, check: String, service: String? = nil,
        object: String? = nil
    ) -> HealthLevel {
        subject.limit(measure).level(
            value, previous: previous(check, service: service, object: object))
    }

    /// What the same check said last time.
    func previous(
        _ check: String, service: String? = nil, object: String? = nil
    ) -> HealthLevel? {
        let key = Verdict.Key(
            host: subject.host, check: check, service: service, object: object)
        return past.verdicts[key]?.level
    }

    /// A moment of the host's boot by our clock; nil where that cannot be told.
    func date(sinceBoot seconds: Double?) -> Date? {
        guard let seconds, let uptime = readings.uptime.value else { return nil }
        return asked.heard.addingTimeInterval(seconds - uptime)
    }

    /// When the host was booted, by our clock.
    var bootedAt: Date? { date(sinceBoot: 0) }

    /// How old something is that the host's clock dated, in seconds.
    func age(of time: Double) -> Double? {
        readings.clock.value.map { $0.seconds - time }
    }

    /// Points of the past with what was read now.
    func points(
        _ name: String, labels: [String: String] = [:], now: Double, since: Date? = nil
    ) -> [MetricPoint] {
        let oldest = since.map(\.timeIntervalSince1970) ?? -.infinity
        return past.points(name, labels: labels).filter { $0.time >= oldest }
            + [MetricPoint(time: asked.done.timeIntervalSince1970, value: now)]
    }

    /// The unit of a service, as systemd shows it.
    func unit(of service: HealthSubject.Service) -> HostReadings.Unit? {
        readings.units.value?.first { $0.name == service.unit }
    }
}
