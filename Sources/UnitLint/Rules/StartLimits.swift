import UnitFile

extension LintRule {
    /// `StartLimit…=` in `[Service]`, where systemd ignores or redirects it.
    static let startLimitSection = LintRule(
        service: "start-limit-section", .error,
        explanation: "The start limits belong in [Unit] since systemd 230. Under [Service]"
            + " StartLimitIntervalSec= is ignored.",
        source: "systemd.unit(5), StartLimitIntervalSec=", fix: "move it to [Unit]"
    ) { unit in
        unit.unit.settings.filter {
            $0.assignment.section == "Service" && $0.assignment.key.hasPrefix("StartLimit")
        }.map { unit.hit($0, "\($0.assignment.key)= stands in [Service] and not in [Unit]") }
    }

    /// A limit that restarts at this pace never reach.
    static let startLimitNeverTrips = LintRule(
        service: "start-limit-never-trips", .warning,
        explanation: "With RestartSec × StartLimitBurst not under StartLimitIntervalSec (10 s and 5"
            + " where not set) a service that fails at once is restarted for ever.",
        source: "systemd.unit(5), StartLimitIntervalSec=",
        fix: "set StartLimitIntervalSec= well over RestartSec × StartLimitBurst"
    ) { unit in
        guard let restart = Restarting(unit), !restart.isUnlimited,
            case .microseconds(let interval) = restart.interval,
            case .microseconds(let pause) = restart.pause
        else { return [] }
        let (needed, isOver) = pause.multipliedReportingOverflow(by: restart.burst)
        guard isOver || needed >= interval else { return [] }
        return [
            unit.hit(
                restart.setting,
                "\(restart.burst) restarts, \(seconds(pause)) apart, never fall within"
                    + " \(seconds(interval)): the start limit never trips")
        ]
    }

    /// `Restart=` with the limit switched off.
    static let restartUnlimited = LintRule(
        service: "restart-unlimited", .warning,
        explanation: "With the start limit switched off a service that fails at once is restarted"
            + " for ever, and nobody hears of it.",
        source: "systemd.unit(5), StartLimitIntervalSec=",
        fix: "set StartLimitIntervalSec= and StartLimitBurst= to what a person should see"
    ) { unit in
        guard let restart = Restarting(unit), restart.isUnlimited else { return [] }
        return [
            unit.hit(restart.setting, "Restart=\(restart.setting.value) has no start limit at all")
        ]
    }

    static func seconds(_ microseconds: UInt64) -> String {
        let whole = microseconds / 1_000_000
        let tenths = microseconds % 1_000_000 / 100_000
        return tenths == 0 ? "\(whole) s" : "\(whole).\(tenths) s"
    }
}

/// How a service is restarted.
private struct Restarting {
    var setting: EffectiveUnit.Setting
    var pause: UnitSpan
    var interval: UnitSpan
    var burst: UInt64

    /// Nil where it is not restarted.
    init?(_ unit: LintUnit) {
        guard let setting = unit.unit.setting(of: "Restart", in: "Service"), setting.value != "no"
        else { return nil }
        self.setting = setting
        // systemd-system.conf(5): 100 ms, 10 s and 5.
        pause = unit.unit.span(of: "RestartSec", in: "Service") ?? .microseconds(100_000)
        interval =
            unit.unit.span(of: "StartLimitIntervalSec", in: "Unit")
            ?? unit.unit.span(of: "StartLimitInterval", in: "Unit") ?? .microseconds(10_000_000)
        let text =
            unit.unit.text(of: "StartLimitBurst", in: "Unit")
            ?? unit.unit.text(of: "StartLimitBurst", in: "Service")
        burst = text.flatMap { UInt64($0) } ?? 5
    }

    var isUnlimited: Bool { interval == .microseconds(0) || burst == 0 }
}
