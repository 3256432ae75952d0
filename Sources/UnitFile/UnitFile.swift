/// A systemd unit file that stays as it was written: comments, order, repeated assignments and
/// continuation lines come out again byte for byte (systemd.syntax(7)).
public struct UnitFile: Sendable, Equatable {
    /// One `key=value` as systemd understands it.
    public struct Assignment: Sendable, Equatable {
        /// The section that it stands in.
        public var section: String
        /// Its name.
        public var key: String
        /// Its value: continuation lines joined, outer white space removed.
        public var value: String
        /// Where it begins, counted from 1.
        public var line: Int
    }

    /// A piece of the file with the bytes that it came from, line breaks included.
    private enum Piece: Sendable, Equatable {
        /// Comments and empty lines.
        case other(String)
        case section(String, raw: String)
        case assignment(Assignment, raw: String)
    }

    private var pieces: [Piece]

    /// Reads a unit's text.
    ///
    /// - Throws: where a line is neither empty, a comment, a section nor an assignment, where an
    ///   assignment stands before the first section, and where the text holds control characters.
    public init(parsing text: String) throws(UnitFileError) {
        pieces = []
        var section: String?
        var lines = PhysicalLines(text)
        while let first = lines.next() {
            try Self.checkCharacters(first)
            let stripped = Self.stripped(first.text)
            if stripped.isEmpty || Self.isComment(stripped) {
                pieces.append(.other(first.raw))
                continue
            }
            let (logical, raw) = try Self.joined(first, &lines)
            let content = Self.stripped(logical)
            if content.hasPrefix("[") {
                guard content.hasSuffix("]"), content.count > 2 else {
                    throw UnitFileError(line: first.number, reason: "the section's ']' is missing")
                }
                let name = String(content.dropFirst().dropLast())
                section = name
                pieces.append(.section(name, raw: raw))
                continue
            }
            guard let equals = content.firstIndex(of: "=") else {
                throw UnitFileError(
                    line: first.number, reason: "there is no '=', no section and no comment")
            }
            guard let section else {
                throw UnitFileError(
                    line: first.number, reason: "the assignment stands before the first section")
            }
            let assignment = Assignment(
                section: section, key: Self.stripped(String(content[..<equals])),
                value: Self.stripped(String(content[content.index(after: equals)...])),
                line: first.number)
            guard !assignment.key.isEmpty else {
                throw UnitFileError(line: first.number, reason: "there is no name before the '='")
            }
            pieces.append(.assignment(assignment, raw: raw))
        }
    }

    /// The unit's text; that of an unchanged file is the text that was parsed.
    public var text: String {
        pieces.map { piece in
            switch piece {
            case .other(let raw), .section(_, let raw), .assignment(_, let raw): raw
            }
        }.joined()
    }

    /// Every assignment, in the order of the file.
    public var assignments: [Assignment] {
        pieces.compactMap {
            if case .assignment(let assignment, _) = $0 { assignment } else { nil }
        }
    }

    /// The values of a key as a list: an empty assignment clears those before it.
    public func values(of key: String, in section: String) -> [String] {
        assignments.filter { $0.section == section && $0.key == key }
            .reduce(into: []) { values, assignment in
                if assignment.value.isEmpty { values = [] } else { values.append(assignment.value) }
            }
    }

    // MARK: Changes

    /// Adds an assignment at the end of a section, after its last assignment; makes the section at
    /// the end of the file where there is none.
    ///
    /// - Parameter value: as it is to stand in the file, already quoted.
    /// - Throws: where the value would not stay on its line.
    public mutating func append(
        _ key: String, _ value: String, to section: String
    ) throws(UnitFileError) {
        let hasBreak = (key + value + section).unicodeScalars.contains { $0.value < 0x20 }
        guard !hasBreak, !value.hasSuffix("\\") else {
            throw UnitFileError(line: nil, reason: "the value of \(key)= does not stay on its line")
        }
        let assignment = Assignment(section: section, key: key, value: value, line: 0)
        let piece = Piece.assignment(assignment, raw: "\(key)=\(value)\n")
        if let index = lastIndex(of: section) {
            endLine(at: index)
            pieces.insert(piece, at: index + 1)
        } else {
            if !pieces.isEmpty {
                endLine(at: pieces.count - 1)
                pieces.append(.other("\n"))
            }
            pieces += [.section(section, raw: "[\(section)]\n"), piece]
        }
    }

    /// Takes the place of older units: they are stopped before this one starts. `Conflicts=` alone
    /// gives no order, so each also stands in `After=`.
    public mutating func replace(_ units: [String]) throws(UnitFileError) {
        for unit in units {
            try append("Conflicts", unit, to: "Unit")
            try append("After", unit, to: "Unit")
        }
    }

    /// The last assignment of a section, or its heading.
    private func lastIndex(of section: String) -> Int? {
        pieces.lastIndex { piece in
            switch piece {
            case .other: false
            case .section(let name, _): name == section
            case .assignment(let assignment, _): assignment.section == section
            }
        }
    }

    /// A file's last line may lack its line break, or go on behind the file's end; what follows
    /// needs a line of its own.
    private mutating func endLine(at index: Int) {
        func ended(_ raw: String, isComment: Bool = false) -> String {
            let line = raw.hasSuffix("\n") ? String(raw.dropLast()) : raw
            return line + (!isComment && Self.continues(line) ? "\n\n" : "\n")
        }
        switch pieces[index] {
        case .other(let raw): pieces[index] = .other(ended(raw, isComment: true))
        case .section(let name, let raw): pieces[index] = .section(name, raw: ended(raw))
        case .assignment(let assignment, let raw):
            pieces[index] = .assignment(assignment, raw: ended(raw))
        }
    }

    // MARK: Lines

    /// The line with those that continue it: a backslash at the end becomes a space, comment lines
    /// in between count for nothing.
    private static func joined(
        _ first: PhysicalLine, _ lines: inout PhysicalLines
    ) throws(UnitFileError) -> (logical: String, raw: String) {
        var logical = first.text
        var raw = first.raw
        while continues(logical), let next = lines.next() {
            try checkCharacters(next)
            raw += next.raw
            if isComment(stripped(next.text)) { continue }
            logical = logical.dropLast() + " " + next.text
        }
        if continues(logical) { logical.removeLast() }
        return (logical, raw)
    }

    /// True where the line ends in a backslash that no other escapes.
    private static func continues(_ line: String) -> Bool {
        line.utf8.reversed().prefix { $0 == UInt8(ascii: "\\") }.count % 2 == 1
    }

    private static func isComment(_ stripped: String) -> Bool {
        stripped.hasPrefix("#") || stripped.hasPrefix(";")
    }

    static func stripped(_ text: String) -> String {
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let bytes = text.utf8.drop(while: isSpace)
        let trailing = bytes.reversed().prefix(while: isSpace).count
        return String(Substring(bytes.dropLast(trailing)))
    }

    private static func checkCharacters(_ line: PhysicalLine) throws(UnitFileError) {
        let bad = line.text.unicodeScalars.first {
            $0.value < 0x20 && $0 != "\t" || $0.value == 0x7F
        }
        guard let bad else { return }
        let code = String(bad.value, radix: 16, uppercase: true)
        throw UnitFileError(line: line.number, reason: "there is a control character (U+\(code))")
    }
}

/// Why a unit file cannot be read or changed.
public struct UnitFileError: Error, Sendable, Equatable {
    /// The line, counted from 1; nil where no line is to blame.
    public var line: Int?
    /// What is wrong, as a sentence without a full stop.
    public var reason: String
}

/// A line of a file with the bytes that it came from.
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
