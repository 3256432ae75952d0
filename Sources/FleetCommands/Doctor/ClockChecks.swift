import ArtifactBuilder
import Foundation
import Inventory
import RemoteOps

/// What is known of a clock.
struct ClockChecks {
    /// What a host says of its clock: a script's two lines.
    static let command = RemoteCommand([
        "sh", "-c",
        "date +%s; timedatectl show --property=NTPSynchronized --value 2>/dev/null || echo unknown",
    ])
    /// Seconds that two clocks may differ without a word.
    static let tolerance = 2.0
    /// Time for this machine's timedatectl.
    static let limit = Duration.seconds(10)

    /// How far a clock is from this one at least, in seconds, positive where it is ahead; nil where
    /// nothing like a time was said. `date` knows whole seconds, and it was asked at some moment
    /// between `asked` and `answered`.
    static func offset(_ said: String, asked: Date, answered: Date) -> Double? {
        guard let first = said.split(separator: "\n").first, first.utf8.count <= 12,
            let seconds = Int(first)
        else { return nil }
        let least = Double(seconds) - answered.timeIntervalSince1970
        let most = Double(seconds) + 1 - asked.timeIntervalSince1970
        if least > 0 { return least }
        return most < 0 ? most : 0
    }

    /// Whether a host says that its clock is kept by NTP; nil where it does not know.
    static func isSynchronised(_ said: String) -> Bool? {
        let lines = said.split(separator: "\n")
        guard lines.count == 2 else { return nil }
        return ["yes": true, "no": false][String(lines[1])]
    }

    /// What follows for a host from its answer.
    static func finding(
        _ host: String, _ said: String, asked: Date, answered: Date
    ) -> DoctorFinding {
        guard let offset = offset(said, asked: asked, answered: answered) else {
            return DoctorFinding(
                check: "host-clock", subject: host, level: .unknown,
                summary: "`date +%s` said nothing that is a time")
        }
        let synchronised = isSynchronised(said)
        guard abs(offset) <= tolerance else {
            let way = offset > 0 ? "ahead of" : "behind"
            let fix =
                synchronised == true
                ? "it says that NTP keeps it: look at this machine's own clock"
                : "see that NTP runs there and reaches a server, or set it with `date`"
            return .wrong(
                "host-clock", host,
                "its clock is \(Int(abs(offset).rounded())) s \(way) this machine's", fix: fix)
        }
        if synchronised == false {
            return .wrong(
                "host-clock", host, "agrees with this machine's, and nothing keeps it",
                fix: "see that NTP runs there and reaches a server", level: .warning)
        }
        return .ok(
            "host-clock", host,
            "agrees with this machine's" + (synchronised == true ? ", kept by NTP" : ""))
    }

    /// This machine's own clock, as timedatectl sees it.
    static func own() async -> DoctorFinding {
        let child = ChildProcess(
            executable: "/usr/bin/env",
            arguments: ["timedatectl", "show", "--property=NTPSynchronized", "--value"],
            folder: "/", limit: limit)
        do throws(ChildProcess.Failure) {
            let outcome = try await child.run(.collected)
            switch outcome.output.trimmingCharacters(in: .whitespacesAndNewlines) {
            case "yes" where outcome.isSuccess:
                return .ok("clock", "this machine", "kept by NTP")
            case "no" where outcome.isSuccess:
                return .wrong(
                    "clock", "this machine", "nothing keeps it: hosts are compared with it",
                    fix: "timedatectl set-ntp true", level: .warning)
            default: break
            }
        } catch {
            // Said below: it is the same whether there is no such program or no answer.
        }
        return DoctorFinding(
            check: "clock", subject: "this machine", level: .unknown,
            summary: "timedatectl does not tell whether NTP keeps it")
    }
}
