import Inventory
import UnitFile

extension LintRule {
    /// What systemd ignores.
    static let unknownSetting = LintRule(
        "unknown-setting", .warning,
        explanation: "systemd ignores what it does not know with a line in the journal that nobody"
            + " reads: the setting has no effect.",
        source: "systemd.syntax(7)", fix: "correct the name; what is for others begins with X-"
    ) { context in
        context.units.filter(\.isLoaded).flatMap { unit in
            unit.unit.sources.flatMap { source in
                let problems =
                    source.file.problems
                    + UnitVocabulary.problems(in: source.file, of: unit.name.kind)
                return problems.filter { !isStartLimit($0) }.map { problem in
                    LintHit(
                        unit: unit.name, path: source.path, line: problem.line,
                        section: section(of: problem, in: source.file),
                        message: problem.kind.description + suggestion(problem, unit.name.kind))
                }
            }
        }
    }

    /// Those have a rule of their own.
    private static func isStartLimit(_ problem: UnitProblem) -> Bool {
        if case .misplacedKey(let key, "Service", _) = problem.kind {
            key.hasPrefix("StartLimit")
        } else {
            false
        }
    }

    private static func section(of problem: UnitProblem, in file: UnitFile) -> String? {
        file.sections.last { $0.line <= problem.line }?.name
    }

    private static func suggestion(_ problem: UnitProblem, _ kind: UnitName.Kind) -> String {
        let question: String? =
            switch problem.kind {
            case .unknownKey(let key, let section):
                Suggestion.question(for: key, in: (UnitVocabulary.keys(of: section) ?? []).sorted())
            case .unknownSection(let name):
                Suggestion.question(for: name, in: UnitVocabulary.sections(of: kind))
            default: nil
            }
        return question.map { "; " + $0 } ?? ""
    }
}
