import UnitLint

/// What the linter says of the units on the host that harm each other.
enum UnitTextCheck {
    /// The linter's rules whose findings are about a host rather than a file's style. `ClaimCheck`
    /// is its `shared-port`, with the configuration files read.
    static let rules: Set<String> = [
        "stops-generator-controller", "socket-port-clash", "replaced-still-runs", "pattern-kill",
        "kill-mode-escapes", "shared-program", "start-limit-never-trips",
    ]

    static func findings(_ view: AuditView) -> [Finding] {
        let rules = LintRule.all.filter { self.rules.contains($0.name) }
        // Templates and masked units run nothing; those that are off can be started by hand.
        let context = LintContext(units: view.units.filter { $0.unit.state == .loaded })
        return UnitLinter.findings(in: context, rules: rules).map { hit in
            let rule = rules.first { $0.name == hit.rule }
            let (command, remedy, controller) = view.disabling(hit.unit)
            let isSurplus = remedy != nil
            var found = view.finding(
                hit.rule, .units, hit.severity, hit.unit, "\(hit.unit): \(hit.message)",
                why: rule?.explanation ?? "", fix: isSurplus ? command : hit.fix)
            if let unit = view.facts.loaded[hit.unit] {
                found.evidence = UnitStateCheck.evidence(unit)
            }
            found.evidence.unit = hit.unit
            found.evidence.path = hit.path
            found.evidence.line = hit.line
            // A unit that was replaced and is off already is for LeftoverCheck.
            let isOn = view.units.contains {
                $0.unit.name.text == hit.unit && $0.enablement == .enabled
            }
            found.remedy = isOn ? remedy : nil
            found.controller = isOn ? controller : nil
            return found
        }
    }
}
