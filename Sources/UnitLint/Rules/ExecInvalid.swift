import UnitFile

extension LintRule {
    /// Commands that systemd cannot take.
    static let execInvalid = LintRule(
        service: "exec-invalid", .error,
        explanation: "systemd does not load a unit with such a command, or drops the command.",
        source: "systemd.service(5), Command lines",
        fix: "write an absolute path and close every quote"
    ) { unit in
        let specifiers = Specifiers(unit.name, fragment: unit.unit.fragment)
        return LintUnit.commandKeys.flatMap { key in
            unit.unit.settings(of: key, in: "Service").compactMap { setting in
                // A source with @variables@ is checked once it is rendered.
                guard Template(setting.value).names.isEmpty else { return nil }
                do {
                    let commands = try ExecCommand.parse(setting.value)
                    let unknown = commands.flatMap(\.argv).flatMap { specifiers.expand($0).unknown }
                    guard let sign = unknown.first else { return nil }
                    return unit.hit(setting, "\(key)= uses %\(sign), which means nothing; write %%")
                } catch {
                    return unit.hit(setting, "\(key)= is no command: \(error)")
                }
            }
        }
    }
}
