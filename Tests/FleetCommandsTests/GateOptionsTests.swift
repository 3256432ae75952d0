import ArgumentParser
import GeneratorCore
import GeneratorWire
import Testing

@testable import FleetCommands

/// The options of a closed gate, and what those who wait wait for.
@Suite struct GateOptionsTests {
    @Test func aBareWaitHasATimeOfItsOwn() throws {
        let words = GateOptions.spelledOut(["deploy", "--wait", "--yes", "--", "--wait"])
        #expect(words == ["deploy", "--wait=2h", "--yes", "--", "--wait"])
        // Those that have one already, and another verb's of the same name.
        for words in [["deploy", "--wait", "90s", "--yes"], ["charge", "on", "--wait", "2s"]] {
            #expect(GateOptions.spelledOut(words) == words)
        }
        #expect(try GateOptions.parse(["--wait=2h"]).policy.wait == .seconds(7_200))
        #expect(try GateOptions.parse(["--wait=90s"]).policy.wait == .seconds(90))
        #expect(try GateOptions.parse([]).policy == GatePolicy())
    }

    @Test(arguments: [
        ["--wait=0s"], ["--wait=49h"], ["--wait=soon"], ["--force"], ["--reason", "x"],
        ["--force", "--reason", " "], ["--force", "--reason", "x", "--stop-first"],
        ["--force", "--reason", "x", "--wait=1s"],
    ])
    func whatDoesNotFitIsRefused(arguments: [String]) {
        #expect(throws: (any Error).self) { try GateOptions.parse(arguments) }
    }

    @Test func aReasonIsOneLineThatFits() throws {
        let long = String(repeating: "x", count: 300) + "\u{1B}[2J"
        let policy = try GateOptions.parse(["--force", "--reason", "a\nb\u{7}" + long]).policy
        let reason = try #require(policy.force)
        #expect(reason.count == 200 && reason.hasPrefix("a b"))
        #expect(!reason.unicodeScalars.contains { $0.value < 0x20 })
    }

    private static let idle = [
        "INPUTS: IN1=0 IN2=0 IN3=0 IN4=0 raw=0", "RELAYS: OFF (0x00)", "RUNNING: NO",
        "START_IN_PROGRESS: NO",
    ]

    /// Every state, with what else STATUS may say of it: only rest, known and unheld, is idle.
    @Test func onlyRestEndsTheWait() {
        let inputs = [
            ("INPUTS: IN1=0 IN2=0 IN3=0 IN4=0 raw=0", true),
            ("INPUTS: IN1=1 IN2=1 IN3=0 IN4=0 raw=3", false),
            ("INPUTS: IN1=0 IN2=1 IN3=0 IN4=1 raw=10", false), ("INPUTS: ERROR", false),
        ]
        let holds = [
            ("HOLD: none", true), ("HOLD: me@here 9 x", true), ("HOLD: you@there 9 x", false),
            ("HOLD: ?", false),
        ]
        for state in GeneratorState.allCases {
            let rests = [.off, .failed, .held].contains(state)
            for (input, stands) in inputs {
                for (hold, isFree) in holds {
                    for (relays, areOff) in [("OFF (0x00)", true), ("IGN (0x08)", false)] {
                        let status = GeneratorStatus.parse([
                            input, "RELAYS: " + relays, "RUNNING: NO", "START_IN_PROGRESS: NO",
                            "STATE: " + WireText.name(state), hold, "PROTOCOL: 2",
                        ])
                        let reason = GateJudge.reason(status, owner: "me@here")
                        #expect(
                            (reason == nil) == (rests && stands && isFree && areOff),
                            "\(state) \(input) \(hold) \(relays): \(reason ?? "idle")")
                    }
                }
            }
        }
        #expect(GateJudge.reason(GeneratorStatus.parse(Self.idle), owner: "me@here") == nil)
        #expect(GateJudge.reason(GeneratorStatus.parse([]), owner: "me@here") != nil)
    }
}
