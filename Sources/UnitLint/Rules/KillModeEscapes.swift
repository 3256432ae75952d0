import UnitFile

extension LintRule {
    /// `KillMode=none` and `process`.
    static let killModeEscapes = LintRule(
        service: "kill-mode-escapes", .error,
        explanation: "Children that a stop leaves behind hold the port, and the next start fails.",
        source: "systemd.kill(5), KillMode=", fix: "take KillMode= away, or use mixed"
    ) { unit in
        guard let setting = unit.unit.setting(of: "KillMode", in: "Service"),
            ["none", "process"].contains(setting.value)
        else { return [] }
        return [unit.hit(setting, "KillMode=\(setting.value) lets processes outlive the stop")]
    }
}
