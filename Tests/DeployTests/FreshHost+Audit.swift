import LabSupport
import Testing

extension FreshHost {
    /// Runs `fleetctl audit` on the host's site; its exit status must fit what it found.
    ///
    /// - Returns: the findings of the JSON report.
    func findings(
        _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> [[String: Any]] {
        let run = try await site.fleetctl(["audit", "-o", "json"] + arguments)
        #expect([0, 5].contains(run.status), "\(run)", sourceLocation: sourceLocation)
        let found = try #require(
            try run.json()["findings"] as? [[String: Any]], sourceLocation: sourceLocation)
        #expect((run.status == 5) == !found.isEmpty, sourceLocation: sourceLocation)
        return found
    }

    /// Writes a file on the host as root, and the folders above it where they are not there.
    func put(
        _ path: String, _ text: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let result = try await lab.sh(
            name, "mkdir -p \"$(dirname '\(path)')\" && cat >'\(path)'", input: text)
        #expect(result.status == 0, "\(result.output)", sourceLocation: sourceLocation)
    }
}

/// Findings by what they are and whom they are about: `orphan renogy_bt_proxy.py`.
func names(_ findings: [[String: Any]]) -> [String] {
    findings.map { "\($0["id"] as? String ?? "") \($0["subject"] as? String ?? "")" }
}
