import UnitFile

extension LintRule {
    /// A service that is root with everything root may do.
    static let rootWithoutNeed = LintRule(
        service: "root-without-need", .warning,
        explanation: "Without User= a daemon is root; a fault in it owns the host.",
        source: "systemd.exec(5), User=, CapabilityBoundingSet=",
        fix:
            "set User=, or DynamicUser=yes; where it must be root, CapabilityBoundingSet= to what it"
            + " needs"
    ) { unit in
        let user = unit.unit.setting(of: "User", in: "Service")
        let isRoot = user.map { ["root", "0"].contains($0.value) } ?? true
        let isBound = unit.unit.settings.contains {
            $0.assignment.section == "Service" && $0.assignment.key == "CapabilityBoundingSet"
        }
        // A job that ends is no daemon for anybody to break into, and a login has to be root's.
        guard isRoot, !isBound, unit.isLongRunning, !unit.hasTerminal,
            unit.unit.boolean(of: "DynamicUser", in: "Service") != true
        else { return [] }
        let message = "the service runs as root with every capability"
        return [user.map { unit.hit($0, message) } ?? unit.hit(lacking: "Service", message)]
    }
}
