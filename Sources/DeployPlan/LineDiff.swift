/// A line diff for people, in the manner of `diff -u`.
public enum LineDiff {
    /// Lines of context around each change.
    public static let context = 3

    /// The differing lines with their surroundings: ` `, `-` or `+` and the line; hunks are
    /// separated by a line `@@`. Empty where nothing differs.
    public static func unified(_ before: [String], _ after: [String]) -> [String] {
        let script = merged(before, after)
        guard script.contains(where: { $0.first != " " }) else { return [] }
        var shown = [Bool](repeating: false, count: script.count)
        for (index, line) in script.enumerated() where line.first != " " {
            let around = max(0, index - context)...min(script.count - 1, index + context)
            for near in around { shown[near] = true }
        }
        var result: [String] = []
        for (index, line) in script.enumerated() where shown[index] {
            if !result.isEmpty, index > 0, !shown[index - 1] { result.append("@@") }
            result.append(line)
        }
        return result
    }

    /// Both texts as one list of kept, removed and added lines.
    private static func merged(_ before: [String], _ after: [String]) -> [String] {
        var removed = Set<Int>()
        var inserted = Set<Int>()
        for change in after.difference(from: before) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var result: [String] = []
        var old = 0
        var new = 0
        while old < before.count || new < after.count {
            if old < before.count, removed.contains(old) {
                result.append("-" + before[old])
                old += 1
            } else if new < after.count, inserted.contains(new) {
                result.append("+" + after[new])
                new += 1
            } else {
                result.append(" " + before[old])
                old += 1
                new += 1
            }
        }
        return result
    }
}
