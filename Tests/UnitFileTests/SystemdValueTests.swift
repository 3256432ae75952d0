import Foundation
import LabSupport
import TestSupport
import Testing

@testable import UnitFile

/// Specifiers and time spans as the real systemd takes them. Alone with the host, as
/// `SystemdWordsTests` are.
@Suite(.lab, .faultsLab) struct SystemdValueTests {
    static let signs = "aAbBCdEfgGhHiIjJlLmMnNopPqStTuUvVwWyY-_"

    @Test(arguments: ["fltst-sp@a-b\\x2dc.service", "fltst-x\\x2dy.service", "fltst@.service"])
    func specifiersMeanWhatTheyMeanToSystemd(text: String) async throws {
        let lab = try Lab.required()
        let name = try #require(UnitName(text))
        let isTemplate = name.isTemplate
        let started = isTemplate ? try #require(UnitName("fltst@x.service")) : name
        let file = "/run/systemd/system/\(name.template?.text ?? name.text)"
        let words = Self.signs.map { "\($0)=%\($0)" }.joined(separator: " ")
        let result = try await lab.sh(
            "pi",
            """
            cat >'\(file)'; systemctl daemon-reload; systemctl start '\(started.text)' >&2
            base64 -w0 /run/fltst.out; echo
            rm -f '\(file)' /run/fltst.out; systemctl daemon-reload
            cat /proc/sys/kernel/hostname; cat /etc/machine-id
            tr -d - </proc/sys/kernel/random/boot_id; uname -r
            cat /etc/os-release
            """,
            input: "[Service]\nType=oneshot\nStandardOutput=truncate:/run/fltst.out\n"
                + "ExecStart=:/usr/bin/printf %%s\\\\0 \(words)\n")
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
        try #require(lines.count > 5, "\(result.output)")
        let printed = [UInt8](try #require(Data(base64Encoded: lines[0]), "\(result.output)"))
            .split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        let release = lines[5...].compactMap { line -> (String, String)? in
            let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
            return parts.count == 2
                ? (parts[0], parts[1].trimmingCharacters(in: ["\""])) : nil
        }
        let host = Specifiers.Host(
            hostName: lines[1], machineID: lines[2], bootID: lines[3], kernelRelease: lines[4],
            architecture: "x86-64", osRelease: Dictionary(release) { first, _ in first })
        let specifiers = Specifiers(started, fragment: file, host: host)
        try #require(printed.count == Self.signs.count, "\(printed)")
        for (sign, theirs) in zip(Self.signs, printed) {
            let ours = specifiers.expand("\(sign)=%\(sign)")
            if ours.unresolved.isEmpty {
                #expect(ours.text == theirs, "%\(sign) of \(text)")
            } else {
                // os-release says nothing of these: systemd makes them empty.
                #expect("ABMW".contains(sign) && theirs == "\(sign)=", "%\(sign) is \(theirs)")
            }
        }
    }

    static let spans = [
        "5", "1min 30s", "500ms", "2.5s", "1h30m", ".5", "1us", "0", "1M", "1y", "2 weeks",
        "1.25 d 3 h", "3.s", "1..2", "x", "", "5x", "infinity", "1 infinity", "10 min20", "1e3",
        "0.000001", "1.5 month", "3hr2days", "2sec 3seconds", "7 minutes", "8msec", "9usec", "-1",
        "+1", "+.5", "- 1", "0x10", "1 .5s", "1.s", "01h", "99999999999", "99999999999999999999",
    ]

    @Test func spansLastAsLongAsSystemdSays() async throws {
        let lab = try Lab.required()
        let script = Self.spans.map {
            "systemd-analyze timespan -- '\($0)' 2>/dev/null | sed -n 's/ *μs: *//p' | grep . || echo none"
        }
        let output = try await lab.sh("pi", script.joined(separator: "\n")).output
        let theirs = output.split(separator: "\n").map(String.init)
        try #require(theirs.count == Self.spans.count, "\(output)")
        for (text, theirs) in zip(Self.spans, theirs) {
            let ours: String =
                switch UnitSpan(text) {
                case nil: "none"
                case .infinity?: "18446744073709551615"
                case .microseconds(let count)?: String(count)
                }
            #expect(ours == theirs, "'\(text)'")
        }
    }
}
