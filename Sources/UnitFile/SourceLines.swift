/// A line of a unit file as systemd reads it, with the bytes that it came from.
struct SourceLine {
    /// Counted from 1.
    var number: Int
    /// Without its end.
    var content: ArraySlice<UInt8>
    /// With it, where there is one.
    var raw: ArraySlice<UInt8>
}

/// Splits a file into lines as systemd's read_line() does: LF, CR and NUL end a line, and different
/// ends that follow each other (CR LF) are one.
struct SourceLines: Sequence, IteratorProtocol {
    private var rest: ArraySlice<UInt8>
    private var number = 0

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    private static let ends: Set<UInt8> = [0, 0x0A, 0x0D]

    mutating func next() -> SourceLine? {
        guard !rest.isEmpty else { return nil }
        let whole = rest
        let content = rest.prefix { !Self.ends.contains($0) }
        rest = rest[content.endIndex...]
        var seen: Set<UInt8> = []
        // Nothing joins a NUL that has come.
        while let end = rest.first, Self.ends.contains(end), !seen.contains(end),
            !seen.contains(0)
        {
            seen.insert(end)
            rest.removeFirst()
        }
        number += 1
        return SourceLine(number: number, content: content, raw: whole[..<rest.startIndex])
    }
}
