import Inventory
import UnitFile

extension LintRule {
    /// Passwords that everybody can read.
    static let secretInUnit = LintRule(
        service: "secret-in-unit", .error,
        explanation: "Every user of the host can read units and their environment: systemctl show,"
            + " ps, the journal.",
        source: "systemd.exec(5), Environment=, LoadCredential=",
        fix: "pass a file of mode 0600, or use LoadCredential="
    ) { unit in
        let variables = unit.unit.environment.filter {
            SecretLookalike.isSecretName($0.name) && isLiteral($0.value)
        }
        var hits = variables.map {
            unit.hit($0.setting, "Environment= carries what looks like a secret: \($0.name)")
        }
        for (key, command, setting) in unit.commands {
            for (index, word) in command.argv.enumerated().dropFirst() {
                guard let option = SecretLookalike.option(word) else { continue }
                let value =
                    word.count > option.count
                    ? String(word.dropFirst(option.count + 1))
                    : command.argv.dropFirst(index + 1).first ?? ""
                if isLiteral(value), !value.hasPrefix("-") {
                    hits.append(
                        unit.hit(setting, "\(key)= carries what looks like a secret: \(option)"))
                }
            }
        }
        for setting in unit.unit.settings(of: "SetCredential", in: "Service") {
            hits.append(unit.hit(setting, "SetCredential= carries a secret in plain text"))
        }
        return hits
    }

    /// Not a path, a variable or a specifier.
    private static func isLiteral(_ value: String) -> Bool {
        !value.isEmpty && !value.hasPrefix("/") && !value.hasPrefix("$") && !value.hasPrefix("%")
    }
}
