/// A line of a text with what it came from.
struct PhysicalLine {
    /// Counted from 1.
    var number: Int
    /// Without its line break.
    var text: String
    /// With it, where there is one.
    var raw: String
}

/// Splits text at line feeds and nowhere else.
struct PhysicalLines: Sequence, IteratorProtocol {
    private var rest: Substring.UTF8View
    private var number = 0

    init(_ text: String) { rest = Substring(text).utf8 }

    mutating func next() -> PhysicalLine? {
        guard !rest.isEmpty else { return nil }
        let line = rest.prefix { $0 != UInt8(ascii: "\n") }
        rest = rest[line.endIndex...]
        let isEnded = rest.popFirst() != nil
        number += 1
        let text = String(Substring(line))
        return PhysicalLine(number: number, text: text, raw: isEnded ? text + "\n" : text)
    }
}
