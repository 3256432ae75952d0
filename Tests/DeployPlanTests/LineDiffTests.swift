import DeployPlan
import TestSupport
import Testing

/// The diff that people decide by must say what really changes.
@Suite struct LineDiffTests {
    @Test func whatDoesNotDifferIsNotShown() {
        #expect(LineDiff.unified(["a", "b"], ["a", "b"]) == [])
        #expect(LineDiff.unified([], []) == [])
    }

    @Test func aChangeStandsWithItsSurroundings() {
        let before = (1...20).map(String.init)
        var after = before
        after[9] = "ten"
        #expect(
            LineDiff.unified(before, after) == [
                " 7", " 8", " 9", "-10", "+ten", " 11", " 12", " 13",
            ])
    }

    @Test func changesFarApartAreSeparated() {
        let before = (1...30).map(String.init)
        var after = before
        after.removeFirst()
        after.append("31")
        #expect(
            LineDiff.unified(before, after) == [
                "-1", " 2", " 3", " 4", "@@", " 28", " 29", " 30", "+31",
            ])
    }

    @Test func newAndEmptiedFilesAreShownWhole() {
        #expect(LineDiff.unified([], ["a", "b"]) == ["+a", "+b"])
        #expect(LineDiff.unified(["a", "b"], []) == ["-a", "-b"])
    }

    @Test func patchingBeforeWithTheDiffGivesAfter() {
        var random = SeededGenerator.fresh("patchingBeforeWithTheDiffGivesAfter")
        for _ in 0..<2_000 {
            let before = Self.lines(&random)
            var after = before
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                switch Int.random(in: 0...2, using: &random) {
                case 0:
                    after.insert(
                        Self.line(&random), at: Int.random(in: 0...after.count, using: &random))
                case 1 where !after.isEmpty:
                    after.remove(at: Int.random(in: 0..<after.count, using: &random))
                default:
                    if let index = after.indices.randomElement(using: &random) {
                        after[index] = Self.line(&random)
                    }
                }
            }
            let diff = LineDiff.unified(before, after)
            #expect(diff.isEmpty == (before == after))
            let isRight = Self.patches(before[...], diff.split(separator: "@@")[...], [], after)
            #expect(isRight, "\(before) → \(after): \(diff)")
        }
    }

    private static func lines(_ random: inout SeededGenerator) -> [String] {
        (0..<Int.random(in: 0...25, using: &random)).map { _ in line(&random) }
    }

    /// Few words, so that lines repeat; some look like a diff's own marks.
    private static func line(_ random: inout SeededGenerator) -> String {
        ["a", "b", "c", "", "+a", "-a", " a", "d"].randomElement(using: &random) ?? ""
    }

    /// Whether the hunks can be laid over `before`, in order, so that `after` comes out. Hunks have
    /// no line numbers, so every place is tried.
    private static func patches(
        _ before: ArraySlice<String>, _ hunks: ArraySlice<ArraySlice<String>>, _ made: [String],
        _ after: [String]
    ) -> Bool {
        guard after.starts(with: made) else { return false }
        guard let hunk = hunks.first else { return made + before == after }
        let old = hunk.filter { $0.first != "+" }.map { String($0.dropFirst()) }
        let new = hunk.filter { $0.first != "-" }.map { String($0.dropFirst()) }
        guard before.count >= old.count else { return false }
        for offset in 0...(before.count - old.count) {
            let rest = before.dropFirst(offset)
            guard rest.starts(with: old) else { continue }
            let isRight = patches(
                rest.dropFirst(old.count), hunks.dropFirst(), made + before.prefix(offset) + new,
                after)
            if isRight { return true }
        }
        return false
    }
}
