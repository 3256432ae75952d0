/// Splits a value into words as systemd's extract_first_word() does: white space separates, quotes
/// of both kinds group and vanish, C escapes count everywhere (systemd.syntax(7), Quoting).
public struct UnitWords: Sendable {
    /// Why a value cannot be split.
    public enum Failure: Error, Sendable, Equatable {
        /// A quote has no end; systemd ignores the assignment.
        case unbalancedQuote
        /// A word is no UTF-8 once its escapes are undone.
        case notUTF8
    }

    private var rest: ArraySlice<UInt8>
    /// Whether a backslash was met that begins no escape; systemd keeps it and warns.
    public private(set) var hasUnknownEscape = false

    /// The words of a value.
    public init(_ text: String) { rest = Array(text.utf8)[...] }

    /// Every word of a value.
    public static func split(_ text: String) throws(Failure) -> [String] {
        var words = UnitWords(text)
        var all: [String] = []
        while let word = try words.next() { all.append(word) }
        return all
    }

    /// Takes a sign that stands as a word of its own, as `;` does between two commands.
    mutating func take(_ sign: String) -> Bool {
        passBlanks()
        guard rest.starts(with: sign.utf8) else { return false }
        let after = rest.dropFirst(sign.utf8.count)
        guard after.first.map(Self.isBlank) ?? true else { return false }
        rest = after
        passBlanks()
        return true
    }

    /// The next word; nil at the end.
    public mutating func next() throws(Failure) -> String? {
        passBlanks()
        guard !rest.isEmpty else { return nil }
        var word: [UInt8] = []
        var quote: UInt8?
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\") {
                takeEscape(into: &word)
            } else if let open = quote {
                if byte == open { quote = nil } else { word.append(byte) }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if Self.isBlank(byte) {
                break
            } else {
                word.append(byte)
            }
        }
        guard quote == nil else { throw .unbalancedQuote }
        passBlanks()
        guard let text = String(validating: word, as: UTF8.self) else { throw .notUTF8 }
        return text
    }

    private mutating func passBlanks() { rest = rest.drop(while: Self.isBlank) }

    private static func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

    // MARK: Escapes

    /// systemd's cunescape_one(); what is no escape stays as it is, its backslash too.
    private mutating func takeEscape(into word: inout [UInt8]) {
        guard let sign = rest.first else {
            hasUnknownEscape = true
            return word.append(UInt8(ascii: "\\"))
        }
        if let plain = Self.plainEscapes[sign] {
            rest.removeFirst()
            return word.append(plain)
        }
        let taken: Bool =
            switch sign {
            case UInt8(ascii: "x"): takeByte(digits: 2, radix: 16, skipping: 1, into: &word)
            case UInt8(ascii: "u"): takeScalar(digits: 4, into: &word)
            case UInt8(ascii: "U"): takeScalar(digits: 8, into: &word)
            case UInt8(ascii: "0")...UInt8(ascii: "7"):
                takeByte(digits: 3, radix: 8, skipping: 0, into: &word)
            default: false
            }
        if !taken {
            hasUnknownEscape = true
            rest.removeFirst()
            word += [UInt8(ascii: "\\"), sign]
        }
    }

    private static let plainEscapes: [UInt8: UInt8] = [
        UInt8(ascii: "a"): 0x07, UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C,
        UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
        UInt8(ascii: "v"): 0x0B, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "\""): 0x22,
        UInt8(ascii: "'"): 0x27, UInt8(ascii: "s"): 0x20,
    ]

    private mutating func takeByte(
        digits: Int, radix: Int, skipping: Int, into word: inout [UInt8]
    ) -> Bool {
        guard let value = number(digits: digits, radix: radix, skipping: skipping),
            let byte = UInt8(exactly: value), byte != 0
        else { return false }
        rest = rest.dropFirst(skipping + digits)
        word.append(byte)
        return true
    }

    private mutating func takeScalar(digits: Int, into word: inout [UInt8]) -> Bool {
        guard let value = number(digits: digits, radix: 16, skipping: 1), value != 0,
            let scalar = Unicode.Scalar(value)
        else { return false }
        rest = rest.dropFirst(1 + digits)
        word += Array(String(scalar).utf8)
        return true
    }

    private func number(digits: Int, radix: Int, skipping: Int) -> UInt32? {
        let text = rest.dropFirst(skipping).prefix(digits)
        // UInt32(_:radix:) takes a sign, which is no digit here.
        guard text.count == digits, text.allSatisfy({ $0 != 0x2B && $0 != 0x2D }) else {
            return nil
        }
        return UInt32(String(decoding: text, as: UTF8.self), radix: radix)
    }
}
