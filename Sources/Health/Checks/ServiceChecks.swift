import Foundation

// The fleet's services: whether they run, as what, and what they grow by.

enum ServiceChecks {
    static func all(_ scene: Scene) -> [Verdict] {
        var found: [Verdict] = []
        for service in scene.subject.services {
            let health = ServiceHealth(service, scene)
            found += state(scene, service, health)
            found += restarts(scene, service, health)
            found += growth(scene, service, health)
            found += ports(scene, service)
            found += release(scene, service)
            found += files(scene, service)
        }
        return found
    }

    private static func logs(_ scene: Scene, _ service: HealthSubject.Service) -> String {
        "fleetctl logs --host \(scene.subject.host) --service \(service.name)"
    }

    private static func state(
        _ scene: Scene, _ service: HealthSubject.Service, _ health: ServiceHealth
    ) -> [Verdict] {
        let check = "service"
        switch health.state {
        case .known("running"):
            return [
                scene.verdict(
                    check, .ok, "\(service.name) runs", service: service.name,
                    since: health.since.value)
            ]
        // Named by the checks of units, with more to say.
        case .known("failed"), .known("restarting"): return []
        case .known(let state):
            return [
                scene.verdict(
                    check, .critical, "\(service.name) is \(state)", service: service.name,
                    since: health.since.value, advice: logs(scene, service),
                    runbook: UnitChecks.runbook(of: service))
            ]
        case .unknown(let reason):
            return [
                scene.verdict(
                    check, .unknown, "whether \(service.name) runs is not known: \(reason)",
                    service: service.name,
                    advice: "fleetctl audit --host \(scene.subject.host)")
            ]
        }
    }

    /// Restarts of the last day. Without a past only those are known that the unit counts.
    private static func restarts(
        _ scene: Scene, _ service: HealthSubject.Service, _ health: ServiceHealth
    ) -> [Verdict] {
        guard let now = health.restarts.value else { return [] }
        let day = scene.asked.done.addingTimeInterval(-86_400).timeIntervalSince1970
        var points = scene.points(
            "service_restarts_total", labels: ["service": service.name], now: Double(now))
        points.removeAll { $0.time < day }
        // The counter starts anew with each start by hand: only what it grew by counts.
        var grown = points.count < 2 ? Double(now) : 0
        for (early, late) in zip(points, points.dropFirst()) {
            grown += late.value >= early.value ? late.value - early.value : late.value
        }
        // Without a past, a service that has run for a day since has not been restarted within it.
        if points.count < 2, let since = health.since.value,
            scene.asked.done.timeIntervalSince(since) > 86_400
        {
            return []
        }
        let level = scene.level(.restarts, grown, check: "restarts", service: service.name)
        guard level > .ok else { return [] }
        return [
            scene.verdict(
                "restarts", level,
                "\(service.name) was restarted \(Amount.whole(grown)) times within a day",
                service: service.name, advice: logs(scene, service),
                runbook: UnitChecks.runbook(of: service))
        ]
    }

    // MARK: Memory and threads

    private static func growth(
        _ scene: Scene, _ service: HealthSubject.Service, _ health: ServiceHealth
    ) -> [Verdict] {
        var found: [Verdict] = []
        let advice = "restart it when it may stop, and look for what grows"
        if let used = health.memory.value, let limit = health.memoryLimit.value, limit > 0 {
            let ratio = Double(used) / Double(limit)
            let level = scene.level(
                .memoryUsed, ratio * 100, check: "service-memory", service: service.name)
            if level > .ok {
                found.append(
                    scene.verdict(
                        "service-memory", level,
                        "\(service.name) uses \(Amount.percent(ratio)) of the \(Amount.bytes(limit))"
                            + " that it may have",
                        service: service.name, advice: advice, runbook: "thread-or-memory-leak"))
            }
        }
        if let threads = health.threads.value {
            let level = scene.level(
                .threads, Double(threads), check: "threads", service: service.name)
            if level > .ok {
                found.append(
                    scene.verdict(
                        "threads", level, "\(service.name) has \(threads) threads",
                        service: service.name, advice: advice, runbook: "thread-or-memory-leak"))
            }
        }
        for leak in Leak.all(scene, service, health) {
            found.append(
                scene.verdict(
                    leak.check, leak.level, leak.summary, service: service.name, advice: advice,
                    runbook: "thread-or-memory-leak"))
        }
        return found
    }

    // MARK: Ports, releases, files

    private static func ports(_ scene: Scene, _ service: HealthSubject.Service) -> [Verdict] {
        guard let sockets = scene.readings.sockets.value else {
            let reason = scene.readings.sockets.reason ?? HostReadings.unread
            return service.ports.map { claim in
                scene.verdict(
                    "port", .unknown, "who has \(claim) of \(service.name) is not known: \(reason)",
                    service: service.name, object: claim,
                    advice: "fleetctl audit ports --host \(scene.subject.host)",
                    runbook: "port-conflict")
            }
        }
        return service.ports.flatMap { claim -> [Verdict] in
            let holders = sockets.filter { $0.claim == claim }
            if holders.isEmpty {
                return [
                    scene.verdict(
                        "port", .critical, "nobody listens on \(claim) of \(service.name)",
                        service: service.name, object: claim, advice: logs(scene, service),
                        runbook: "port-conflict")
                ]
            }
            guard let stranger = holders.first(where: { !isOwn($0, service, scene) }) else {
                return []
            }
            return [
                scene.verdict(
                    "port", stranger.holder == nil ? .unknown : .critical,
                    stranger.holder.map { "\(claim) of \(service.name) is held by \($0)" }
                        ?? "who holds \(claim) of \(service.name) cannot be seen",
                    service: service.name, object: claim,
                    advice: "fleetctl audit ports --host \(scene.subject.host)",
                    runbook: stranger.cgroup.contains(".service")
                        ? "port-conflict" : "orphan-holds-a-port")
            ]
        }
    }

    /// Whether a socket belongs to the service: by its control group, or on a board by its process.
    private static func isOwn(
        _ socket: HostReadings.Socket, _ service: HealthSubject.Service, _ scene: Scene
    ) -> Bool {
        guard let pid = socket.pid else { return false }
        if let unit = service.unit {
            return socket.cgroup.split { $0 == "/" || $0 == " " || $0 == ":" }
                .contains(Substring(unit))
        }
        return scene.readings.services[service.name]?.supervisor?.value?.pid == pid
    }

    private static func release(_ scene: Scene, _ service: HealthSubject.Service) -> [Verdict] {
        guard let release = scene.readings.releases[service.name],
            let pid = ServiceHealth.process(of: service, scene),
            let running = scene.readings.processes[pid]?.executable,
            running.contains("/opt/fleet/\(service.name)/releases/"),
            !running.contains("/releases/\(release)/")
        else { return [] }
        return [
            scene.verdict(
                "release", .warning,
                "\(service.name) runs another release than the current one, \(release)",
                service: service.name,
                advice: "fleetctl deploy --host \(scene.subject.host) --service \(service.name)")
        ]
    }

    private static func files(_ scene: Scene, _ service: HealthSubject.Service) -> [Verdict] {
        service.files.sorted { $0.key < $1.key }.map { path, younger in
            let file = scene.readings.services[service.name]?.files[path]
            guard let written = file?.value, let age = scene.age(of: written) else {
                return scene.verdict(
                    "file-age", .unknown,
                    "how old \(path) is is not known: \(file?.reason ?? "it was not told")",
                    service: service.name, object: path, advice: logs(scene, service))
            }
            let level: HealthLevel = age > younger ? .critical : .ok
            return scene.verdict(
                "file-age", level, "\(path) is \(Amount.time(age)) old", service: service.name,
                object: path, advice: logs(scene, service))
        }
    }
}

/// Something that grows and does not come back.
struct Leak {
    var check: String
    var level: HealthLevel
    var summary: String

    /// Growth is judged over so long at least.
    private static let spanMin = 3 * 3600.0

    static func all(
        _ scene: Scene, _ service: HealthSubject.Service, _ health: ServiceHealth
    ) -> [Leak] {
        var found: [Leak] = []
        // Of this process only: one that was just started has grown from nothing.
        let since = health.since.value
        let labels = ["service": service.name]
        if let memory = health.memory.value {
            let points = scene.points(
                "service_memory_bytes", labels: labels, now: Double(memory), since: since)
            if let trend = growth(points, atLeast: 4_194_304) {
                found.append(
                    Leak(
                        check: "memory-growth",
                        level: level(trend, limit: health.memoryLimit.value.map(Double.init)),
                        summary:
                            "\(service.name) grows by \(Amount.bytes(Int(trend.slope * 86_400))) a day"
                    ))
            }
        }
        if let threads = health.threads.value {
            let points = scene.points(
                "service_threads", labels: labels, now: Double(threads), since: since)
            if let trend = growth(points, atLeast: 4) {
                found.append(
                    Leak(
                        check: "thread-growth", level: .warning,
                        summary: "\(service.name) has ever more threads: \(threads) now, "
                            + "\(Amount.whole(trend.first)) \(Amount.time(trend.span)) ago"))
            }
        }
        return found
    }

    /// The trend of what grows steadily: by a fifth of itself and by so much.
    static func growth(_ points: [MetricPoint], atLeast: Double) -> Trend? {
        guard let trend = Trend(points, spanMin: spanMin), trend.rising >= 0.8, trend.slope > 0,
            trend.last - trend.first >= atLeast, trend.last >= trend.first * 1.2,
            trend.slope * 86_400 < 1e15
        else { return nil }
        return trend
    }

    /// Critical where the limit is reached within a day.
    private static func level(_ trend: Trend, limit: Double?) -> HealthLevel {
        guard let limit, let left = trend.time(to: limit) else { return .warning }
        return left < 86_400 ? .critical : .warning
    }
}
