import UnitFile

extension LintRule {
    /// Two services that run one program.
    static let sharedProgram = LintRule(
        "shared-program", .warning,
        explanation: "Two units for one program are most often an old and a new one: both start at"
            + " boot and fight for what the program needs.",
        source: "systemd.unit(5); the fight of two services over port 6053",
        fix: "disable one of them, or make them instances of one template"
    ) { context in
        var first: [String: UnitName] = [:]
        var hits: [LintHit] = []
        for unit in context.runnable where unit.name.kind == .service && unit.isLongRunning {
            var own: Set<String> = []
            for (command, setting) in unit.unit.commands("ExecStart") {
                guard let program = ProgramName.identity(command), own.insert(program).inserted
                else { continue }
                if let other = first[program], other.template ?? other != unit.name.template {
                    hits.append(unit.hit(setting, "\(other.text) runs \(program) too"))
                } else if first[program] == nil {
                    first[program] = unit.name
                }
            }
        }
        return hits
    }
}
