// Messages in the journal of a real systemd.
import Foundation
import LabSupport
import TestSupport
import Testing

@Suite struct JournalTests {
    @Test(.lab, .sharesLab) func aMessageArrivesWithItsFields() async throws {
        let lab = try Lab.required()
        let probe = try await Probe.install(lab, on: "renogy")
        let unit = "journal-probe"
        let run = try await lab.sh(
            "renogy", "systemd-run -q --wait --collect --unit \(unit) \(probe) journal")
        #expect(run.status == 0, "\(run.output)")
        var entries: [[String: Any]] = []
        try await waitUntil("the journal has its last words", deadline: .seconds(30)) {
            let text = try await lab.sh(
                "renogy", "journalctl -q -o json --all -t monitor-probe -t env -u \(unit)"
            ).output
            entries = try text.split(separator: "\n").map {
                try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
            }
            return entries.contains { $0["MESSAGE"] as? String == "sent" }
        }
        // Standard output is the journal of the unit.
        #expect(entries.contains { $0["MESSAGE"] as? String == "connected" })
        let message = try #require(entries.first { $0["FLEET_STATE"] != nil })
        #expect(message["MESSAGE"] as? String == "two\nlines")
        #expect(message["PRIORITY"] as? String == "4")
        #expect(message["FLEET_STATE"] as? String == "RUNNING")
        #expect(message["FLEET_TEXT"] as? String == "a=b\nc\n")
        #expect(message["FLEET_EMPTY"] as? String == "")
        #expect(message["fleet_lower"] == nil && message["FLEET"] == nil)
        #expect(message["_PID"] as? String != "1")
        #expect(message["CODE_FILE"] == nil)
        #expect(message["_SYSTEMD_UNIT"] as? String == unit + ".service")
    }

    /// A journal that takes nothing any more holds nobody up.
    @Test(.lab, .faultsLab) func aJournalThatHangsIsNotWaitedFor() async throws {
        let lab = try Lab.required()
        let probe = try await Probe.install(lab, on: "renogy")
        // SIGSTOP: its socket stays, its queue fills.
        let script = """
            journal=$(systemctl show -p MainPID --value systemd-journald)
            kill -STOP $journal
            i=0
            while [ $i -lt 600 ] && timeout 10 \(probe) journal >/tmp/said && grep -q sent /tmp/said; do
                i=$((i + 1))
            done
            kill -CONT $journal
            echo "after $i: $(tail -n 1 /tmp/said)"
            """
        let run = try await lab.sh("renogy", script)
        #expect(run.output.hasSuffix(": lost\n"), "\(run.output)")
    }

    @Test func withoutAJournalMessagesAreLostAndNothingElse() async throws {
        guard !FileManager.default.fileExists(atPath: "/run/systemd/journal/socket") else { return }
        let run = try await Shell.run([try Probe.path(), "journal"])
        #expect(run.status == 0 && run.text == "apart\nlost\n")
    }

    /// What the environment says is believed only where the descriptor bears it out.
    @Test func aVariableAloneIsNoJournal() async throws {
        let run = try await Shell.run(
            [try Probe.path(), "journal"], environment: ["JOURNAL_STREAM": "1:2"])
        #expect(run.text.hasPrefix("apart\n"))
    }
}
