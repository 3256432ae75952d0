// Numbers that a service writes to a file of its own: whether they are there, and fresh.

enum MetricsFileChecks {
    /// Put before a service's own names, so that they never pass for what was read here.
    private static let prefix = "reported_"

    static func all(_ scene: Scene) -> [Verdict] {
        scene.subject.services.flatMap { service -> [Verdict] in
            guard let path = service.metricsFile else { return [] }
            func say(_ level: HealthLevel, _ text: String) -> [Verdict] {
                let host = scene.subject.host
                return [
                    scene.verdict(
                        "metrics-age", level, text, service: service.name,
                        advice: "fleetctl logs --host \(host) --service \(service.name)")
                ]
            }
            let file = scene.readings.services[service.name]?.metrics
            guard let known = file?.value else {
                return say(
                    .unknown, "what it reads is not known: \(file?.reason ?? HostReadings.unread)")
            }
            guard let age = scene.age(of: known.modified) else {
                return say(.unknown, "how old \(path) is is not known")
            }
            guard !known.samples.isEmpty else { return say(.unknown, "\(path) holds no numbers") }
            let level = scene.level(.rowAge, age / 60, check: "metrics-age", service: service.name)
            return say(level, "its readings are \(Amount.time(age)) old (\(path))")
        }
    }

    /// What the file tells, for people; its age first.
    static func facts(_ service: HealthSubject.Service, _ scene: Scene) -> [Fact] {
        guard service.metricsFile != nil else { return [] }
        switch scene.readings.services[service.name]?.metrics {
        case .known(let file):
            let age = scene.age(of: file.modified).map { Measured.known(Amount.time($0)) }
            return [Fact(service.name, "readings' age", age ?? .unknown("the clock is not known"))]
                + file.samples.map {
                    Fact(service.name, title($0), .known(Amount.thousandths($0.value)))
                }
        case .unknown(let reason): return [Fact(service.name, "readings", .unknown(reason))]
        case nil: return [Fact(service.name, "readings", .unknown(HostReadings.unread))]
        }
    }

    /// The numbers, as long as they are fresh.
    static func samples(_ service: HealthSubject.Service, _ scene: Scene) -> [MetricSample] {
        guard let file = scene.readings.services[service.name]?.metrics?.value,
            let age = scene.age(of: file.modified),
            age / 60 < scene.subject.limit(.rowAge).warning
        else { return [] }
        return file.samples.map { sample in
            var labels = sample.labels
            // Who reports is not the file's to say.
            labels["host"] = nil
            labels["service"] = service.name
            return MetricSample(prefix + sample.name, sample.value, labels: labels)
        }
    }

    /// Such as `renogy_battery_volts 48` of `renogy_battery_volts{battery="48"}`.
    private static func title(_ sample: MetricSample) -> String {
        ([sample.name] + sample.labels.sorted { $0.key < $1.key }.map(\.value))
            .joined(separator: " ")
    }
}
