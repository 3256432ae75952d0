import Health
import MetricsServer
import Reports

/// What the exporter answers: the last round that has ended, and what is to be said of the exporter
/// itself. Time is an argument.
struct ExporterPage: Sendable {
    /// A round that has ended.
    private struct Round: Sendable {
        var metrics: String
        var end: ContinuousClock.Instant
        var duration: Duration
    }

    /// So many rounds may be late before the last one is no longer passed on as the present.
    private static let roundsMissedMax = 3

    /// Time from the beginning of one round to that of the next.
    let interval: Duration
    private var last: Round?
    private var rounds = 0
    private var unrecorded = 0

    init(interval: Duration) { self.interval = interval }

    /// A round has ended.
    ///
    /// - Parameter isRecorded: whether the history has taken it.
    mutating func finish(
        _ health: FleetHealth, at end: ContinuousClock.Instant, duration: Duration,
        isRecorded: Bool
    ) {
        rounds += 1
        if !isRecorded { unrecorded += 1 }
        last = Round(
            metrics: PrometheusText(health).rendered(), end: end, duration: duration)
    }

    /// The answer to a path; nil where there is nothing.
    func reply(to path: String, now: ContinuousClock.Instant) -> MetricsServer.Reply? {
        switch path {
        case "/metrics":
            MetricsServer.Reply(contentType: PrometheusText.contentType, body: metrics(now: now))
        case "/healthz": health(now: now)
        case "/": .plain(200, "fleetctl exporter: /metrics, /healthz\n")
        default: nil
        }
    }

    /// What has become stale is left out: an absent number raises an alarm, an old one hides it.
    private func metrics(now: ContinuousClock.Instant) -> String {
        var own = PrometheusText()
        own.add(
            "fleet_exporter_info", help: "The exporter's version.",
            labels: [("version", Version.text)], 1)
        own.add(
            "fleet_exporter_rounds_total", .counter, help: "Rounds that have ended.",
            Double(rounds))
        own.add(
            "fleet_exporter_rounds_unrecorded_total", .counter,
            help: "Rounds that could not be written to the history.", Double(unrecorded))
        guard let last else { return own.rendered() }
        own.add(
            "fleet_exporter_round_age_seconds",
            help: "Time since the last round ended, whose numbers these are.",
            (now - last.end).inSeconds)
        own.add(
            "fleet_exporter_round_duration_seconds", help: "Time that the last round took.",
            last.duration.inSeconds)
        return own.rendered() + (isStale(last, now) ? "" : last.metrics)
    }

    private func health(now: ContinuousClock.Instant) -> MetricsServer.Reply {
        guard let last else { return .plain(503, "no round has ended yet\n") }
        let age = "the last round ended \(Int((now - last.end).inSeconds)) s ago\n"
        return .plain(isStale(last, now) ? 503 : 200, age)
    }

    private func isStale(_ round: Round, _ now: ContinuousClock.Instant) -> Bool {
        now - round.end > (interval + round.duration) * Self.roundsMissedMax
    }
}

extension Duration {
    /// In seconds.
    fileprivate var inSeconds: Double { self / .seconds(1) }
}
