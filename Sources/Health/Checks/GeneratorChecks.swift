import GeneratorCore
import GeneratorWire

// The generator's server: whether it answers, what it latched, whether it fills up.

enum GeneratorChecks {
    /// Clients that a server takes at once, and a few that are allowed to say STOP beyond them: more
    /// are threads that never ended.
    private static let clientsMax = 8
    private static let startBook = "generator-will-not-start"

    static func all(_ scene: Scene) -> [Verdict] {
        scene.subject.services.flatMap { service -> [Verdict] in
            guard case .generator = service.role else { return [] }
            let advice = "fleetctl generator status --host \(scene.subject.host)"
            guard let status = scene.readings.services[service.name]?.generator?.value else {
                let reason =
                    scene.readings.services[service.name]?.generator?.reason
                    ?? HostReadings.unread
                return [
                    scene.verdict(
                        "generator", .critical, "how the generator is is not known: \(reason)",
                        service: service.name, advice: advice, runbook: startBook)
                ]
            }
            return known(scene, service, status, advice)
        }
    }

    private static func known(
        _ scene: Scene, _ service: HealthSubject.Service, _ status: GeneratorStatus,
        _ advice: String
    ) -> [Verdict] {
        var found: [Verdict] = []
        func add(
            _ check: String, _ level: HealthLevel, _ text: String, advice: String? = nil,
            _ book: String? = startBook
        ) {
            found.append(
                scene.verdict(
                    check, level, text, service: service.name, advice: advice, runbook: book))
        }
        if status.inputs.known == nil || status.bus == .value(.failing) {
            add(
                "generator-bus", .critical, "the relay board's inputs cannot be read",
                advice: "look at the board's power and its I2C cable")
        }
        if status.relays.known == nil {
            add("generator-bus", .critical, "which relays are on is not known", advice: advice)
        }
        if case .value(.some(let problem)) = status.latched {
            add(
                "generator-latched", .critical, "no start is allowed: \(problem)",
                advice: "fleetctl generator reset, once the cause is gone")
        }
        if let relays = status.relays.known, relays.contains(.charger), status.engine == .standing {
            add(
                "generator-charger", .critical, "the charger is closed on an engine that stands",
                advice: "fleetctl generator stop")
        }
        if let clients = status.clients.known, clients > clientsMax {
            add(
                "generator-clients", .critical,
                "the server serves \(clients) clients or threads: they never end",
                advice: "update it while the generator stands: fleetctl generator update",
                "thread-or-memory-leak")
        }
        found += clientGrowth(scene, service, status)
        if found.isEmpty { add("generator", .ok, text(status)) }
        return found
    }

    private static func clientGrowth(
        _ scene: Scene, _ service: HealthSubject.Service, _ status: GeneratorStatus
    ) -> [Verdict] {
        guard let clients = status.clients.known, clients <= clientsMax else { return [] }
        let points = scene.points(
            "generator_clients", labels: ["service": service.name], now: Double(clients),
            since: scene.bootedAt)
        guard let trend = Leak.growth(points, atLeast: 3) else { return [] }
        return [
            scene.verdict(
                "generator-clients", .warning,
                "the server has ever more threads: \(clients) now, \(Amount.whole(trend.first)) "
                    + "\(Amount.time(trend.span)) ago",
                service: service.name,
                advice: "update it while the generator stands: fleetctl generator update",
                runbook: "thread-or-memory-leak")
        ]
    }

    /// `OFF, engine stands`
    static func text(_ status: GeneratorStatus) -> String {
        let engine =
            switch status.engine {
            case .standing: "the engine stands"
            case .running: "the engine runs"
            case .cranking: "the engine is cranked"
            case .unknown: "the engine's state is not known"
            }
        return "generator: \(status.state.known.map(WireText.name) ?? "no state"), \(engine)"
    }
}
