import UnitFile

extension LintRule {
    /// `TimeoutStopSec=` against what the daemon needs.
    static let stopTimeout = LintRule(
        service: "stop-timeout", .error,
        explanation: "A daemon that is killed within its stop sequence leaves things as they are:"
            + " relays on. One that may take for ever holds up the shutdown.",
        source: "systemd.service(5), TimeoutStopSec=",
        fix: "set TimeoutStopSec= to the time that the stop needs, and a little more"
    ) { unit in
        guard let needed = unit.declared?.stopTime else { return [] }
        let settings = ["TimeoutStopSec", "TimeoutSec"].compactMap {
            unit.unit.setting(of: $0, in: "Service")
        }
        let setting = settings.first
        // systemd-system.conf(5), DefaultTimeoutStopSec=.
        let span = setting.flatMap { UnitSpan($0.value) } ?? .microseconds(90_000_000)
        let message: String
        if let time = span.duration, time > .zero {
            if time < needed {
                message = "the stop needs \(needed), and gets \(time) before SIGKILL"
            } else if time > needed * 10, time > .seconds(300) {
                message = "the stop needs \(needed), and may hold up the shutdown for \(time)"
            } else {
                return []
            }
        } else {
            message = "the stop needs \(needed), and may hold up the shutdown for ever"
        }
        return [setting.map { unit.hit($0, message) } ?? unit.hit(lacking: "Service", message)]
    }
}
