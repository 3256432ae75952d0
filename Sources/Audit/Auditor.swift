/// Looks at a host's facts and says what is not as it should be.
public enum Auditor {
    /// The findings of these aspects, the gravest first, in a stable order.
    public static func findings(
        in facts: AuditFacts, of subject: AuditSubject,
        aspects: Set<Finding.Aspect> = Set(Finding.Aspect.allCases)
    ) -> [Finding] {
        let view = AuditView(facts, subject)
        let checks: [(AuditView) -> [Finding]] = [
            PortCheck.findings, ClaimCheck.findings, ListenCheck.findings, OrphanCheck.findings,
            StaleProcessCheck.findings, UnitStateCheck.findings, UnitTextCheck.findings,
            EnablementCheck.findings, JobCheck.findings, LeftoverCheck.findings,
            DriftCheck.findings, UnreadCheck.findings,
        ]
        return checks.flatMap { $0(view) }.filter { aspects.contains($0.aspect) }.sorted {
            ($1.severity, $0.aspect.rawValue, $0.id, $0.subject, $0.what)
                < ($0.severity, $1.aspect.rawValue, $1.id, $1.subject, $1.what)
        }
    }
}
