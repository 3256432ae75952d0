extension LintRule {
    /// No `Documentation=`.
    static let documentationMissing = LintRule(
        service: "documentation-missing", .note,
        explanation: "systemctl status shows it to whoever stands before a failed unit at night.",
        source: "systemd.unit(5), Documentation=",
        fix: "add Documentation= with a page, file or man page"
    ) { unit in
        guard unit.unit.words(of: "Documentation", in: "Unit").isEmpty else { return [] }
        return [unit.hit(lacking: "Unit", "the unit names no documentation")]
    }
}
