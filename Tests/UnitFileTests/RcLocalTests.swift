import Foundation
import Testing

@testable import UnitFile

@Suite struct RcLocalTests {
    static let line = "echo OURS || :"
    static let marker = "fleetctl: gen-server"
    static var ours: String { "\(line) # \(marker)" }

    static func ensured(_ text: String?) throws -> String {
        try RcLocal.ensuring(line: line, marker: marker, in: text)
    }

    @Test func anEmptyFileBecomesAScript() throws {
        for text in [nil, "", "\n", " \n\t\n"] {
            #expect(try Self.ensured(text) == "#!/bin/sh\n\(Self.ours)\nexit 0\n")
        }
    }

    /// `|` marks where the line belongs.
    @Test(arguments: [
        "#!/bin/sh -e\n# comment\n|exit 0\n",
        "#!/bin/sh\nfoo\n|",
        "foo\n|exit 0",
        "# exit 0\nfoo\n|exit 0\n",
        "if x; then\n  exit 0\nfi\n|exit 0\n",
        "if x; then exit 1; else\nexit 0\nfi\nfoo\n|exit\n",
        "f() {\n  exit 0\n}\nf2()\n{ exit 0; }\n|exit 0\n",
        "function f {\nexit 0\n}\n|exit 0\n",
        "cat <<EOF\nexit 0\nEOF\n|exit 0\n",
        "cat <<-'E O'\nexit 0\n\tE O\n|exit 0\n",
        "cat <<A <<\"B\" >x\nexit 0\nA\nexit 0\nB\n|exit 0\n",
        "echo 'a\nexit 0\n'\n|exit 0\n",
        "echo \"a\nexit 0\n$(echo \"b)\")\"\n|exit 0\n",
        "echo a \\\nexit 0\n|exit 0\n",
        "case $x in\n  a|b) exit 0 ;;\n (c) exit 1\n;;\nesac\n|exit 0\n",
        "case $x in (a) ;; *) exit;; esac; foo\n|exit 0\n",
        "for i in exit 0; do\nexit 0\ndone\nwhile read a; do exit; done <f\n|exit 0\n",
        "(\nexit 0\n)\n|exit 0\n",
        "[ -x a ] || exit 0\na &&\nexit 0\n|exit 0\n",
        "a | exit 0\n! b\n|exit 0\n",
        "|foo; exit 0\n",
        "|{ foo\nexit 0\n}\nbar\n",
        "a && {\nexit 0\n}\n|exit 1\n",
        "exec >/var/log/x 2>&1\nexec 3<&-\n|exec /sbin/foo\n",
        "exitfoo\necho exit 0\n'exit' 0\n|exit 0\n",
        "A=1\nA=1 B=2 foo\nexport A\n|exit $?\n",
        "x=`echo \\`date\\``\ny=${a:-\"}\"}\nz=$#\n|exit 0\n",
        "a & b&\nc 2>&1 >&2 &\n|exit 0\n",
        "if [ `id -u` = 0 ]; then {\nexit 0; }; fi\n|exit 0\n",
        "a=(exit 0)\n|exit 0\n",
        "caf\u{e9}=1\n|exit 0\n",
    ])
    func theLineStandsBeforeTheFirstUnconditionalExit(picture: String) throws {
        let index = try #require(Self.markerIndex(picture))
        let before = String(picture[..<index])
        let after = String(picture[picture.index(after: index)...])
        let result = try Self.ensured(before + after)
        #expect(result == before + Self.ours + "\n" + after)
        #expect(try Self.ensured(result) == result)
    }

    /// The place marked: a `|` at the beginning of a line.
    static func markerIndex(_ text: String) -> String.Index? {
        text.indices.first { index in
            text[index] == "|"
                && (index == text.startIndex || text[text.index(before: index)] == "\n")
        }
    }

    @Test(arguments: [
        "#!/bin/sh\n# c\n\nfoo 'open\nexit 0\n", "if x; then\nexit 0\n",
        "x=$(( 1 << 2 ))\nexit 0\n",
        "cat <<EOF\nexit 0\n", "foo )\nexit 0\n", "echo $'\\''\nexit 0\n",
        "fi\nexit 0\n", "}\nexit 0\n", "x=$(cat <<E\n)\nE\n)\nexit 0\n", "diff <(a) <(b)\nexit 0\n",
        "case x in\nexit 0\n",
    ])
    func aScriptThatCannotBeFollowedGetsTheLineFirst(text: String) throws {
        let result = try Self.ensured(text)
        let lines = result.split(separator: "\n", omittingEmptySubsequences: false)
        let first = try #require(lines.first { !$0.isEmpty && !$0.hasPrefix("#") })
        #expect(first == Self.ours)
        #expect(result.replacing(Self.ours + "\n", with: "") == text)
        #expect(try Self.ensured(result) == result)
    }

    @Test func aStaleLineIsReplacedInItsPlace() throws {
        let old = "echo OLD # \(Self.marker)"
        let text = "#!/bin/sh\na\n\(old)\nb\nexit 0\n"
        #expect(try Self.ensured(text) == "#!/bin/sh\na\n\(Self.ours)\nb\nexit 0\n")
    }

    @Test func aLineThatIsNeverPassedIsMoved() throws {
        let old = "  echo OLD # \(Self.marker)  "
        for text in [
            "a\nexit 0\n\(old)\n", "a\nif x; then\n\(old)\nfi\nexit 0\n", "a\nexit 0\n\(old)",
        ] {
            let result = try Self.ensured(text)
            #expect(result.hasPrefix("a\n"))
            #expect(result.components(separatedBy: Self.ours + "\n").count == 2)
            #expect(!result.contains("OLD"))
            let exit = try #require(result.range(of: "exit 0"))
            #expect(try #require(result.range(of: Self.ours)).lowerBound < exit.lowerBound)
        }
    }

    @Test func severalLinesBecomeOne() throws {
        let text = "\(Self.ours)\na\n\(Self.ours)\nexit 0\n"
        #expect(try Self.ensured(text) == "a\n\(Self.ours)\nexit 0\n")
    }

    @Test func othersMarkersAreLeftAlone() throws {
        let other = "x # fleetctl: gen-server-2\ny # fleetctl: gen\n"
        #expect(try Self.ensured(other + "exit 0\n") == other + Self.ours + "\nexit 0\n")
    }

    @Test func removingTakesTheLineAndNothingElse() throws {
        let text = "#!/bin/sh\na\nexit 0\n"
        let with = try RcLocal.ensuring(line: Self.line, marker: Self.marker, in: Array(text.utf8))
        #expect(try RcLocal.removing(marker: Self.marker, from: with) == Array(text.utf8))
    }

    @Test func bytesThatAreNoUTF8Stay() throws {
        let script: [UInt8] = Array("# caf".utf8) + [0xE9, 0x0A] + Array("exit 0\n".utf8)
        let result = try RcLocal.ensuring(line: Self.line, marker: Self.marker, in: script)
        #expect(result.starts(with: Array("# caf".utf8) + [0xE9, 0x0A]))
    }

    @Test(arguments: [
        ("a\0b\n", RcLocalError.notText), ("\u{7f}ELF", .notText),
        ("#!/bin/sh\r\nexit 0\r\n", .dosLineEnds),
        ("#!/usr/bin/python3 -u\n", .notShell(interpreter: "/usr/bin/python3 -u")),
        ("#!/usr/bin/env perl\n", .notShell(interpreter: "/usr/bin/env perl")),
        ("#!\nexit 0\n", .notShell(interpreter: "")),
    ])
    func whatIsNoShellScriptIsLeftAlone(text: String, error: RcLocalError) {
        #expect(throws: error) { try Self.ensured(text) }
    }

    // Not an argument above: the log prints those whole.
    @Test func whatIsTooLargeIsLeftAlone() {
        let text = String(repeating: "a", count: RcLocal.sizeLimit + 1)
        #expect(throws: RcLocalError.tooLarge) { try Self.ensured(text) }
    }

    @Test(arguments: [
        "#!/bin/bash\n", "#! /bin/sh -e\n", "#!/usr/bin/env sh\n", "#!/bin/busybox ash\n",
    ])
    func shellsAreShells(shebang: String) throws {
        #expect(try Self.ensured(shebang + "exit 0\n") == shebang + Self.ours + "\nexit 0\n")
    }
}
