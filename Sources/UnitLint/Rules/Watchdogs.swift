import UnitFile

extension LintRule {
    /// `Type=notify` without `WatchdogSec=`.
    static let notifyWithoutWatchdog = LintRule(
        service: "notify-without-watchdog", .note,
        explanation:
            "A service that tells systemd when it is ready could tell it that it lives, and"
            + " a loop that hangs would be ended.",
        source: "systemd.service(5), WatchdogSec=",
        fix: "set WatchdogSec= where the program sends WATCHDOG=1"
    ) { unit in
        guard let setting = unit.unit.setting(of: "Type", in: "Service"),
            setting.value.hasPrefix("notify"),
            [nil, .microseconds(0)].contains(unit.unit.span(of: "WatchdogSec", in: "Service"))
        else { return [] }
        return [unit.hit(setting, "Type=\(setting.value) has no WatchdogSec=")]
    }

    /// `WatchdogSec=` for a program that does not talk to systemd.
    static let watchdogWithoutNotify = LintRule(
        service: "watchdog-without-notify", .warning,
        explanation:
            "A program that sends no WATCHDOG=1 is ended with SIGABRT each time the watchdog"
            + " runs out.",
        source: "systemd.service(5), WatchdogSec=",
        fix: "use Type=notify and send WATCHDOG=1, or take WatchdogSec= away"
    ) { unit in
        guard let setting = unit.unit.setting(of: "WatchdogSec", in: "Service"),
            let span = UnitSpan(setting.value), span != .microseconds(0),
            // A program on the bus talks to systemd anyhow.
            !unit.type.hasPrefix("notify"), unit.type != "dbus",
            unit.unit.text(of: "NotifyAccess", in: "Service") == nil
        else { return [] }
        return [unit.hit(setting, "WatchdogSec= stands beside Type=\(unit.type)")]
    }
}
