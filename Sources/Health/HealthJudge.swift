import Foundation

/// Makes a host's health of what was read: facts, numbers, verdicts. Pure.
public enum HealthJudge {
    /// The families of checks; each says nothing of what it cannot see, or says that it is unknown.
    private static let families: [@Sendable (Scene) -> [Verdict]] = [
        HostChecks.all, DiskChecks.all, ClockChecks.all, UnitChecks.all, ServiceChecks.all,
        GeneratorChecks.all, MonitorChecks.all, MetricsFileChecks.all,
    ]
    /// Verdicts on one host; more help nobody.
    private static let verdictsMax = 500

    /// The health of a host that answered.
    public static func health(
        of subject: HealthSubject, _ readings: HostReadings, past: HealthPast, asked: Asked
    ) -> HostHealth {
        let scene = Scene(subject: subject, readings: readings, past: past, asked: asked)
        var verdicts = [scene.verdict("reachable", .ok, "it answers")]
        for family in families { verdicts += family(scene) }
        verdicts = dated(unique(verdicts), past)
        let services = subject.services.map { service in
            var health = ServiceHealth(service, scene)
            health.level = .worst(verdicts.filter { $0.service == service.name }.map(\.level))
            return health
        }
        return HostHealth(
            host: subject.host, answer: .answered, takenAt: asked.done, seconds: asked.seconds,
            facts: Facts.all(scene, services), samples: samples(subject, readings, asked),
            verdicts: verdicts, services: services)
    }

    /// The numbers of a host that answered; which of the past the checks want is told by these.
    public static func samples(
        _ subject: HealthSubject, _ readings: HostReadings, _ asked: Asked
    ) -> [MetricSample] {
        Samples.all(Scene(subject: subject, readings: readings, past: HealthPast(), asked: asked))
    }

    /// The health of a host that could not be asked.
    public static func health(
        of subject: HealthSubject, unanswered answer: HostHealth.Answer, past: HealthPast,
        at time: Date, seconds: Double
    ) -> HostHealth {
        let advice: String
        let summary: String
        switch answer {
        case .answered: preconditionFailure("this one is for hosts that did not answer")
        case .unreachable(let reason):
            summary = "it cannot be asked: \(reason)"
            advice = "fleetctl host ping --host \(subject.host)"
        case .notPermitted(let reason):
            summary = "it does not let us in: \(reason)"
            advice = "fleetctl host trust --host \(subject.host)"
        }
        let verdict = Verdict(
            "reachable", host: subject.host, .critical, summary, advice: advice,
            runbook: "board-unreachable")
        return HostHealth(
            host: subject.host, answer: answer, takenAt: time, seconds: seconds,
            samples: [MetricSample("up", 0)], verdicts: dated([verdict], past),
            services: subject.services.map {
                ServiceHealth(service: $0.name, reason: "its host does not answer")
            })
    }

    /// Of two verdicts on one thing the graver: a host could have two of one name.
    private static func unique(_ verdicts: [Verdict]) -> [Verdict] {
        var places: [Verdict.Key: Int] = [:]
        var kept: [Verdict] = []
        for verdict in verdicts {
            if let place = places[verdict.key] {
                if verdict.level > kept[place].level { kept[place] = verdict }
            } else if kept.count < verdictsMax {
                places[verdict.key] = kept.count
                kept.append(verdict)
            }
        }
        return kept
    }

    /// Since when, by the history, where the host did not tell it.
    private static func dated(_ verdicts: [Verdict], _ past: HealthPast) -> [Verdict] {
        verdicts.map { verdict in
            var verdict = verdict
            if verdict.since == nil, let before = past.verdicts[verdict.key],
                before.level == verdict.level
            {
                verdict.since = before.since
            }
            return verdict
        }
    }
}
