import UnitFile

extension LintRule {
    /// Commands that systemd cannot take.
    static let execInvalid = LintRule(
        service: "exec-invalid", .error,
        explanation: "systemd does not load a unit with such a command, or drops the command.",
        source: "systemd.service(5), Command lines",
        fix: "write an absolute path and close every quote"
    ) { unit in
        LintUnit.commandKeys.flatMap { key in
            unit.unit.settings(of: key, in: "Service").compactMap { setting in
                do {
                    _ = try ExecCommand.parse(setting.value)
                    return nil
                } catch {
                    return unit.hit(setting, "\(key)= is no command: \(error)")
                }
            }
        }
    }
}
