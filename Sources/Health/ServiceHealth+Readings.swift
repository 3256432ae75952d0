import Foundation

extension ServiceHealth {
    /// Errors of a log that are shown.
    private static let errorsMax = 3

    /// A service as the readings show it.
    init(_ service: HealthSubject.Service, _ scene: Scene) {
        self.init(service: service.name, reason: HostReadings.unread)
        if service.unit != nil {
            takeUnit(service, scene)
        } else {
            takeSupervisor(service, scene)
        }
        if let pid = Self.process(of: service, scene),
            let process = scene.readings.processes[pid]
        {
            if memory.value == nil, let used = process.memory { memory = .known(used) }
            if let count = process.threads { threads = .known(count) }
        }
        release =
            scene.readings.releases[service.name].map { .known($0) }
            ?? .unknown("no release of it is on the host")
        ports = service.ports.map { Port($0, owner: Self.owner(of: $0, scene)) }
        let lines = (scene.readings.errors.value ?? []).filter { $0.unit == service.unit }
        errors =
            service.unit == nil
            ? scene.readings.services[service.name]?.logErrors.suffix(Self.errorsMax).map { $0 }
                ?? []
            : lines.suffix(Self.errorsMax).map(\.text)
    }

    private static func owner(of claim: String, _ scene: Scene) -> Measured<String> {
        scene.readings.sockets.flatMap(or: "who has it cannot be seen") { sockets in
            let holders = sockets.filter { $0.claim == claim }
            guard !holders.isEmpty else { return "nobody" }
            let named = holders.compactMap(\.holder)
            return named.count == holders.count ? named.joined(separator: ", ") : nil
        }
    }

    /// The number of its main process; nil where that is not known, or none runs.
    static func process(of service: HealthSubject.Service, _ scene: Scene) -> Int? {
        let pid =
            service.unit == nil
            ? scene.readings.services[service.name]?.supervisor?.value?.pid
            : scene.unit(of: service)?.mainPID
        return pid == 0 ? nil : pid
    }

    private mutating func takeUnit(_ service: HealthSubject.Service, _ scene: Scene) {
        if let reason = scene.readings.units.reason { return explain(reason) }
        guard let unit = scene.unit(of: service), unit.loadState != "not-found" else {
            state = .known("not installed")
            return explain("its unit is not on the host")
        }
        state = .known(Self.word(unit))
        since =
            scene.date(sinceBoot: unit.changedAt).map { .known($0) }
            ?? .unknown(HostReadings.unread)
        if let count = unit.restarts { restarts = .known(count) }
        if let used = unit.memory { memory = .known(used) }
        memoryLimit = unit.memoryMax.map { .known($0) } ?? .unknown("it has no limit")
        if let count = unit.tasks { threads = .known(count) }
    }

    private mutating func explain(_ reason: String) {
        if state.value == nil { state = .unknown(reason) }
        since = .unknown(reason)
        restarts = .unknown(reason)
        memory = .unknown(reason)
        memoryLimit = .unknown(reason)
        threads = .unknown(reason)
    }

    private static func word(_ unit: HostReadings.Unit) -> String {
        switch (unit.activeState, unit.subState) {
        case ("active", _), ("reloading", _): "running"
        case ("failed", _): "failed"
        case ("activating", "auto-restart"): "restarting"
        case ("activating", _): "starting"
        case ("deactivating", _): "stopping"
        case ("inactive", _): "stopped"
        default: unit.activeState
        }
    }

    private mutating func takeSupervisor(_ service: HealthSubject.Service, _ scene: Scene) {
        memoryLimit = .unknown("it has no limit")
        switch scene.readings.services[service.name]?.supervisor {
        case .known(let supervisor):
            state =
                supervisor.state == "unknown"
                ? .unknown("its supervisor does not know") : .known(supervisor.state)
            if let count = supervisor.restarts { restarts = .known(count) }
            if let time = supervisor.since, let age = scene.age(of: time) {
                since = .known(scene.asked.heard.addingTimeInterval(-age))
            }
        case .unknown(let reason): explain(reason)
        case nil: break
        }
    }
}
