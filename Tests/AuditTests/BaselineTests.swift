import Audit
import Foundation
import Inventory
import InventoryFile
import TestSupport
import Testing

/// Accepted findings: with a reason, for a time.
@Suite struct BaselineTests {
    private func baseline(_ text: String) throws -> Baseline {
        let folder = try TemporaryFolder()
        try folder.write("baseline.yaml", text)
        let path = folder.path + "/baseline.yaml"
        return try Baseline(try InventoryFile.tree(path: path), file: "baseline.yaml")
    }

    private func sorted(_ text: String) throws -> (left: [String], accepted: [String]) {
        var facts = Sample.facts()
        facts.sockets = []
        let sorted = try baseline(text).sorted(
            try Sample.findings(facts), today: "2026-11-21")
        return (sorted.left.map(\.id), sorted.accepted.map(\.finding.id))
    }

    static let entry = """
        accepted:
          - finding: port-unheld
            host: renogy
            what: tcp/6053
            reason: it comes back in spring
            expires: 2026-11-21

        """

    @Test func anEntryAcceptsUntilItsLastDay() throws {
        let (left, accepted) = try sorted(Self.entry)
        #expect(left == [])
        #expect(accepted == ["port-unheld"])
    }

    @Test(arguments: [
        ("2026-11-21", "2026-11-20", ["port-unheld", "baseline-expired"]),
        ("it comes back in spring", "", ["port-unheld", "baseline-without-reason"]),
        ("    expires: 2026-11-21\n", "", ["port-unheld", "baseline-without-expiry"]),
        ("tcp/6053", "tcp/60530", ["port-unheld"]), ("renogy", "pi", ["port-unheld"]),
        ("tcp/6053", "'*'", []), ("renogy", "'*'", []),
    ])
    func entriesThatDoNotCount(text: String, other: String, left: [String]) throws {
        #expect(try sorted(Self.entry.replacing(text, with: other)).left == left)
    }

    @Test(arguments: [
        "accepted: nothing\n", "other: []\n", "- x\n", "accepted:\n  - finding: x\n",
        entry.replacing("2026-11-21", with: "soon"), entry.replacing("reason", with: "because"),
        entry + "    host: twice\n",
    ])
    func whatIsNoBaselineIsRefused(text: String) throws {
        #expect(throws: InventoryProblems.self) { try baseline(text) }
    }
}
