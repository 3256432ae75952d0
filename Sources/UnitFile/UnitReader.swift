/// Reads a unit file as systemd's config_parse() does, keeping every byte.
struct UnitReader {
    /// What was read, in the order of the file.
    private(set) var pieces: [UnitFile.Piece] = []
    /// What systemd warns of.
    private(set) var problems: [UnitProblem] = []

    private var section: String?
    private var isEnded = false
    private var isMarkSeen = false

    /// UTF-8's byte order mark, which systemd passes over.
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    init(_ bytes: [UInt8]) {
        var lines = SourceLines(bytes)
        while let line = lines.next() { take(line, &lines) }
    }

    private mutating func take(_ first: SourceLine, _ lines: inout SourceLines) {
        if isEnded || Self.isComment(first.content) {
            pieces.append(.other(Array(first.raw), line: first.number))
            return
        }
        var logical = content(of: first)
        var raw = first.raw
        while Self.continues(logical) {
            logical[logical.endIndex - 1] = UInt8(ascii: " ")
            guard let next = lines.next() else { break }
            raw += next.raw
            if Self.isComment(next.content) {
                // The line goes on behind the comment.
                logical[logical.endIndex - 1] = UInt8(ascii: "\\")
                continue
            }
            logical += content(of: next)
        }
        guard logical.count <= UnitFile.lineLimit else {
            isEnded = true
            return ignore(.lineTooLong, first.number, raw)
        }
        parse(Self.stripped(logical[...]), first.number, raw)
    }

    private mutating func content(of line: SourceLine) -> [UInt8] {
        guard !isMarkSeen, line.content.starts(with: Self.mark) else { return Array(line.content) }
        isMarkSeen = true
        return Array(line.content.dropFirst(Self.mark.count))
    }

    private mutating func parse(
        _ content: ArraySlice<UInt8>, _ line: Int, _ raw: ArraySlice<UInt8>
    ) {
        guard !content.isEmpty else { return pieces.append(.other(Array(raw), line: line)) }
        guard let text = String(validating: content, as: UTF8.self) else {
            return ignore(.notUTF8, line, raw)
        }
        if content.first == UInt8(ascii: "[") { return parseSection(content, line, raw) }
        guard let section else { return ignore(.outsideSection, line, raw) }
        guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else {
            return ignore(.missingEquals, line, raw)
        }
        let key = UnitFile.stripped(String(text[..<equals]))
        guard !key.isEmpty else { return ignore(.missingKey, line, raw) }
        let value = UnitFile.stripped(String(text[text.utf8.index(after: equals)...]))
        pieces.append(
            .assignment(
                UnitFile.Assignment(section: section, key: key, value: value, line: line),
                raw: Array(raw)))
    }

    private mutating func parseSection(
        _ content: ArraySlice<UInt8>, _ line: Int, _ raw: ArraySlice<UInt8>
    ) {
        guard content.count > 1, content.last == UInt8(ascii: "]") else {
            isEnded = true
            return ignore(.unclosedSection, line, raw)
        }
        let name = content.dropFirst().dropLast()
        let isSafe = name.allSatisfy { byte in
            byte >= 0x20 && byte != 0x7F && ![0x22, 0x27, 0x5C].contains(byte)
        }
        guard isSafe else {
            isEnded = true
            return ignore(.badSectionName, line, raw)
        }
        if name.isEmpty { problems.append(UnitProblem(kind: .emptySectionName, line: line)) }
        let text = String(decoding: name, as: UTF8.self)
        section = text
        pieces.append(.section(text, raw: Array(raw), line: line))
    }

    private mutating func ignore(
        _ kind: UnitProblem.Kind, _ line: Int, _ raw: ArraySlice<UInt8>
    ) {
        problems.append(UnitProblem(kind: kind, line: line))
        pieces.append(.other(Array(raw), line: line))
    }

    // MARK: Bytes

    /// True where the line ends in a backslash that no other escapes.
    static func continues(_ line: some BidirectionalCollection<UInt8>) -> Bool {
        line.reversed().prefix { $0 == UInt8(ascii: "\\") }.count % 2 == 1
    }

    static func isComment(_ line: some Sequence<UInt8>) -> Bool {
        let first = line.first { $0 != 0x20 && $0 != 0x09 }
        return first == UInt8(ascii: "#") || first == UInt8(ascii: ";")
    }

    private static func stripped(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let front = line.drop(while: isSpace)
        return front.dropLast(front.reversed().prefix(while: isSpace).count)
    }
}
