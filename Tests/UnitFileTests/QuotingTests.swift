import TestSupport
import Testing

@testable import UnitFile

/// How systemd takes a command line apart: words, quotes, C escapes, then `%` and `$`
/// (systemd.syntax(7), systemd.service(5)). Kept simple, and apart from the quoting under test.
enum SystemdWords {
    static func split(_ line: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = Substring(line)
        while let next = rest.popFirst() {
            if next == "\\" {
                guard let escape = unescaped(&rest) else { return nil }
                word = (word ?? "") + escape
            } else if let open = quote {
                if next == open { quote = nil } else { word = (word ?? "") + String(next) }
            } else if (next == "\"" || next == "'") && word == nil {
                quote = next
                word = ""
            } else if next == " " || next == "\t" {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(next)
            }
        }
        guard quote == nil else { return nil }
        return words + (word.map { [$0] } ?? [])
    }

    private static func unescaped(_ rest: inout Substring) -> String? {
        switch rest.popFirst() {
        case "n": return "\n"
        case "t": return "\t"
        case "\\": return "\\"
        case "\"": return "\""
        case "'": return "'"
        case "x":
            let digits = rest.prefix(2)
            rest = rest.dropFirst(2)
            return UInt8(digits, radix: 16).map { String(UnicodeScalar($0)) }
        default: return nil
        }
    }

    /// Halves doubled signs; nil where one stands alone, which would be expanded.
    static func expanded(_ word: String, _ sign: Character) -> String? {
        var result = ""
        var rest = Substring(word)
        while let next = rest.popFirst() {
            if next == sign, rest.popFirst() != sign { return nil }
            result.append(next)
        }
        return result
    }

    static func arguments(_ line: String) -> [String]? {
        guard let words = split(line) else { return nil }
        let plain = words.compactMap { expanded($0, "%").flatMap { expanded($0, "$") } }
        return plain.count == words.count ? plain : nil
    }
}

@Suite struct QuotingTests {
    static let hostile = [
        "", " ", "a b", "\"", "'", "\\", "\\\\", "a\\", "%n", "%%", "$HOME", "${HOME}", "$$", ";",
        "a;b", "\t", "\n", "\u{1}", "\u{7f}", "é", "日本 語", "🙂", "@/bin/sh", "-x", "+x", "!x", "|x",
        ":x", "#c", "a=b c", "\\x41", "\\;", "&&", ">/dev/null", "[x]", "{}", "*",
    ]

    @Test func everyArgumentArrivesAsItWas() {
        let line = Self.hostile.map(UnitFile.quotedExecWord).joined(separator: " ")
        #expect(!line.contains("\n"))
        #expect(SystemdWords.arguments(line) == Self.hostile)
    }

    @Test func randomArgumentsArriveAsTheyWere() {
        var random = SeededGenerator.fresh("randomArgumentsArriveAsTheyWere")
        let alphabet = Array("ab \"'\\%$;\t\n{}=-#@é🙂\u{1}")
        for _ in 0..<2000 {
            let words = (0..<3).map { _ in
                String(
                    (0..<Int.random(in: 0...8, using: &random)).map { _ in
                        alphabet.randomElement(using: &random) ?? "a"
                    })
            }
            let line = words.map(UnitFile.quotedExecWord).joined(separator: " ")
            #expect(SystemdWords.arguments(line) == words)
        }
    }

    @Test func everyVariableArrivesAsItWas() {
        for value in Self.hostile {
            let line = UnitFile.quotedEnvironment("NAME", value)
            let words = SystemdWords.split(line)?.compactMap { SystemdWords.expanded($0, "%") }
            #expect(words == ["NAME=" + value])
        }
    }

    @Test func quotedWordsSurviveTheUnitFile() throws {
        for value in Self.hostile {
            var unit = try UnitFile(parsing: "[Service]\n")
            let word = "/bin/x " + UnitFile.quotedExecWord(value)
            try unit.append("ExecStart", word, to: "Service")
            let again = try UnitFile(parsing: unit.text)
            #expect(again.values(of: "ExecStart", in: "Service") == [word])
        }
    }
}
