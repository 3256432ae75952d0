/// A configuration file: `key = value` lines. `#` at the beginning of a line or behind a blank
/// begins a comment. Every problem is found, with its line.
public struct ConfigText: Sendable, Equatable {
    /// One setting.
    public struct Entry: Sendable, Equatable {
        /// Its line, from 1.
        public var line: Int
        /// One of the known keys.
        public var key: String
        /// What stands behind the `=`, without blanks around it.
        public var value: String

        /// A setting of its parts.
        public init(line: Int, key: String, value: String) {
            self.line = line
            self.key = key
            self.value = value
        }
    }

    /// Something wrong.
    public struct Problem: Sendable, Equatable {
        /// Its line, from 1.
        public var line: Int
        /// What is wrong.
        public var text: String

        /// A problem of its parts; also for what a caller finds wrong with a value.
        public init(line: Int, text: String) {
            self.line = line
            self.text = text
        }
    }

    /// Longest line, in bytes.
    public static var lineMax: Int { 512 }
    /// Most lines.
    public static var linesMax: Int { 500 }
    /// More bytes than any file that keeps the other limits has.
    public static var sizeMax: Int { (lineMax + 2) * linesMax }

    /// The settings, in the file's order. With problems they are not all there is.
    public private(set) var entries: [Entry] = []
    /// What is wrong, in the file's order.
    public private(set) var problems: [Problem] = []

    private static var byteOrderMark: [UInt8] { [0xEF, 0xBB, 0xBF] }

    /// Reads a file's bytes; `keys` are those that may stand in it.
    public init(_ bytes: [UInt8], keys: [String]) {
        var rest = bytes[...]
        if rest.starts(with: Self.byteOrderMark) { rest = rest.dropFirst(3) }
        var number = 0
        while !rest.isEmpty {
            number += 1
            guard number <= Self.linesMax else {
                complain(number, "the file has more than \(Self.linesMax) lines")
                return
            }
            let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
            var line = rest[..<end]
            rest = rest[end...].dropFirst()
            if line.last == 0x0D { line.removeLast() }
            take(line, number, keys)
        }
    }

    private mutating func complain(_ line: Int, _ text: String) {
        problems.append(Problem(line: line, text: text))
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>, _ number: Int, _ keys: [String]) {
        guard bytes.count <= Self.lineMax else {
            return complain(number, "the line is longer than \(Self.lineMax) bytes")
        }
        guard UTF8Text.isValid(bytes) else { return complain(number, "the line is not UTF-8") }
        guard bytes.allSatisfy({ $0 == 0x09 || $0 >= 0x20 && $0 != 0x7F }) else {
            return complain(number, "a control character is in the line")
        }
        let line = Self.trimmed(Self.withoutComment(bytes))
        if line.isEmpty { return }
        guard let equals = line.firstIndex(of: 0x3D) else {
            return complain(number, "'" + Self.text(line) + "' has no '='; write key = value")
        }
        let key = Self.trimmed(line[..<equals])
        let value = Self.trimmed(line[(equals + 1)...])
        guard !key.isEmpty else { return complain(number, "there is no key before the '='") }
        guard let known = keys.first(where: { $0.utf8.elementsEqual(key) }) else {
            let near = NearestKey.to(key, in: keys).map { "; did you mean " + $0 + "?" } ?? ""
            return complain(number, "unknown key '" + Self.text(key) + "'" + near)
        }
        if let before = entries.first(where: { $0.key.utf8.elementsEqual(key) }) {
            return complain(number, known + " is set in line \(before.line) already")
        }
        guard !value.isEmpty else { return complain(number, known + " has no value") }
        entries.append(Entry(line: number, key: known, value: Self.text(value)))
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func withoutComment(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        for index in line.indices where line[index] == 0x23 {
            if index == line.startIndex || isBlank(line[index - 1]) { return line[..<index] }
        }
        return line
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes.drop(while: isBlank)
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return bytes
    }
}

/// Text as bytes.
enum UTF8Text {
    /// Whether the bytes are UTF-8 (Unicode 15, table 3-7).
    static func isValid(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        while let first = rest.popFirst() {
            let following: Int
            var second: ClosedRange<UInt8> = 0x80...0xBF
            switch first {
            case 0x00...0x7F: continue
            case 0xC2...0xDF: following = 1
            case 0xE0: (following, second) = (2, 0xA0...0xBF)
            case 0xED: (following, second) = (2, 0x80...0x9F)
            case 0xE1...0xEF: following = 2
            case 0xF0: (following, second) = (3, 0x90...0xBF)
            case 0xF1...0xF3: following = 3
            case 0xF4: (following, second) = (3, 0x80...0x8F)
            default: return false
            }
            for place in 0..<following {
                let range = place == 0 ? second : 0x80...0xBF
                guard let next = rest.popFirst(), range.contains(next) else { return false }
            }
        }
        return true
    }
}

/// Finds the key that somebody meant.
enum NearestKey {
    /// Longer words are not compared: nobody mistypes a key at such length.
    private static var lengthMax: Int { 64 }

    /// The key from which at most a third of the letters differ; nil where there is none. Case,
    /// and `_` for `-`, count for nothing.
    static func to(_ word: ArraySlice<UInt8>, in keys: [String]) -> String? {
        guard word.count <= lengthMax else { return nil }
        let wanted = word.map(folded)
        var best: (key: String, distance: Int)?
        for key in keys where key.utf8.count <= lengthMax {
            let distance = distance(wanted, key.utf8.map(folded))
            guard distance <= max(1, wanted.count / 3) else { continue }
            if let best, best.distance <= distance { continue }
            best = (key, distance)
        }
        return best?.key
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x41...0x5A: byte + 0x20
        case 0x5F: 0x2D
        default: byte
        }
    }

    /// Insertions, deletions and replacements that turn one into the other (Levenshtein).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var previous = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let replaced = previous[column] + (left[row] == right[column] ? 0 : 1)
                current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}
