/// Takes a shell script apart into words and operators; comments and here-documents are passed
/// over.
struct ShellReader {
    enum Token {
        /// The end of a line, and where the next begins, here-documents passed.
        case newline(next: Int)
        /// `;` or `&`.
        case separator
        /// `;;`, `;&` or `;;&`.
        case caseEnd
        /// `&&`, `||` or `|`.
        case connector
        /// `<`, `>` and their like; the next word is what they lead to.
        case redirection
        case openParenthesis, closeParenthesis
        case word(String, isQuoted: Bool)
    }

    /// True where a quote, an expansion or a here-document does not end, or is not understood.
    private(set) var isLost = false

    private let bytes: [UInt8]
    private var index = 0
    private var hereDocuments: [(end: [UInt8], stripsTabs: Bool)] = []

    /// Expansions nested deeper than this are not followed.
    private static let depthLimit = 16

    init(_ script: [UInt8]) { bytes = script }

    private func byte(_ offset: Int = 0) -> UInt8? {
        index + offset < bytes.count ? bytes[index + offset] : nil
    }

    private func isAt(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes[index...].starts(with: $0) }
    }

    private mutating func pass(_ count: Int) { index = min(index + count, bytes.count) }

    /// The next token; nil at the end.
    mutating func next() -> Token? {
        passBlanks()
        guard let first = byte() else {
            if !hereDocuments.isEmpty { isLost = true }
            return nil
        }
        switch first {
        case UInt8(ascii: "\n"):
            pass(1)
            passHereDocuments()
            return .newline(next: index)
        case UInt8(ascii: ";"): return semicolon()
        case UInt8(ascii: "&"):
            if isAt("&>") { return redirection() }
            let isConnector = isAt("&&")
            pass(isConnector ? 2 : 1)
            return isConnector ? .connector : .separator
        case UInt8(ascii: "|"):
            pass(isAt("||") || isAt("|&") ? 2 : 1)
            return .connector
        case UInt8(ascii: "("):
            pass(1)
            return .openParenthesis
        case UInt8(ascii: ")"):
            pass(1)
            return .closeParenthesis
        case UInt8(ascii: "<"), UInt8(ascii: ">"): return redirection()
        default: return word()
        }
    }

    private mutating func semicolon() -> Token {
        if isAt(";;&") {
            pass(3)
        } else if isAt(";;") || isAt(";&") {
            pass(2)
        } else {
            pass(1)
            return .separator
        }
        return .caseEnd
    }

    private mutating func passBlanks() {
        while let next = byte() {
            if next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") {
                pass(1)
            } else if isAt("\\\n") {
                pass(2)
            } else if next == UInt8(ascii: "#") {
                while let rest = byte(), rest != UInt8(ascii: "\n") { pass(1) }
            } else {
                return
            }
        }
    }

    // MARK: Redirections and here-documents

    private mutating func redirection() -> Token {
        if isAt("<(") || isAt(">(") {
            isLost = true
            return .redirection
        }
        if isAt("<<"), !isAt("<<<") {
            pass(2)
            let stripsTabs = byte() == UInt8(ascii: "-")
            if stripsTabs { pass(1) }
            passBlanks()
            let start = index
            guard case .word = word(), index > start else {
                isLost = true
                return .redirection
            }
            hereDocuments.append((Self.unquoted(bytes[start..<index]), stripsTabs))
            // The delimiter has been read: what follows is a word like any other.
            return next() ?? .separator
        }
        while let next = byte(), "<>&|".utf8.contains(next) { pass(1) }
        return .redirection
    }

    private static func unquoted(_ word: ArraySlice<UInt8>) -> [UInt8] {
        word.filter {
            $0 != UInt8(ascii: "'") && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
    }

    private mutating func passHereDocuments() {
        for document in hereDocuments {
            var isEnded = false
            while !isEnded, index < bytes.count {
                let end = bytes[index...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
                var line = bytes[index..<end]
                if document.stripsTabs { line = line.drop { $0 == UInt8(ascii: "\t") } }
                isEnded = line.elementsEqual(document.end)
                index = min(end + 1, bytes.count)
            }
            if !isEnded { isLost = true }
        }
        hereDocuments = []
    }

    // MARK: Words

    private mutating func word() -> Token {
        let start = index
        var isQuoted = false
        while let next = byte(), !isLost {
            switch next {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: ";"),
                UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "("), UInt8(ascii: ")"):
                return .word(text(from: start), isQuoted: isQuoted)
            case UInt8(ascii: "<"), UInt8(ascii: ">"):
                // `2>` names a descriptor and is no word.
                let isNumber = bytes[start..<index].allSatisfy { (0x30...0x39).contains($0) }
                return isNumber ? redirection() : .word(text(from: start), isQuoted: isQuoted)
            case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "\\"):
                isQuoted = true
                passQuoted(depth: 0)
            case UInt8(ascii: "$"), UInt8(ascii: "`"): passExpansion(depth: 0)
            default: pass(1)
            }
        }
        return .word(text(from: start), isQuoted: isQuoted)
    }

    private func text(from start: Int) -> String {
        String(decoding: bytes[start..<index], as: UTF8.self)
    }

    /// Passes one quoted piece.
    private mutating func passQuoted(depth: Int) {
        let quote = byte()
        pass(1)
        switch quote {
        case UInt8(ascii: "\\"): pass(1)
        case UInt8(ascii: "'"):
            guard let end = bytes[index...].firstIndex(of: UInt8(ascii: "'")) else {
                isLost = true
                return
            }
            index = end + 1
        default: passUntil(UInt8(ascii: "\""), in: .quotes, depth: depth)
        }
    }

    /// Passes `$(…)`, `${…}` or a pair of backquotes; a `$` by itself is a character.
    private mutating func passExpansion(depth: Int) {
        if byte() == UInt8(ascii: "`") {
            pass(1)
            return passUntil(UInt8(ascii: "`"), in: .backquotes, depth: depth + 1)
        }
        pass(1)
        switch byte() {
        case UInt8(ascii: "("):
            pass(1)
            passUntil(UInt8(ascii: ")"), in: .parentheses, depth: depth + 1)
        case UInt8(ascii: "{"):
            pass(1)
            passUntil(UInt8(ascii: "}"), in: .braces, depth: depth + 1)
        case UInt8(ascii: "'"): isLost = true  // `$'…'` has escapes that POSIX does not know.
        default: break
        }
    }

    private enum Surroundings { case quotes, backquotes, parentheses, braces }

    private mutating func passUntil(_ end: UInt8, in surroundings: Surroundings, depth: Int) {
        if depth > Self.depthLimit { isLost = true }
        while let next = byte(), !isLost {
            if next == end {
                pass(1)
                return
            }
            switch (next, surroundings) {
            case (UInt8(ascii: "\\"), _): pass(2)
            case (UInt8(ascii: "`"), _), (UInt8(ascii: "$"), _): passExpansion(depth: depth)
            case (UInt8(ascii: "'"), .parentheses), (UInt8(ascii: "'"), .backquotes),
                (UInt8(ascii: "\""), .parentheses), (UInt8(ascii: "\""), .backquotes),
                (UInt8(ascii: "\""), .braces):
                passQuoted(depth: depth + 1)
            case (UInt8(ascii: "("), .parentheses):
                pass(1)
                passUntil(UInt8(ascii: ")"), in: .parentheses, depth: depth + 1)
            case (UInt8(ascii: "#"), .parentheses), (UInt8(ascii: "<"), .parentheses):
                // A comment or a here-document may hide a parenthesis or a quote.
                let isWordStart = [0x20, 0x09, 0x0A, 0x3B].contains(bytes[index - 1])
                if isWordStart || isAt("<<") { isLost = true }
                pass(1)
            default: pass(1)
            }
        }
        isLost = true
    }
}
