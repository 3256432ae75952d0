import GeneratorCore
import GeneratorWire
import Testing

@testable import FleetCommands

/// How a start or a stop is judged by one STATUS after the other.
@Suite struct SequenceJudgeTests {
    typealias Phase = SequenceJudge.Phase

    private static func status(
        _ state: String, relays: String = "IGN (0x08)", left: String = "none",
        error: String = "none", uptime: Int = 100
    ) -> GeneratorStatus {
        GeneratorStatusTests.status([
            "STATE": state, "RELAYS": relays, "STATE_LEFT": left, "LAST_ERROR": error,
            "LATCHED": state == "FAILED" ? error : "none", "PROTOCOL": "2",
            "SERVER_UPTIME": "\(uptime)",
        ])
    }

    @Test func aStartGoesThroughItsPhasesToCharging() {
        var judge = SequenceJudge(.charging, .accepted, before: nil)
        let warm = Phase(words: "warming up", secondsLeft: 42, totalLeft: 62)
        #expect(
            judge.judge(Self.status("WARMING_UP", left: "42"), after: .seconds(9))
                == .goesOn(warm))
        #expect(warm.line == "warming up, 42s left, about 1m2s in all")
        let settle = judge.judge(Self.status("STABILISING", left: "5"), after: .seconds(80))
        #expect(
            settle
                == .goesOn(Phase(words: SequenceJudgeTests.settling, secondsLeft: 5, totalLeft: 5)))
        // The charger counts once the board has taken it.
        #expect(
            judge.judge(Self.status("CHARGING"), after: .seconds(90))
                == .goesOn(Phase(words: "closing the charger")))
        #expect(
            judge.judge(
                Self.status("CHARGING", relays: "IGN+CHARGER (0x0A)"), after: .seconds(91))
                == .reached)
    }

    @Test func aStopThatTheBoardDoesNotTakeIsNotFollowedForEver() {
        var judge = SequenceJudge(.off, .accepted, before: nil)
        func stopping(_ seconds: Int) -> GeneratorStatus {
            GeneratorStatusTests.status([
                "STATE": "STOPPING", "STATE_SECONDS": "\(seconds)", "RELAYS": "UNKNOWN",
                "PROTOCOL": "2",
            ])
        }
        guard case .goesOn = judge.judge(stopping(29), after: .seconds(29)) else {
            Issue.record("the board may take it yet")
            return
        }
        guard case .failed(let reason) = judge.judge(stopping(30), after: .seconds(30)) else {
            Issue.record("nothing ends this")
            return
        }
        #expect(reason.contains("the board has not taken it for 30 s"), "\(reason)")
    }

    private static let settling = "letting the voltage settle"

    @Test(arguments: ["FAILED", "OFF"])
    func aFailureCarriesTheServersReason(state: String) {
        var judge = SequenceJudge(.charging, .accepted, before: nil)
        let verdict = judge.judge(
            Self.status(state, error: "Engine did not start"), after: .seconds(20))
        let words = state == "OFF" ? "off" : "off after a failure"
        #expect(verdict == .failed("\(words): Engine did not start"))
    }

    @Test func anErrorFromBeforeExplainsNothing() {
        let before = Self.status("OFF", error: "Lease was not renewed")
        var judge = SequenceJudge(.charging, .accepted, before: before)
        guard case .failed(let reason) = judge.judge(before, after: .seconds(20)) else {
            Issue.record("OFF is no start under way")
            return
        }
        #expect(reason.hasPrefix("off: somebody stopped it"))
    }

    @Test func whatMayNotHaveArrivedIsGivenTimeAndThenToldApart() {
        var judge = SequenceJudge(.charging, .unsure, before: nil)
        #expect(
            judge.judge(Self.status("OFF"), after: .seconds(4)) == .goesOn(Phase(words: "off")))
        guard case .failed(let reason) = judge.judge(Self.status("OFF"), after: .seconds(6)) else {
            Issue.record("it never began")
            return
        }
        #expect(reason.hasPrefix("the command has not arrived, or was undone"))
    }

    @Test func aRestartOfTheServerIsSaid() {
        var judge = SequenceJudge(.charging, .accepted, before: nil)
        _ = judge.judge(Self.status("WARMING_UP"), after: .seconds(9))
        let verdict = judge.judge(Self.status("OFF", uptime: 2), after: .seconds(15))
        #expect(
            verdict == .failed("the server was restarted meanwhile; now off: somebody stopped it"))
    }

    @Test func aStopEndsOnceTheRelaysAreOff() {
        var judge = SequenceJudge(.off, .accepted, before: nil)
        #expect(
            judge.judge(Self.status("COOLING_DOWN", left: "170"), after: .seconds(1))
                == .goesOn(Phase(words: "cooling down", secondsLeft: 170)))
        #expect(
            judge.judge(Self.status("OFF", relays: "UNKNOWN (at most 0x08)"), after: .seconds(9))
                == .goesOn(Phase(words: "switching the relays off")))
        for state in ["OFF", "HELD", "FAILED"] {
            var judge = judge
            #expect(
                judge.judge(Self.status(state, relays: "OFF (0x00)"), after: .seconds(9))
                    == .reached)
        }
    }

    @Test func anotherStartEndsAStop() {
        var judge = SequenceJudge(.off, .accepted, before: nil)
        _ = judge.judge(Self.status("COOLING_DOWN"), after: .seconds(1))
        let verdict = judge.judge(Self.status("CHARGING"), after: .seconds(5))
        #expect(
            verdict == .failed("charging: somebody else has started it or set its relays"))
    }

    /// Every state has a verdict, and none but the goal is success.
    @Test(arguments: GeneratorState.allCases)
    func onlyTheGoalIsSuccess(state: GeneratorState) {
        let status = Self.status(WireText.name(state), relays: "IGN+CHARGER (0x0A)")
        var start = SequenceJudge(.charging, .accepted, before: nil)
        #expect((start.judge(status, after: .seconds(60)) == .reached) == (state == .charging))
        var stop = SequenceJudge(.off, .accepted, before: nil)
        #expect(stop.judge(status, after: .seconds(60)) != .reached)
    }

    @Test func unknownIsNeitherSuccessNorFailure() {
        for goal in [SequenceJudge.Goal.charging, .off] {
            var judge = SequenceJudge(goal, .accepted, before: nil)
            for status in [
                Self.status("DANCING"), GeneratorStatusTests.status(["INPUTS": "ERROR"]),
            ] {
                guard case .goesOn = judge.judge(status, after: .seconds(60)) else {
                    Issue.record("\(goal) judged by the unknown")
                    return
                }
            }
        }
    }

    @Test func theLegacyServersNineLinesAreEnough() {
        var judge = SequenceJudge(.charging, .accepted, before: nil)
        let idle = GeneratorStatusTests.status([
            "INPUTS": "IN1=0 IN2=0 IN3=0 IN4=0 raw=0", "RELAYS": "OFF (0x00)", "RUNNING": "NO",
        ])
        #expect(judge.judge(idle, after: .seconds(1)) == .goesOn(Phase(words: "off")))
        let starts = GeneratorStatusTests.status([
            "RELAYS": "IGN (0x08)", "START_IN_PROGRESS": "YES",
        ])
        #expect(
            judge.judge(starts, after: .seconds(57))
                == .goesOn(Phase(words: "warming up", totalLeft: 40)))
        #expect(
            judge.judge(idle, after: .seconds(60))
                == .failed("off: the older server does not say why"))
        #expect(judge.judge(GeneratorStatusTests.status(), after: .seconds(99)) == .reached)

        var stop = SequenceJudge(.off, .accepted, before: nil)
        let cools = GeneratorStatusTests.status(["RELAYS": "IGN (0x08)"])
        #expect(
            stop.judge(cools, after: .seconds(30))
                == .goesOn(Phase(words: "cooling down", totalLeft: 150)))
        #expect(stop.judge(idle, after: .seconds(181)) == .reached)
    }
}
