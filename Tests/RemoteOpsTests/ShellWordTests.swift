import RemoteOps
import TestSupport
import Testing

@Suite struct ShellWordTests {
    static let hostile = [
        "", " ", "'", "''", "a'b", "\"", "\\", "\\'", "$HOME", "$(reboot)", "`reboot`", "*", "~",
        "-rf", "a\nb", "\n", "a;b", "a&&b", "|", ">x", "#no comment", "!", "{a,b}", "=", "\t",
        "\u{1}", "\u{7f}", "\u{1b}[2J", "ä€😀", "\u{202e}", "%s", "[a-z]", "$'x'", "\r\n",
    ]

    @Test(arguments: Shell.shells)
    func wordsComeThroughUnchanged(shell: [String]) async throws {
        var generator = SeededGenerator.fresh("wordsComeThroughUnchanged")
        let words = Self.hostile + (0..<2_000).map { _ in Self.randomWord(&generator) }
        let line = "printf '%s\\000' " + words.map(ShellWord.quoted).joined(separator: " ")
        let result = try await Shell.run(shell, input: Array(line.utf8))
        #expect(result.status == 0, "\(result.errorText)")
        let parts = result.output.split(separator: 0, omittingEmptySubsequences: false)
        let echoed = parts.dropLast().map { String(decoding: $0, as: UTF8.self) }
        #expect(echoed.count == words.count)
        for (word, came) in zip(words, echoed) where Array(word.utf8) != Array(came.utf8) {
            Issue.record("\(word.debugDescription) came as \(came.debugDescription)")
        }
    }

    @Test func plainWordsStayReadable() {
        #expect(ShellWord.quoted("/opt/fleet/gen-server") == "/opt/fleet/gen-server")
        #expect(ShellWord.quoted("it's") == "'it'\\''s'")
    }

    /// Any text without a NUL, with the characters that shells know more often than others.
    static func randomWord(_ generator: inout SeededGenerator) -> String {
        let special = Array("'\"\\$`!*?[]{}()<>|&;#~ \t\n-=%^".unicodeScalars)
        var word = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...40, using: &generator) {
            if Bool.random(using: &generator) {
                word.append(special[Int.random(in: 0..<special.count, using: &generator)])
            } else if let scalar = Unicode.Scalar(
                UInt32.random(in: 1...0x2FFF, using: &generator))
            {
                word.append(scalar)
            }
        }
        return String(word)
    }
}
