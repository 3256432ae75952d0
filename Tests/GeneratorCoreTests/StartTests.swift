import GeneratorCore
import Testing

struct StartTests {
    @Test func relaysAreWrittenOffBeforeAnythingElse() {
        var machine = GeneratorMachine(at: Instant(sinceOrigin: .zero))
        #expect(machine.confirmedRelays == nil)
        let actions = machine.handle(.tick, at: Instant(sinceOrigin: .zero))
        #expect(actions.first == .writeRelays([]))
    }

    @Test func startRunsTheSitesSequence() {
        var bench = Bench()
        bench.run(.seconds(3))
        let begin = bench.now
        bench.send(.start(.atEnd, by: Bench.one))
        bench.mustRun(until: .charging)
        #expect(
            bench.states == [
                .off, .preparing, .ignition, .cranking, .verifying, .warmingUp, .stabilising,
                .charging,
            ])
        #expect(bench.outcome() == .started)
        #expect(bench.board == [.ignition, .charger])
        // Reset 1, ignition 0.5, crank 3 + 0.5 until disconnect, coast 4, 60, 20.
        let took = bench.now - begin
        #expect(took >= .seconds(89) && took < .milliseconds(89_900))
        #expect(bench.broken == [])
    }

    @Test func withoutDisconnectTheCrankLastsItsTime() {
        var timings = Timings()
        timings.crankDisconnect = .never
        var bench = Bench(timings: timings)
        bench.mustStartAndReach(.glowCranking)
        let begin = bench.machine.stateSince
        #expect(bench.board == [.ignition, .glow, .start])
        bench.mustRun(until: .verifying)
        #expect(bench.machine.stateSince - begin >= .seconds(2))
        bench.mustRun(until: .charging)
        #expect(bench.broken == [])
    }

    @Test func anEngineThatDoesNotCatchIsReportedWithItsInputs() {
        var bench = Bench(temper: .dead)
        bench.mustStartAndReach(.failed)
        #expect(bench.outcome() == .failedToStart([.ignitionActive]))
        #expect(bench.board == [])
        #expect(bench.machine.lastProblem == .didNotStart)
        #expect(bench.broken == [])
    }

    @Test(
        arguments: [
            (Inputs.engineRunning, Outcome.alreadyRunning),
            ([.engineRunning, .ignitionActive], .alreadyRunning),
            (.starterEngaged, .refused(.starterEngaged)),
        ] as [(Inputs, Outcome)])
    func whatIsSeenTurningIsNotCranked(_ seen: Inputs, _ expected: Outcome) {
        var bench = Bench()
        bench.forcedInputs = seen
        bench.run(.seconds(3))
        bench.send(.start(.atEnd, by: Bench.one))
        bench.run(.seconds(10))
        #expect(bench.outcome() == expected)
        #expect(!bench.states.contains(.ignition) && !bench.states.contains(.cranking))
        #expect(bench.board == [])
        #expect(bench.broken == [])
    }

    @Test func unknownInputsNeverCrank() {
        var bench = Bench()
        bench.readsFail = true
        bench.run(.seconds(3))
        bench.send(.start(.atEnd, by: Bench.one))
        bench.run(.seconds(10))
        #expect(bench.outcome() == .refused(.inputsUnknown))
        #expect(!bench.states.contains(.cranking))
        // Nothing was cranked: the next start may find a bus that works.
        #expect(bench.machine.state == .off)
        #expect(bench.broken == [])
    }

    @Test func oneValidReadingIsNotEnough() {
        var bench = Bench()
        bench.run(.seconds(3))
        bench.send(.start(.atEnd, by: Bench.one))
        bench.readsFail = true
        // Every other reading is good, so two in a row never agree.
        for _ in 0..<40 {
            bench.readsFail.toggle()
            bench.read()
            bench.now = bench.now + .milliseconds(100)
            bench.send(.tick)
        }
        #expect(bench.outcome() == .refused(.inputsUnknown))
        #expect(!bench.states.contains(.cranking))
    }

    @Test func readingsFromBeforeThePhaseDoNotCount() {
        var bench = Bench()
        bench.run(.seconds(3))
        bench.send(.start(.atEnd, by: Bench.one))
        bench.mustRun(until: .ignition)
        bench.readsFail = true
        bench.run(.seconds(3))
        #expect(bench.outcome() == .refused(.inputsUnknown))
        #expect(!bench.states.contains(.cranking))
    }

    @Test func readingsFromBeforeTheStartDoNotCount() {
        var bench = Bench()
        bench.run(.seconds(3))
        bench.read()
        bench.now = bench.now + .milliseconds(100)
        bench.read()
        bench.send(.start(.atEnd, by: Bench.one))
        // Fresh and equal, but taken before the relays were switched off for this start.
        for _ in 0..<30 {
            bench.now = bench.now + Bench.step
            bench.send(.tick)
        }
        #expect(bench.machine.state == .preparing)
    }

    @Test func goingBlindWhileCrankingReleasesTheStarter() {
        var bench = Bench(temper: .dead)
        bench.mustStartAndReach(.cranking)
        bench.readsFail = true
        bench.run(.milliseconds(1200))
        #expect(bench.outcome() == .refused(.inputsLost))
        #expect(bench.board == [])
        #expect(bench.broken == [])
    }

    @Test func aSecondStartIsRefusedInEveryPhase() {
        for state in GeneratorState.allCases where state.isStarting {
            // An engine that never catches, for the phases that only such a one reaches.
            let needsDead = state == .glowCranking
            var bench = Bench(temper: needsDead ? .dead : .catches(after: .seconds(3)))
            bench.mustStartAndReach(state)
            bench.send(.start(.atEnd, by: Bench.two))
            #expect(bench.outcome(for: Bench.two) == .startInProgress)
            #expect(bench.machine.state == state)
        }
    }

    @Test func startWhileChargingSaysSo() {
        var bench = Bench()
        bench.mustStartAndReach(.charging)
        bench.send(.start(.atEnd, by: Bench.two))
        #expect(bench.outcome(for: Bench.two) == .alreadyRunning)
    }

    @Test func whoWentAwayIsNotAnswered() {
        var bench = Bench()
        bench.mustStartAndReach(.cranking)
        bench.send(.gone(Bench.one))
        bench.mustRun(until: .charging)
        #expect(bench.replies.isEmpty)
    }

    @Test func anEngineThatStopsWhileIdlingEndsTheStart() {
        for state in [GeneratorState.warmingUp, .stabilising] {
            var bench = Bench()
            bench.mustStartAndReach(state)
            bench.engine.stall()
            bench.run(.seconds(2))
            #expect(bench.outcome() == .failedToStart([.ignitionActive]))
            #expect(bench.board == [])
            #expect(bench.broken == [])
        }
    }
}
