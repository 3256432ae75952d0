import UnitLint

/// Units that failed, and units that are started again and again.
enum UnitStateCheck {
    /// So many restarts since the last start by hand are no accident.
    static let restartsMax = 3

    static func restarts(of unit: AuditFacts.LoadedUnit) -> Int { Int(unit["NRestarts"]) ?? 0 }

    static func findings(_ view: AuditView) -> [Finding] {
        view.facts.loaded.values.compactMap { unit in
            let name = unit["Id"]
            let word = AuditView.word(name)
            let restarts = restarts(of: unit)
            if unit["SubState"] == "auto-restart" || unit["Result"] == "start-limit-hit" {
                return looping(
                    unit, "ends and is started again: \(restarts) restarts", .error, view)
            }
            if unit["ActiveState"] == "failed" {
                var found = view.finding(
                    "unit-failed", .units, .error, name, "\(name) failed: \(unit["Result"])",
                    why: "systemd has given it up; it does not run.",
                    fix: "journalctl -u \(word) -n 50; then systemctl reset-failed -- \(word)")
                found.evidence = evidence(unit)
                (found.remedy, found.controller) = view.starting(name)
                return found
            }
            guard restarts >= restartsMax else { return nil }
            return looping(unit, "was restarted \(restarts) times", .warning, view)
        }
    }

    private static func looping(
        _ unit: AuditFacts.LoadedUnit, _ what: String, _ severity: LintSeverity, _ view: AuditView
    ) -> Finding {
        let name = unit["Id"]
        var found = view.finding(
            "restart-loop", .units, severity, name, "\(name) \(what)",
            why: "Each round does what its start and its end do, to others too, and none of its"
                + " work.", fix: "journalctl -u \(AuditView.word(name)) -n 50")
        found.evidence = evidence(unit)
        if unit["ActiveState"] == "failed" {
            (found.remedy, found.controller) = view.starting(name)
        }
        return found
    }

    static func evidence(_ unit: AuditFacts.LoadedUnit) -> Evidence {
        var evidence = Evidence()
        evidence.unit = unit["Id"]
        evidence.pid = Int32(unit["MainPID"]).flatMap { $0 > 0 ? $0 : nil }
        evidence.cgroup = unit["ControlGroup"].isEmpty ? nil : unit["ControlGroup"]
        evidence.path = unit["FragmentPath"].isEmpty ? nil : unit["FragmentPath"]
        evidence.detail =
            "\(unit["ActiveState"]) (\(unit["SubState"])), result \(unit["Result"]),"
            + " \(unit["NRestarts"]) restarts, \(unit["UnitFileState"])"
        return evidence
    }
}
