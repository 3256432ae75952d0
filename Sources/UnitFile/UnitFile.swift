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
        /// Where it begins, counted from 1; 0 where it was added after reading.
        public var line: Int
    }

    /// A comment on a line of its own; those inside continued lines do not count.
    public struct Comment: Sendable, Equatable {
        /// Without its sign and outer white space.
        public var text: String
        /// Where it stands, counted from 1.
        public var line: Int
        /// The section that it stands in; nil before the first.
        public var section: String?
        /// The line of the assignment that comes next in the same section; nil where none does.
        public var nextAssignment: Int?
    }

    /// A piece of the file with the bytes that it came from, line ends included.
    enum Piece: Sendable, Equatable {
        /// Comments, empty lines and what systemd ignores.
        case other([UInt8], line: Int)
        case section(String, raw: [UInt8], line: Int)
        case assignment(Assignment, raw: [UInt8])

        var raw: [UInt8] {
            switch self {
            case .other(let raw, _), .section(_, let raw, _), .assignment(_, let raw): raw
            }
        }
    }

    /// Larger files are refused, in bytes.
    public static let sizeLimit = 1 << 20
    /// systemd's LONG_LINE_MAX: longer lines, continued ones as a whole, end the reading.
    public static let lineLimit = 1 << 20

    var pieces: [Piece]
    /// What systemd warns of while it reads, whatever kind of unit this is;
    /// `UnitVocabulary.problems` finds what it knows no name for.
    public private(set) var problems: [UnitProblem]

    /// Reads whatever systemd reads, with problems as values.
    ///
    /// - Throws: where the file is larger than `sizeLimit`.
    public init(reading bytes: [UInt8]) throws(UnitFileError) {
        guard bytes.count <= Self.sizeLimit else {
            throw UnitFileError(
                line: nil, reason: "the file is larger than \(Self.sizeLimit) bytes")
        }
        let reader = UnitReader(bytes)
        pieces = reader.pieces
        problems = reader.problems
    }

    /// Reads a unit's text that must be in order.
    ///
    /// - Throws: where systemd would warn of a line or give the file up, and where the text holds
    ///   control characters.
    public init(parsing text: String) throws(UnitFileError) {
        for line in PhysicalLines(text) { try Self.checkCharacters(line) }
        try self.init(reading: Array(text.utf8))
        if let problem = problems.first {
            throw UnitFileError(line: problem.line, reason: problem.kind.description)
        }
    }

    /// The unit's bytes; those of an unchanged file are the bytes that were read.
    public var bytes: [UInt8] { pieces.flatMap(\.raw) }

    /// The unit's text; where the bytes are no UTF-8, they are replaced.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Every assignment, in the order of the file.
    public var assignments: [Assignment] {
        pieces.compactMap {
            if case .assignment(let assignment, _) = $0 { assignment } else { nil }
        }
    }

    /// Every heading, in the order of the file; a section may come more than once.
    public var sections: [(name: String, line: Int)] {
        pieces.compactMap {
            if case .section(let name, _, let line) = $0 { (name, line) } else { nil }
        }
    }

    /// Every comment, in the order of the file.
    public var comments: [Comment] {
        var comments: [Comment] = []
        var section: String?
        for piece in pieces {
            switch piece {
            case .section(let name, _, _): section = name
            case .assignment(let assignment, _):
                for index in comments.indices.reversed() {
                    guard comments[index].nextAssignment == nil,
                        comments[index].section == assignment.section
                    else { break }
                    comments[index].nextAssignment = assignment.line
                }
            case .other(let raw, let line):
                guard UnitReader.isComment(raw) else { continue }
                let text = Self.stripped(String(decoding: raw, as: UTF8.self)).dropFirst()
                comments.append(
                    Comment(
                        text: Self.stripped(String(text.prefix { !$0.isNewline })), line: line,
                        section: section))
            }
        }
        return comments
    }

    /// The values of a key as a list: an empty assignment clears those before it.
    public func values(of key: String, in section: String) -> [String] {
        assignments.filter { $0.section == section && $0.key == key }
            .reduce(into: []) { values, assignment in
                if assignment.value.isEmpty { values = [] } else { values.append(assignment.value) }
            }
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
