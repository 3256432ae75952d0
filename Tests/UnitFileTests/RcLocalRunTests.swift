import Foundation
import TestSupport
import Testing

@testable import UnitFile

/// Scripts put together at random run under real shells, with and without the line: it must run
/// once, and everything else must do what it did before.
@Suite struct RcLocalRunTests {
    static let pieces = [
        "echo a", "echo b; echo c", "f() { exit 0; }", "f2()\n{\n  echo in; exit 3\n}",
        "if false; then\n  exit 0\nfi", "[ -e /nonexistent ] && exit 0", "true || exit 4",
        "cat <<EOF\nexit 0\necho '\nEOF", "cat <<-'E'\n\texit 0 $(\n\tE", "# exit 0 ' \"",
        "echo 'exit 0\nexit 0'", "echo \"$(echo 'x)' \"y\")\"",
        "case x in\n y|z) exit 0;;\n x) echo X ;;\nesac",
        "for i in 1 2; do echo $i; done", "while false; do exit 0; done", "(exit 0)", "{ echo g; }",
        "( echo s\nexit 5 ) || :", "echo a \\\n  exit 0", "A=1 B='2 3'", "echo ${A:-\"}\"} $#",
        "exec 3>&1", "echo hi >&2 2>/dev/null", "true &\nwait", "echo \\' \\\" \\\\", "! false",
        "x=`echo \\`echo n\\``; echo $x", "if true; then echo t; else exit 0; fi | cat", ":", "",
    ]

    struct Run: Equatable {
        var output: String
        var status: Int32
    }

    /// Runs a script under a shell with nothing on its standard input.
    static func run(_ script: String, _ shell: [String]) async throws -> Run {
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("rc-local-\(UInt64.random(in: 0...UInt64.max))").path
        try script.write(toFile: file, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let result = try await Shell.run(shell + [file])
        return Run(output: result.text, status: result.status)
    }

    @Test(arguments: Shell.shells + [["bash"]])
    func theLineRunsOnceAndNothingElseChanges(shell: [String]) async throws {
        var random = SeededGenerator.fresh("theLineRunsOnceAndNothingElseChanges")
        for _ in 0..<60 {
            let count = Int.random(in: 0...6, using: &random)
            let body = (0..<count).map { _ in Self.pieces.randomElement(using: &random) ?? ":" }
            let ending = ["exit 0\n", "exit 7\n", "", "echo end; exit\n"].randomElement(
                using: &random)
            let script = "#!/bin/sh\n" + body.joined(separator: "\n") + "\n" + (ending ?? "")
            let edited = try RcLocal.ensuring(
                line: "echo OURS || :", marker: "fleetctl: x", in: script)
            let before = try await Self.run(script, shell)
            var after = try await Self.run(edited, shell)
            let lines = after.output.components(separatedBy: "OURS\n")
            #expect(lines.count == 2, "\(edited)")
            after.output = lines.joined()
            // The status of a script without an exit is that of its last command, now ours.
            if ending?.isEmpty == true { after.status = before.status }
            #expect(after == before, "\(edited)")
        }
    }
}
