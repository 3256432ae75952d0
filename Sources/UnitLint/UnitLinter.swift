import Inventory
import UnitFile

/// Runs the rules over a host's units and minds the suppressions in their files.
public enum UnitLinter {
    /// What was found, by file and line, the suppressed left out.
    ///
    /// A comment `lint: allow RULE: reason` above an assignment allows a finding of that rule
    /// there; below a section's heading, before its first assignment, it allows those of the whole
    /// section; above every section, those of the whole file.
    public static func findings(
        in context: LintContext, rules: [LintRule] = LintRule.all
    ) -> [LintFinding] {
        var suppressions = Suppression.all(in: context)
        var findings: [LintFinding] = []
        for rule in rules {
            for hit in rule.check(context) {
                let matching = suppressions.indices.filter {
                    suppressions[$0].covers(hit, of: rule.name)
                }
                for index in matching { suppressions[index].isUsed = true }
                // Without a reason nothing is allowed.
                if matching.contains(where: { !suppressions[$0].reason.isEmpty }) { continue }
                findings.append(LintFinding(rule, hit))
            }
        }
        let names = LintRule.all.map(\.name)
        let active = Set(rules.map(\.name))
        for suppression in suppressions {
            findings += suppression.problems(known: names, active: active)
        }
        return findings.sorted {
            ($0.path, $0.line ?? 0, $0.rule, $0.message)
                < ($1.path, $1.line ?? 0, $1.rule, $1.message)
        }
    }
}

extension LintFinding {
    init(_ rule: LintRule, _ hit: LintHit) {
        self.init(
            rule: rule.name, severity: rule.severity, unit: hit.unit.text, path: hit.path,
            line: hit.line, message: hit.message, fix: rule.fix)
    }
}

/// A comment that allows what a rule finds.
struct Suppression {
    var unit: UnitName
    var path: String
    var comment: UnitFile.Comment
    var rules: [String]
    var reason: String
    /// Whether it stands before the first assignment of its section, and so is for all of it.
    var isForSection: Bool
    var isUsed = false

    static let sign = "lint:"

    static func all(in context: LintContext) -> [Suppression] {
        var seen: Set<String> = []
        return context.units.flatMap { unit in
            unit.unit.sources.filter { seen.insert($0.path).inserted }.flatMap { source in
                let assignments = source.file.assignments
                return source.file.comments.compactMap { comment in
                    let first = assignments.first { $0.section == comment.section }?.line
                    return Suppression(
                        comment, in: unit.name, path: source.path,
                        isForSection: first == nil || first == comment.nextAssignment)
                }
            }
        }
    }

    init?(_ comment: UnitFile.Comment, in unit: UnitName, path: String, isForSection: Bool) {
        let words = comment.text.split(separator: " ", maxSplits: 2).map(String.init)
        guard words.count >= 2, words[0] == Self.sign, words[1] == "allow" else { return nil }
        let parts = (words.count > 2 ? words[2] : "").split(
            separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        self.unit = unit
        self.path = path
        self.comment = comment
        rules = (parts.first ?? "").split { $0 == "," || $0 == " " }.map(String.init)
        reason = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        self.isForSection = isForSection
    }

    func covers(_ hit: LintHit, of rule: String) -> Bool {
        guard hit.path == path, rules.contains(rule) else { return false }
        guard let section = comment.section else { return true }
        if let line = hit.line, line == comment.nextAssignment { return true }
        return isForSection && hit.section == section
    }

    /// What is wrong with the suppression itself.
    func problems(known: [String], active: Set<String>) -> [LintFinding] {
        func finding(_ rule: String, _ message: String, _ fix: String) -> LintFinding {
            LintFinding(
                rule: rule, severity: .warning, unit: unit.text, path: path, line: comment.line,
                message: message, fix: fix)
        }
        var findings: [LintFinding] = []
        if reason.isEmpty {
            findings.append(
                finding(
                    "suppression-without-reason",
                    "the suppression gives no reason, and so allows"
                        + " nothing", "write '# lint: allow RULE: why it is right here'"))
        }
        let strangers = rules.filter { !known.contains($0) }
        for name in strangers {
            let question = Suggestion.question(for: name, in: known).map { "; " + $0 } ?? ""
            findings.append(
                finding(
                    "unused-suppression", "there is no rule '\(name)'\(question)",
                    "name a rule, or take the comment away"))
        }
        if !isUsed, strangers.isEmpty, rules.isEmpty || !active.isDisjoint(with: rules) {
            findings.append(
                finding(
                    "unused-suppression", "the suppression allows nothing that is found here",
                    "take the comment away"))
        }
        return findings
    }
}
