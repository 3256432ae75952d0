/// One thing that is wrong with an inventory.
public struct Problem: Error, Sendable, Equatable {
    /// The file, as the caller named it.
    public var file: String
    /// Where in the file.
    public var position: Position
    /// The keys that lead there, such as `hosts.pi.port`; empty for the file as a whole.
    public var path: String
    /// What is wrong, as a sentence without a full stop. Never holds a secret's value.
    public var sentence: String
    /// What to do about it, where that is known.
    public var suggestion: String?

    /// A problem from its parts.
    public init(
        file: String, position: Position, path: String, sentence: String, suggestion: String? = nil
    ) {
        self.file = file
        self.position = position
        self.path = path
        self.sentence = sentence
        self.suggestion = suggestion
    }

    /// One line as compilers print them: `file:line:column: error: sentence — suggestion`.
    public var line: String {
        let place = "\(file):\(position.line):\(position.column): error: "
        let subject = path.isEmpty ? "" : "\(path): "
        return place + subject + sentence + (suggestion.map { " — " + $0 } ?? "")
    }
}

/// Everything that is wrong with an inventory, in the order of the file; never empty.
public struct InventoryProblems: Error, Sendable, Equatable {
    /// The problems.
    public var problems: [Problem]

    /// These problems, sorted by their place.
    ///
    /// - Precondition: there is at least one.
    public init(_ problems: [Problem]) {
        precondition(!problems.isEmpty, "an inventory without problems is a fleet")
        self.problems = problems.enumerated().sorted {
            ($0.element.position, $0.offset) < ($1.element.position, $1.offset)
        }.map(\.element)
    }
}

/// Text from a file, made safe for a message.
enum Shown {
    /// At most this many characters of a value are repeated in a message.
    static let lengthLimit = 60

    /// The text with control characters escaped, cut at `lengthLimit`.
    static func text(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars.prefix(lengthLimit) {
            if PrintableText.isControl(scalar) {
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return text.unicodeScalars.count > lengthLimit ? result + "…" : result
    }
}

/// Which characters may stand in a value.
enum PrintableText {
    /// Control characters of C0 and C1, line separators, and those that turn the direction of
    /// text, so that a line reads otherwise than it runs.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }
}
