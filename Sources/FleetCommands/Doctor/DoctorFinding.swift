import Reports

/// What the doctor says of one thing.
struct DoctorFinding: Encodable, Equatable, Sendable {
    /// How it is.
    enum Level: String, Encodable, Sendable { case ok, unknown, warning, error }

    /// What was looked at: a stable name, such as `key-file`.
    var check: String
    /// Whose: a path, a host, a tool.
    var subject: String
    var level: Level
    /// How it is, in words.
    var summary: String
    /// What to do; nil where nothing is.
    var fix: String?

    /// Whether it is something to mend. What could not be told is shown, and is none.
    var isWrong: Bool { level == .warning || level == .error }

    static func ok(_ check: String, _ subject: String, _ summary: String) -> DoctorFinding {
        DoctorFinding(check: check, subject: subject, level: .ok, summary: summary)
    }

    static func wrong(
        _ check: String, _ subject: String, _ summary: String, fix: String, level: Level = .error
    ) -> DoctorFinding {
        DoctorFinding(check: check, subject: subject, level: level, summary: summary, fix: fix)
    }
}

extension [DoctorFinding] {
    /// The table for people, and below it what to do.
    func lines(_ styling: TextTable.Styling) -> [String] {
        var table = TextTable("RESULT", "CHECK", "SUBJECT", "WHAT")
        for finding in self {
            let style: TextTable.Style? =
                switch finding.level {
                case .ok: nil
                case .unknown: .dim
                case .warning: .yellow
                case .error: .red
                }
            table.add([
                .init(finding.level.rawValue, style: style), .init(finding.check),
                .init(finding.subject), .init(finding.summary),
            ])
        }
        var lines = table.lines(styling)
        let fixes = compactMap { finding in finding.fix.map { (finding.subject, $0) } }
        if !fixes.isEmpty { lines += ["", "What to do:"] }
        for (subject, fix) in fixes {
            lines.append("  " + DisplayText.printable("\(subject): \(fix)"))
        }
        return lines
    }
}
