extension LintRule {
    /// A unit that another was to take the place of.
    static let replacedStillRuns = LintRule(
        "replaced-still-runs", .error,
        explanation: "The old unit starts at boot beside the one that replaces it.",
        source: "the inventory, replaces:", fix: "disable the old unit, or deploy the new one"
    ) { context in
        context.units.flatMap { unit in
            (unit.declared?.replaces ?? []).compactMap { name in
                guard let old = context.unit(name), old.mayRun else { return nil }
                return old.hit(
                    lacking: "Unit", "\(unit.name.text) takes its place, and it may still start")
            }
        }
    }
}
