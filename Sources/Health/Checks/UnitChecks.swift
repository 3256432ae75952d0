import RemoteOps

// systemd's units, and the network.

enum UnitChecks {
    /// Restarts of a unit since somebody started it that look like a loop.
    private static let loopRestarts = 5

    static func all(_ scene: Scene) -> [Verdict] { units(scene) + network(scene) }

    private static func units(_ scene: Scene) -> [Verdict] {
        guard scene.readings.isSystemd else { return [] }
        guard let units = scene.readings.units.value else {
            let reason = scene.readings.units.reason ?? ""
            return [scene.verdict("units", .unknown, "its units are not known: \(reason)")]
        }
        var found: [Verdict] = []
        for unit in units { found += judge(scene, unit) }
        if found.isEmpty { found.append(scene.verdict("units", .ok, "no unit has failed")) }
        return found
    }

    private static func judge(_ scene: Scene, _ unit: HostReadings.Unit) -> [Verdict] {
        let owner = scene.subject.services.first { $0.unit == unit.name }
        let log =
            "fleetctl host exec --host \(scene.subject.host) -- journalctl -eu "
            + ShellWord.quoted(unit.name)
        let advice = owner.map { "fleetctl logs --host \(scene.subject.host) --service \($0.name)" }
        let runbook = owner.flatMap { Self.runbook(of: $0) }
        if unit.activeState == "failed" {
            let why = unit.result.isEmpty ? "" : " (\(unit.result))"
            return [
                scene.verdict(
                    "unit-failed", owner == nil ? .warning : .critical,
                    "\(unit.name) has failed\(why)", service: owner?.name, object: unit.name,
                    since: scene.date(sinceBoot: unit.changedAt), advice: advice ?? log,
                    runbook: runbook)
            ]
        }
        // One that waits for its next start was restarted before, or is about to be for the first
        // time; one that runs again and again for a moment only shows by its number.
        let isWaiting = unit.subState == "auto-restart"
        let isYoung = unit.changedAt.flatMap { changed in
            scene.readings.uptime.value.map { $0 - changed < 600 }
        }
        guard let restarts = unit.restarts, restarts > 0,
            isWaiting || restarts >= loopRestarts && isYoung != false
        else { return [] }
        return [
            scene.verdict(
                "unit-looping", owner == nil ? .warning : .critical,
                "\(unit.name) ends and is started again: \(restarts) restarts",
                service: owner?.name,
                object: unit.name, advice: advice ?? log, runbook: runbook)
        ]
    }

    /// The runbook for a service that does not stay up.
    static func runbook(of service: HealthSubject.Service) -> String? {
        switch service.role {
        case .monitor: "monitor-keeps-stopping"
        case .generator: "generator-will-not-start"
        case .plain: service.ports.isEmpty ? nil : "port-conflict"
        }
    }

    // MARK: Network

    /// Errors in a hundred packets that are too many, and how many there must be at least.
    private static let errorShare = 0.01, errorsMin = 100.0

    private static func network(_ scene: Scene) -> [Verdict] {
        (scene.readings.interfaces.value ?? []).flatMap { interface -> [Verdict] in
            var found: [Verdict] = []
            if interface.hasCarrier == false, interface.hasRoute {
                found.append(
                    scene.verdict(
                        "network-link", .critical, "\(interface.name) has no link",
                        object: interface.name,
                        advice: "look at its cable and at what it leads to",
                        runbook: "board-unreachable"))
            }
            let labels = ["interface": interface.name]
            // Since the last look where there was one, else since boot. Counters restart at boot.
            func grown(_ name: String, _ now: Double) -> Double {
                let before = scene.past.points(name, labels: labels).last?.value ?? 0
                return now >= before ? now - before : now
            }
            let errors = grown("network_errors_total", interface.errors)
            let packets = grown("network_packets_total", interface.packets)
            if errors >= errorsMin, errors > packets * errorShare {
                found.append(
                    scene.verdict(
                        "network-errors", .warning,
                        "\(interface.name) has errors in \(Amount.tenths(errors / max(1, packets) * 100)) %"
                            + " of its packets",
                        object: interface.name,
                        advice: "change the cable, then the port at the other end"))
            }
            return found
        }
    }
}
