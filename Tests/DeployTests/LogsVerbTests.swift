import Foundation
import LabSupport
import TestSupport
import Testing

/// `fleetctl logs` on a host with systemd and on the board behind it.
@Suite(.lab, .faultsLab, .serialized, .timeLimit(.minutes(5))) struct LogsVerbTests {
    private static let boardLog = "/var/log/gen-server.log"

    /// A talker on the Pi whose lines come from a pipe, and a log on the board.
    private static func with(
        _ body: @Sendable (Lab, Site) async throws -> Void
    ) async throws {
        let lab = try Lab.required()
        let site = try Site.piAndBoard(lab)
        try site.services(
            """
            gen-server:
              host: olimex
              product: gen-server
            pigenny-monitor:
              host: pi
              product: pigenny-monitor

            """)
        try await lab.sh(
            "pi",
            """
            rm -f /run/talk; mkfifo /run/talk
            systemd-run -q --collect --unit pigenny-monitor sh -c 'exec 3<>/run/talk; cat <&3'
            """)
        try await lab.sh("olimex", "printf 'board one\\nboard two\\n' >\(boardLog)")
        let outcome = await outcome { try await body(lab, site) }
        try await lab.sh(
            "pi", "systemctl stop pigenny-monitor; systemctl reset-failed; rm /run/talk")
        try await lab.sh("olimex", "rm -f \(boardLog)*")
        try outcome.get()
    }

    /// A line of the talker, in the journal when this returns.
    private static func say(_ lab: Lab, _ words: String) async throws {
        try await lab.sh("pi", "printf '\(words)\\n' >/run/talk")
        let last = words.split(separator: " ").last ?? ""
        try await waitUntil("the journal has it", deadline: .seconds(20)) {
            try await lab.sh(
                "pi", "journalctl -q --all -u pigenny-monitor | grep -q '\(last)'"
            ).status == 0
        }
    }

    @Test func linesOfAllServicesAreLabelledAndClean() async throws {
        try await Self.with { lab, site in
            try await Self.say(lab, "<3>evil \\033[2J text")
            try await Self.say(lab, "an end")
            let all = try await site.fleetctl("logs", "-n", "20")
            #expect(all.status == 0, "\(all)")
            #expect(all.output.contains("olimex/gen-server: board one\n"))
            #expect(all.output.contains("olimex/gen-server: board two\n"))
            #expect(all.output.contains("an end\n") && !all.output.contains("\u{1B}"))
            for line in all.output.split(separator: "\n") {
                #expect(
                    line.hasPrefix("pi/pigenny-monitor: ") || line.hasPrefix("olimex/gen-server: "))
            }
            let one = try await site.fleetctl("logs", "gen-server", "-n", "1")
            #expect(one.output == "board two\n")
            let severe = try await site.fleetctl("logs", "pigenny-monitor", "--priority", "err")
            #expect(severe.output.contains("evil") && !severe.output.contains("an end"))
            let recent = try await site.fleetctl("logs", "pigenny-monitor", "--since", "10m")
            #expect(recent.output.contains("an end\n"))
            let json = try await site.fleetctl("logs", "-o", "json", "--since", "today")
            let entries = try json.output.split(separator: "\n").map {
                try #require(
                    try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
            let evil = try #require(entries.first { $0["priority"] as? Int == 3 })
            #expect(evil["message"] as? String == "evil \u{1B}[2J text")
            #expect(evil["service"] as? String == "pigenny-monitor")
            #expect(!json.output.contains("\u{1B}"))
        }
    }

    @Test func followingEndsWithCtrlCAndLeavesNobodyBehind() async throws {
        try await Self.with { lab, site in
            let logs = try site.running("logs", "-f")
            try await logs.says("olimex/gen-server: board two")
            try await Self.say(lab, "from the pi")
            try await logs.says("from the pi")
            try await lab.sh("olimex", "echo 'from the board' >>\(Self.boardLog)")
            try await logs.says("olimex/gen-server: from the board")
            // The supervisor's rotation: a new file under the old name.
            try await lab.sh(
                "olimex", "mv \(Self.boardLog) \(Self.boardLog).1; echo rotated >\(Self.boardLog)")
            try await logs.says("olimex/gen-server: rotated")
            logs.interrupt()
            #expect(try await logs.end(deadline: .seconds(20)) == 130, "\(logs.talk)")
            #expect(logs.results.components(separatedBy: "board two").count == 2)
            try await waitUntil("no follower is left", deadline: .seconds(20)) {
                let pi = try await lab.sh("pi", "pgrep -x journalctl")
                let board = try await lab.sh("olimex", "pgrep -x tail")
                return pi.status != 0 && board.status != 0
            }
            let after = try await site.fleetctl("logs", "gen-server", "-n", "2")
            #expect(after.output == "from the board\nrotated\n")
        }
    }

    @Test func mistakesAreNamed() async throws {
        try await Self.with { lab, site in
            let misspelt = try await site.fleetctl("logs", "pigeny-monitor")
            #expect(misspelt.status == 64)
            #expect(misspelt.talk.contains("did you mean 'pigenny-monitor'?"), "\(misspelt)")
            for wrong in [["--since", "soon"], ["-n", "0"], ["--priority", "loud"]] {
                #expect(try await site.fleetctl(["logs"] + wrong).status == 64)
            }
            try await lab.sh("olimex", "rm \(Self.boardLog)")
            let partly = try await site.fleetctl("logs")
            #expect(partly.status == 3 && partly.talk.contains("no log at"), "\(partly)")
        }
    }
}
