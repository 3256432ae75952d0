extension LintRule {
    /// A unit that is meant to start at boot and does not.
    static let notInstalled = LintRule(
        "not-installed", .warning,
        explanation: "Without WantedBy= a unit cannot be enabled: after the next power cut it stays"
            + " down.",
        source: "systemd.unit(5), [Install]", fix: "add [Install] with WantedBy=multi-user.target"
    ) { context in
        context.units.filter {
            // Distributions link their own units from /usr/lib without a word in the unit.
            let isOwn = $0.unit.fragment?.contains("/etc/systemd/") == true
            return $0.isLoaded && ($0.declared != nil || $0.enablement == .enabled && isOwn)
        }.compactMap { unit in
            let keys = ["WantedBy", "RequiredBy", "UpheldBy", "Alias", "Also"]
            guard keys.allSatisfy({ unit.unit.words(of: $0, in: "Install").isEmpty }),
                !isTriggered(unit, context)
            else { return nil }
            return unit.hit(lacking: "Install", "nothing starts the unit at boot")
        }
    }
}
