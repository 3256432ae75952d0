import Foundation
import RemoteOps
import Testing

@testable import FleetCommands

/// What the doctor makes of what it sees.
@Suite struct DoctorTests {
    private let noon = Date(timeIntervalSince1970: 1_790_000_000)

    private func finding(_ said: String, seconds: Double = 0.1) -> DoctorFinding {
        ClockChecks.finding("pi", said, asked: noon, answered: noon + seconds)
    }

    @Test func aClockThatAgreesIsFine() {
        for said in ["1790000000\nyes\n", "1790000001\nyes\n", "1789999998\nyes\n"] {
            #expect(finding(said).level == .ok, "\(said)")
        }
        // A slow answer proves less, and accuses nobody.
        #expect(finding("1790000007\nunknown\n", seconds: 8).level == .ok)
    }

    @Test func aClockThatIsWrongIsNamedWithItsWay() {
        let ahead = finding("1790003600\nno\n")
        #expect(
            ahead.level == .error && ahead.summary == "its clock is 3600 s ahead of this machine's")
        #expect(ahead.fix?.contains("NTP runs there") == true)
        let behind = finding("0\nyes\n")
        #expect(behind.summary.contains("s behind this machine's"))
        #expect(behind.fix?.contains("this machine's own clock") == true)
    }

    @Test func aClockThatNothingKeepsIsAWarning() {
        #expect(finding("1790000000\nno\n").level == .warning)
        #expect(finding("1790000000\nunknown\n").level == .ok)
    }

    @Test(arguments: [
        "", "\n", "noon\nyes\n", "99999999999999999999\nyes\n", "-\u{1B}[2J\n", "1e9\nno\n",
    ])
    func whatIsNoTimeIsUnknown(said: String) {
        let finding = finding(said)
        #expect(finding.level == .unknown && !finding.isWrong)
        #expect(!finding.summary.contains("\u{1B}"))
    }

    @Test func aFailureIsToldByWhatItIsAbout() {
        let print = HostKeyFingerprint(type: "ssh-ed25519", sha256: "SHA256:x")
        let codes: [(RemoteError.Code, String)] = [
            (.hostKeyUnknown(presented: print), "host-key"),
            (.hostKeyChanged(presented: print, expected: []), "host-key"),
            (.authenticationRefused(tried: [], offered: []), "login"), (.sudoRefused, "root"),
            (.unreachable, "host"),
        ]
        for (code, check) in codes {
            let finding = HostDoctor.finding(RemoteError(code, host: "pi"), "pi")
            #expect(finding.check == check && finding.isWrong && finding.fix != nil)
        }
    }

    @Test func theTableEndsWithWhatToDo() {
        let lines = [
            DoctorFinding.ok("clock", "this machine", "kept by NTP"),
            .wrong("host", "pi\u{1B}[2J", "gone", fix: "switch it on"),
        ].lines(.plain)
        #expect(lines.last == "  pi\u{FFFD}[2J: switch it on")
        #expect(lines[1].hasPrefix("ok "))
    }
}
