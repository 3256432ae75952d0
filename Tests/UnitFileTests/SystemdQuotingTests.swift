import Foundation
import LabSupport
import TestSupport
import Testing

@testable import UnitFile

/// The real systemd reads units with quoted words, and the program gets them as they were.
@Suite(.lab, .sharesLab) struct SystemdQuotingTests {
    /// Runs a unit of one `ExecStart=` to its end and returns what it printed.
    private func output(of body: String, named name: String) async throws -> [UInt8] {
        let lab = try Lab.required()
        let file = "/run/systemd/system/\(name).service"
        let unit = "[Service]\nType=oneshot\nStandardOutput=truncate:/run/\(name).out\n\(body)"
        _ = try UnitFile(parsing: unit)
        let script = """
            cat >\(file) && systemctl daemon-reload && systemctl start \(name) >&2 &&
            base64 -w0 /run/\(name).out; status=$?
            rm -f \(file) /run/\(name).out; systemctl daemon-reload; exit $status
            """
        let result = try await lab.sh("pi", script, input: unit)
        try #require(result.status == 0, "\(result.output)\n\(unit)")
        return [UInt8](try #require(Data(base64Encoded: result.output)))
    }

    private static func pieces(_ bytes: [UInt8]) -> [String] {
        bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast()
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private static func randomWords() -> [String] {
        var random = SeededGenerator.fresh("SystemdQuotingTests")
        let alphabet = Array("ab0 \"'\\%$;\t\n{}=-#@é🙂\u{1}\u{7F}n")
        return (0..<300).map { _ in
            String(
                (0..<Int.random(in: 0...8, using: &random)).map { _ in
                    alphabet.randomElement(using: &random) ?? "a"
                })
        }
    }

    @Test func argumentsReachTheProgramAsTheyWere() async throws {
        let words = QuotingTests.hostile + Self.randomWords()
        let line = (["%s\\0"] + words).map(UnitFile.quotedExecWord).joined(separator: " ")
        let printed = try await output(
            of: "ExecStart=/usr/bin/printf \(line)\n", named: "quoted-arguments")
        #expect(Self.pieces(printed) == words)
    }

    @Test func variablesReachTheProgramAsTheyWere() async throws {
        let words = QuotingTests.hostile + Self.randomWords()
        let lines = words.enumerated().map { index, word in
            "Environment=" + UnitFile.quotedEnvironment("QUOTED_\(index)", word) + "\n"
        }
        let printed = try await output(
            of: lines.joined() + "ExecStart=/usr/bin/env -0\n", named: "quoted-variables")
        let prefix = "QUOTED_"
        let found = Self.pieces(printed).filter { $0.hasPrefix(prefix) }.sorted()
        #expect(found == words.enumerated().map { "\(prefix)\($0)=\($1)" }.sorted())
    }
}
