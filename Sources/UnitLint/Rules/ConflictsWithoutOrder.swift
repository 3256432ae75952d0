import UnitFile

extension LintRule {
    /// `Conflicts=` with neither `After=` nor `Before=`.
    static let conflictsWithoutOrder = LintRule(
        "conflicts-without-order", .error,
        explanation:
            "Conflicts= stops the other unit and says nothing of when: without an order both"
            + " run side by side for a while.",
        source: "systemd.unit(5), Conflicts=", fix: "add After= with the same unit"
    ) { context in
        context.units.filter(\.isLoaded).flatMap { unit -> [LintHit] in
            let ordered = Set(
                unit.unit.words(of: "After", in: "Unit")
                    + unit.unit.words(of: "Before", in: "Unit"))
            return unit.unit.names(of: "Conflicts", in: "Unit").compactMap { name, setting in
                // Targets are states, not processes; the order with shutdown is systemd's own.
                guard !name.hasSuffix(".target"), !ordered.contains(name),
                    !isOrdered(name, before: unit.name.text, context)
                else { return nil }
                return unit.hit(setting, "Conflicts=\(name) has no After= or Before= to go with it")
            }
        }
    }

    private static func isOrdered(
        _ other: String, before name: String, _ context: LintContext
    ) -> Bool {
        guard let unit = context.unit(other)?.unit else { return false }
        return ["After", "Before"].contains { unit.words(of: $0, in: "Unit").contains(name) }
    }
}
