import Foundation
import Health

/// A fleet's health as JSON; `Documentation/health.schema.json` describes it. What is unknown is an
/// object with its reason, never null or zero.
public struct HealthDocument: Encodable, Sendable {
    /// The form's version; it grows where something that was there changes.
    public static let version = 1

    private let health: FleetHealth

    /// A document of a fleet's health.
    public init(_ health: FleetHealth) { self.health = health }

    private enum CodingKeys: String, CodingKey {
        case version, fleet, takenAt, level, hosts
    }

    /// Writes it.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(Self.version, forKey: .version)
        try values.encode(health.fleet, forKey: .fleet)
        try values.encode(Self.time(health.takenAt), forKey: .takenAt)
        try values.encode(health.level, forKey: .level)
        try values.encode(health.hosts.map(HostEntry.init), forKey: .hosts)
    }

    /// UTC to the second.
    fileprivate static func time(_ date: Date) -> String { date.formatted(.iso8601) }
}

private struct HostEntry: Encodable {
    var host: String
    var level: HealthLevel
    var answer: String
    var reason: String?
    var takenAt: String
    var seconds: Double
    var verdicts: [VerdictEntry]
    var services: [ServiceEntry]
    var facts: [FactEntry]
    var metrics: [MetricEntry]

    init(_ host: HostHealth) {
        self.host = host.host
        level = host.level
        switch host.answer {
        case .answered: answer = "answered"
        case .unreachable: answer = "unreachable"
        case .notPermitted: answer = "not-permitted"
        }
        reason = host.answer.reason
        takenAt = HealthDocument.time(host.takenAt)
        seconds = host.seconds
        verdicts = host.verdicts.map(VerdictEntry.init)
        services = host.services.map(ServiceEntry.init)
        facts = host.facts.map(FactEntry.init)
        metrics = host.samples.map(MetricEntry.init)
    }
}

private struct VerdictEntry: Encodable {
    var check: String
    var level: HealthLevel
    var summary: String
    var service: String?
    var object: String?
    var since: String?
    var advice: String?
    var runbook: String?

    init(_ verdict: Verdict) {
        check = verdict.check
        level = verdict.level
        summary = verdict.summary
        service = verdict.service
        object = verdict.object
        since = verdict.since.map(HealthDocument.time)
        advice = verdict.advice
        runbook = verdict.runbook
    }
}

private struct ServiceEntry: Encodable {
    var service: String
    var level: HealthLevel
    var state: MeasuredEntry<String>
    var since: MeasuredEntry<String>
    var restarts: MeasuredEntry<Int>
    var memoryBytes: MeasuredEntry<Int>
    var memoryLimitBytes: MeasuredEntry<Int>
    var threads: MeasuredEntry<Int>
    var release: MeasuredEntry<String>
    var ports: [PortEntry]
    var errors: [String]

    init(_ service: ServiceHealth) {
        self.service = service.service
        level = service.level
        state = MeasuredEntry(service.state)
        since = MeasuredEntry(service.since.map(HealthDocument.time))
        restarts = MeasuredEntry(service.restarts)
        memoryBytes = MeasuredEntry(service.memory)
        memoryLimitBytes = MeasuredEntry(service.memoryLimit)
        threads = MeasuredEntry(service.threads)
        release = MeasuredEntry(service.release)
        ports = service.ports.map { PortEntry($0) }
        errors = service.errors
    }
}

private struct PortEntry: Encodable {
    var port: String
    var owner: MeasuredEntry<String>

    init(_ port: ServiceHealth.Port) {
        self.port = port.claim
        owner = MeasuredEntry(port.owner)
    }
}

private struct FactEntry: Encodable {
    var group: String
    var key: String
    var value: MeasuredEntry<String>

    init(_ fact: Fact) {
        group = fact.group
        key = fact.key
        value = MeasuredEntry(fact.text)
    }
}

private struct MetricEntry: Encodable {
    var name: String
    var labels: [String: String]
    var value: Double

    init(_ sample: MetricSample) {
        name = sample.name
        labels = sample.labels
        value = sample.value
    }
}

/// The value itself, or `{"unknown": "why"}`.
private struct MeasuredEntry<Value: Encodable & Sendable & Equatable>: Encodable {
    var measured: Measured<Value>

    init(_ measured: Measured<Value>) { self.measured = measured }

    func encode(to encoder: any Encoder) throws {
        switch measured {
        case .known(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value)
        case .unknown(let reason): try ["unknown": reason].encode(to: encoder)
        }
    }
}
