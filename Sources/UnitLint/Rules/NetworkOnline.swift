import UnitFile

extension LintRule {
    /// `After=network-online.target` that nothing pulls in.
    static let networkOnlineNotWanted = LintRule(
        "network-online-not-wanted", .warning,
        explanation: "After= orders and pulls nothing in: where no other unit wants"
            + " network-online.target, the wait never happens.",
        source: "systemd.special(7), network-online.target", fix: "add Wants=network-online.target"
    ) { context in
        let target = "network-online.target"
        return context.units.filter(\.isLoaded).compactMap { unit in
            guard
                let after = unit.unit.names(of: "After", in: "Unit").last(where: {
                    $0.name == target
                }),
                !["Wants", "Requires", "BindsTo", "Upholds"].contains(where: {
                    unit.unit.words(of: $0, in: "Unit").contains(target)
                })
            else { return nil }
            return unit.hit(after.setting, "After=\(target) comes without Wants=\(target)")
        }
    }
}
