import Foundation
import LabSupport
import TestSupport
import Testing

@testable import UnitFile

/// Command lines as the real systemd splits them. Alone with the host: a reload by another test
/// would end a unit between two of its commands.
@Suite(.lab, .faultsLab) struct SystemdWordsTests {
    private static func randomValues(_ count: Int) -> [String] {
        var random = SeededGenerator.fresh("SystemdWordsTests")
        let pieces =
            Array("ab01 \"'\\;x7nsuU8é{}@-+:!=#\t").map(String.init) + [
                " ", " ", " ; ", "\\x41", "\\101", "\\\\", "\\\"", "\" \"", "\\u00e9", "''",
            ]
        return (0..<count).map { _ in
            (0..<Int.random(in: 0...10, using: &random))
                .map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
        }
    }

    /// Values without quoting of ours: the words are those that the program gets, and what is no
    /// command here is none for systemd.
    @Test func commandLinesAreSplitAsSystemdSplitsThem() async throws {
        let lab = try Lab.required()
        let prefix = "/usr/bin/printf <%%s>\\\\0 "
        var good: [String] = []
        var bad: [String] = []
        var expected: [String] = []
        for value in Self.randomValues(400).map(UnitFile.stripped)
        where !value.hasSuffix("\\") {
            let line = "/usr/bin/printf <%s>\\\\0 " + value
            guard let commands = try? ExecCommand.parse(line) else {
                // Behind a ';' systemd drops what it cannot read, and keeps what stands before.
                if !value.contains(";") { bad.append(value) }
                continue
            }
            // A second command would be a random program.
            guard commands.count == 1, let argv = commands.first?.argv else { continue }
            good.append(value)
            let arguments = argv.dropFirst(2)
            expected += arguments.isEmpty ? ["<>"] : arguments.map { "<\($0)>" }
        }
        try #require(good.count > 100 && bad.count > 20)
        let unit =
            "[Service]\nType=oneshot\nStandardOutput=append:/run/fltst.out\n"
            + good.map { "ExecStart=:\(prefix)\($0)\n" }.joined()
        let result = try await lab.sh(
            "pi",
            """
            rm -f /run/fltst.out
            cat >/run/systemd/system/fltst-words.service; systemctl daemon-reload
            systemctl start fltst-words >&2; base64 -w0 /run/fltst.out
            rm -f /run/systemd/system/fltst-words.service /run/fltst.out; systemctl daemon-reload
            """, input: unit)
        let printed = [UInt8](try #require(Data(base64Encoded: result.output), "\(result.output)"))
        let words = printed.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        #expect(words == expected)
        let files = bad.prefix(30).enumerated().map { index, value in
            "printf '%s' '"
                + Data("[Service]\nExecStart=\(prefix)\(value)\n".utf8).base64EncodedString()
                + "' | base64 -d >/run/systemd/system/fltst-bad\(index).service\n"
        }
        let states = try await lab.sh(
            "pi",
            """
            \(files.joined())systemctl daemon-reload
            for i in $(seq 0 \(files.count - 1)); do
                systemctl show -p LoadState --value fltst-bad$i.service
            done
            rm -f /run/systemd/system/fltst-bad*.service; systemctl daemon-reload
            """)
        let loaded = states.output.split(separator: "\n").map(String.init)
        #expect(loaded == Array(repeating: "bad-setting", count: files.count), "\(bad)")
    }
}
