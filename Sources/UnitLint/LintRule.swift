import UnitFile

/// How much a finding matters.
public enum LintSeverity: String, Sendable, CaseIterable, Comparable {
    /// Worth knowing.
    case note
    /// Likely to go wrong one day.
    case warning
    /// Goes wrong, or harms another unit.
    case error

    /// Less serious before more serious.
    public static func < (left: LintSeverity, right: LintSeverity) -> Bool {
        left.rank < right.rank
    }

    private var rank: Int {
        switch self {
        case .note: 0
        case .warning: 1
        case .error: 2
        }
    }
}

/// One trap that units fall into.
public struct LintRule: Sendable {
    /// Its name, as suppressions write it.
    public let name: String
    /// How much its findings matter.
    public let severity: LintSeverity
    /// Why it is a trap.
    public let explanation: String
    /// Where that is written: a manual page, or what happened.
    public let source: String
    /// What to do.
    public let fix: String
    let check: @Sendable (LintContext) -> [LintHit]

    init(
        _ name: String, _ severity: LintSeverity, explanation: String, source: String, fix: String,
        check: @escaping @Sendable (LintContext) -> [LintHit]
    ) {
        self.name = name
        self.severity = severity
        self.explanation = explanation
        self.source = source
        self.fix = fix
        self.check = check
    }

    /// A rule that looks at one service at a time.
    init(
        service name: String, _ severity: LintSeverity, explanation: String, source: String,
        fix: String, check: @escaping @Sendable (LintUnit) -> [LintHit]
    ) {
        self.init(name, severity, explanation: explanation, source: source, fix: fix) { context in
            context.units.filter { $0.name.kind == .service && $0.isLoaded }.flatMap(check)
        }
    }
}

/// Where a rule struck.
struct LintHit: Sendable {
    var unit: UnitName
    /// The file; empty where the unit has none.
    var path: String
    /// The line of an assignment or of a section's heading; nil where neither is there.
    var line: Int?
    /// The section.
    var section: String?
    /// What is wrong here, as a sentence without a full stop.
    var message: String
}

/// Something that a rule found.
public struct LintFinding: Sendable, Equatable {
    /// The rule's name.
    public var rule: String
    /// How much it matters.
    public var severity: LintSeverity
    /// The unit's name.
    public var unit: String
    /// The file.
    public var path: String
    /// The line, counted from 1; nil where the whole file is meant.
    public var line: Int?
    /// What is wrong here, as a sentence without a full stop.
    public var message: String
    /// What to do.
    public var fix: String
}
