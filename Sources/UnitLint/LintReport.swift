/// Findings as fleetctl's own JSON.
public struct LintReport: Sendable, Encodable {
    /// One finding with what its rule says.
    public struct Entry: Sendable, Encodable {
        /// The rule's name.
        public var rule: String
        /// error, warning or note.
        public var severity: String
        /// The unit's name.
        public var unit: String
        /// The file.
        public var path: String
        /// The line, counted from 1; left out where the whole file is meant.
        public var line: Int?
        /// What is wrong here.
        public var message: String
        /// Why that is a trap.
        public var explanation: String?
        /// Where that is written.
        public var source: String?
        /// What to do.
        public var fix: String
    }

    /// What was found, in the order given.
    public var findings: [Entry]

    /// The report of findings.
    public init(_ findings: [LintFinding]) {
        self.findings = findings.map { finding in
            let rule = LintRule.all.first { $0.name == finding.rule }
            return Entry(
                rule: finding.rule, severity: finding.severity.rawValue, unit: finding.unit,
                path: finding.path, line: finding.line, message: finding.message,
                explanation: rule?.explanation, source: rule?.source, fix: finding.fix)
        }
    }
}
