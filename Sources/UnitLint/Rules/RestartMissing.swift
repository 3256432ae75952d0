import UnitFile

extension LintRule {
    /// A daemon that nobody starts again.
    static let restartMissing = LintRule(
        "restart-missing", .warning,
        explanation: "Without Restart= a daemon that ends stays down until somebody looks.",
        source: "systemd.service(5), Restart=",
        fix: "set Restart=on-failure or always, and RestartSec="
    ) { context in
        context.units.filter {
            $0.name.kind == .service && $0.isLoaded && $0.isLongRunning
        }.compactMap { unit in
            let restart = unit.unit.setting(of: "Restart", in: "Service")
            // What is there to stay active when it has ended needs no restart.
            if unit.unit.boolean(of: "RemainAfterExit", in: "Service") == true { return nil }
            // A shell for whoever stands before the machine ends when they leave it.
            if unit.hasTerminal { return nil }
            guard restart == nil || restart?.value == "no",
                unit.type != "dbus", !isTriggered(unit, context)
            else { return nil }
            let message = "the service is not started again when it ends"
            return restart.map { unit.hit($0, message) }
                ?? unit.hit(lacking: "Service", message)
        }
    }

    /// Whether a timer, socket or path starts it.
    static func isTriggered(_ unit: LintUnit, _ context: LintContext) -> Bool {
        context.units.contains { $0.startedUnit == unit.name.text }
    }
}
