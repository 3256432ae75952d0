/// Finds the name that someone meant when they wrote another.
public enum Suggestion {
    /// Names longer than this are not compared: nobody mistypes them, and the work is quadratic.
    static let lengthLimit = 64

    /// The candidate nearest to `text`, nil where none is near: at most a third of the letters
    /// may differ, and at least one may. Case and `-` for `_` count for nothing.
    public static func nearest(to text: String, in candidates: some Sequence<String>) -> String? {
        let wanted = folded(text)
        guard !wanted.isEmpty, wanted.count <= lengthLimit else { return nil }
        let limit = max(1, wanted.count / 3)
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let distance = distance(wanted, folded(candidate))
            guard distance <= limit, distance < best?.distance ?? .max else { continue }
            best = (candidate, distance)
        }
        return best?.name
    }

    /// `did you mean 'x'?` for the nearest candidate.
    public static func question(for text: String, in candidates: some Sequence<String>) -> String? {
        nearest(to: text, in: candidates).map { "did you mean '\($0)'?" }
    }

    private static func folded(_ text: String) -> [Unicode.Scalar] {
        text.lowercased().unicodeScalars.map { $0 == "-" ? "_" : $0 }
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn `left` into `right`
    /// (optimal string alignment).
    static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        guard right.count <= lengthLimit else { return .max }
        var beforePrevious = [Int]()
        var previous = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let cost = left[row] == right[column] ? 0 : 1
                var best = min(
                    previous[column] + cost, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1],
                    left[row - 1] == right[column]
                {
                    best = min(best, beforePrevious[column - 1] + 1)
                }
                current.append(best)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[right.count]
    }
}
