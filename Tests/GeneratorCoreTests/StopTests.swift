import GeneratorCore
import Testing

struct StopTests {
    /// Every state that a start goes through, and an engine that gets there.
    static let starting: [(GeneratorState, SimulatedEngine.Temper)] = [
        (.preparing, .dead), (.ignition, .dead), (.cranking, .dead), (.glowCranking, .dead),
        (.verifying, .catches(after: .seconds(3))), (.warmingUp, .catches(after: .seconds(3))),
        (.stabilising, .catches(after: .seconds(3))),
    ]

    @Test(arguments: starting)
    func stopCancelsAStartInAnyPhase(_ state: GeneratorState, _ temper: SimulatedEngine.Temper) {
        var bench = Bench(temper: temper)
        bench.mustStartAndReach(state)
        bench.send(.stop(.coolingDown(.atEnd), by: Bench.two))
        #expect(bench.board == [])
        #expect(bench.outcome(for: Bench.one) == .refused(.cancelledByStop))
        #expect(bench.outcome(for: Bench.two) == .stopped(cooldown: nil))
        // Nothing closes anything again later.
        bench.run(.seconds(300))
        #expect(bench.board == [])
        #expect(bench.machine.state == .off)
        #expect(bench.broken == [])
    }

    @Test func stopUnderLoadOpensTheChargerAtOnceAndCoolsDown() {
        var bench = Bench()
        bench.mustStartAndReach(.charging)
        bench.send(.stop(.coolingDown(.atEnd), by: Bench.two))
        #expect(bench.board == [.ignition])
        #expect(bench.outcome(for: Bench.two) == nil)
        bench.run(.seconds(179))
        #expect(bench.machine.state == .coolingDown)
        bench.run(.seconds(2))
        #expect(bench.outcome(for: Bench.two) == .stopped(cooldown: .seconds(180)))
        #expect(bench.board == [])
        #expect(bench.broken == [])
    }

    @Test func aSecondStopSaysWhatIsLeft() {
        var bench = Bench()
        bench.mustStartAndReach(.charging)
        bench.send(.stop(.coolingDown(.atEnd), by: Bench.two))
        bench.now = bench.now + .seconds(8)
        bench.send(.stop(.coolingDown(.atEnd), by: Bench.one))
        #expect(bench.outcome(for: Bench.one) == .stopInProgress(left: .seconds(172)))
        #expect(bench.machine.state == .coolingDown)
    }

    @Test func startDuringCooldownGoesBackToCharging() {
        var bench = Bench()
        bench.mustStartAndReach(.charging)
        bench.send(.stop(.coolingDown(.atEnd), by: Bench.two))
        bench.run(.seconds(20))
        bench.send(.start(.atEnd, by: Bench.one))
        #expect(bench.machine.state == .charging)
        #expect(bench.board == [.ignition, .charger])
        #expect(bench.outcome(for: Bench.one) == .started)
        #expect(bench.outcome(for: Bench.two) == .refused(.cancelledByStart))
        #expect(bench.broken == [])
    }

    @Test func startDuringCooldownOfABlindServerIsRefused() {
        var bench = Bench()
        bench.mustStartAndReach(.charging)
        bench.send(.stop(.coolingDown(.atEnd), by: Bench.two))
        bench.readsFail = true
        bench.run(.seconds(5))
        bench.send(.start(.atEnd, by: Bench.one))
        #expect(bench.outcome(for: Bench.one) == .refused(.engineNotSeen))
        #expect(bench.board == [.ignition])
    }

    @Test func stopWithNothingRunningStillWritesOff() {
        var bench = Bench()
        bench.run(.seconds(3))
        bench.board = [.start]  // what a stray write of somebody else's may have done
        bench.send(.stop(.coolingDown(.atEnd), by: Bench.one))
        #expect(bench.board == [])
        #expect(bench.outcome() == .stopped(cooldown: nil))
    }

    @Test func shutdownSwitchesOffInEveryState() {
        for (state, temper) in Self.starting + [(.charging, .catches(after: .seconds(3)))] {
            var bench = Bench(temper: temper)
            bench.mustStartAndReach(state)
            bench.send(.shutdown)
            #expect(bench.board == [])
            #expect(bench.machine.isSafe)
            if state != .charging { #expect(bench.outcome() == .refused(.shuttingDown)) }
            bench.send(.start(.atEnd, by: Bench.two))
            #expect(bench.outcome(for: Bench.two) == .refused(.shuttingDown))
            bench.run(.seconds(5))
            #expect(bench.board == [])
        }
    }

    @Test func chargerOpensWhenTheEngineStops() {
        var bench = Bench()
        bench.mustStartAndReach(.charging)
        bench.engine.stall()
        bench.run(.milliseconds(450))
        #expect(bench.board == [])
        #expect(bench.machine.state == .failed)
        #expect(bench.machine.lastProblem == .engineStopped)
    }

    @Test func oneReadingWithoutTheEngineIsNotALoss() {
        var bench = Bench()
        bench.mustStartAndReach(.charging)
        bench.forcedInputs = [.ignitionActive]
        bench.read()
        bench.forcedInputs = nil
        bench.run(.seconds(5))
        #expect(bench.machine.state == .charging)
    }

    @Test func unreadableInputsUnderLoadEndInACooldown() {
        var bench = Bench()
        bench.mustStartAndReach(.charging)
        bench.readsFail = true
        bench.run(.seconds(9))
        #expect(bench.machine.state == .charging)
        bench.run(.seconds(2))
        #expect(bench.machine.state == .coolingDown)
        #expect(bench.board == [.ignition])
        bench.run(.seconds(181))
        #expect(bench.board == [])
    }

    @Test func theLongestRunEndsInACooldown() {
        var timings = Timings()
        let isSet = timings.set(.runMax, milliseconds: 600_000, within: .site)
        #expect(isSet)
        var bench = Bench(timings: timings)
        bench.mustStartAndReach(.charging)
        bench.mustRun(until: .coolingDown, atMost: .seconds(700))
        #expect(bench.machine.lastProblem == .runTimeOver)
        bench.mustRun(until: .off)
        #expect(bench.broken == [])
    }
}
