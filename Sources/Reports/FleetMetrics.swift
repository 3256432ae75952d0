import Health

extension PrometheusText {
    /// A fleet's health as metrics, all of which begin with `fleet_`. What is unknown is absent.
    public init(_ health: FleetHealth) {
        self.init()
        add(
            "fleet_info", help: "The fleet that these metrics are about.",
            labels: [("fleet", health.fleet)], 1)
        for host in health.hosts { add(host) }
        for verdict in health.hosts.flatMap(\.verdicts) { add(verdict) }
        for host in health.hosts {
            for service in host.services { add(service, host: host.host) }
        }
        for host in health.hosts {
            for sample in host.samples { add(sample, host: host.host) }
        }
    }

    private static let levels = "0 ok, 1 unknown, 2 warning, 3 critical"

    /// Whether it answered and how long that took are among the samples.
    private mutating func add(_ host: HostHealth) {
        let labels = [(name: "host", value: host.host)]
        add(
            "fleet_host_level", help: "The gravest verdict on the host: \(Self.levels).",
            labels: labels, Double(host.level.rank))
        add(
            "fleet_host_taken_timestamp_seconds",
            help: "When the host's answer was there, by the clock of the machine that asked.",
            labels: labels, host.takenAt.timeIntervalSince1970)
    }

    private mutating func add(_ verdict: Verdict) {
        let labels = [
            (name: "host", value: verdict.host), ("check", verdict.check),
            ("service", verdict.service ?? ""), ("object", verdict.object ?? ""),
        ]
        add(
            "fleet_verdict_level", help: "What a check says: \(Self.levels).", labels: labels,
            Double(verdict.level.rank))
        if let since = verdict.since {
            add(
                "fleet_verdict_since_timestamp_seconds", help: "Since when the check says that.",
                labels: labels, since.timeIntervalSince1970)
        }
    }

    /// Whether it runs, its memory, threads and restarts are among the samples.
    private mutating func add(_ service: ServiceHealth, host: String) {
        let labels = [(name: "host", value: host), ("service", service.service)]
        add(
            "fleet_service_level", help: "The gravest verdict on the service: \(Self.levels).",
            labels: labels, Double(service.level.rank))
        if let since = service.since.value {
            add(
                "fleet_service_state_since_timestamp_seconds",
                help: "Since when the service is in its state.", labels: labels,
                since.timeIntervalSince1970)
        }
        if let release = service.release.value {
            add(
                "fleet_service_release_info", help: "The release that is current.",
                labels: labels + [("release", release)], 1)
        }
    }

    /// Samples are numbers that the hosts gave, in families of their own names.
    private mutating func add(_ sample: MetricSample, host: String) {
        let own = sample.labels.filter { $0.key != "host" }.sorted { $0.key < $1.key }
        add(
            "fleet_" + sample.name, sample.name.hasSuffix("_total") ? .counter : .gauge,
            help: MetricHelp.text(sample.name),
            labels: [("host", host)] + own.map { ($0.key, $0.value) }, sample.value)
    }
}
