import GeneratorCore
import Testing

struct RelayWriteTests {
    @Test(arguments: [false, true])
    func theReleaseOfTheStarterIsRetriedUntilItHolds(_ land: Bool) {
        var bench = Bench()
        bench.mustStartAndReach(.cranking)
        bench.writesFail = true
        bench.refusedWritesLand = land
        bench.send(.stop(.coolingDown(.atEnd), by: Bench.two))
        #expect(bench.machine.confirmedRelays == nil)
        #expect(bench.machine.possibleRelays.contains(.start))
        bench.run(.seconds(6))
        #expect(bench.outcome(for: Bench.two) == .refused(.relayWriteFailed))
        // Long after everybody has been answered it is still being tried.
        bench.run(.seconds(3600))
        #expect(bench.machine.state == .stopping)
        bench.writesFail = false
        bench.run(.milliseconds(200))
        #expect(bench.board == [])
        #expect(bench.machine.isSafe)
    }

    @Test func aBoardThatTakesNothingEndsTheStart() {
        for state in [GeneratorState.preparing, .ignition] {
            var bench = Bench()
            bench.mustStartAndReach(state)
            bench.writesFail = true
            bench.run(.seconds(5))
            #expect(bench.outcome() == .refused(.relayWriteFailed))
            #expect(!bench.board.contains(.start))
            bench.writesFail = false
            bench.run(.seconds(2))
            #expect(bench.board == [])
        }
    }

    @Test(arguments: [false, true])
    func aFailedWriteOfTheStarterIsNotRepeated(_ land: Bool) {
        var bench = Bench()
        bench.mustStartAndReach(.ignition)
        bench.run(.milliseconds(350))
        bench.writesFail = true
        bench.refusedWritesLand = land
        bench.run(.milliseconds(600))
        #expect(bench.outcome() == .refused(.relayWriteFailed))
        bench.writesFail = false
        bench.run(.milliseconds(200))
        #expect(bench.board == [])
        #expect(bench.machine.state == .failed, "a start that failed is latched")
        #expect(bench.broken == [])
    }

    @Test func aChargerThatMayNotHaveClosedIsUnloaded() {
        var bench = Bench()
        bench.mustStartAndReach(.stabilising)
        bench.writesFail = true
        bench.refusedWritesLand = true
        bench.mustRun(until: .coolingDown)
        #expect(bench.outcome() == .refused(.relayWriteFailed))
        bench.writesFail = false
        bench.run(.milliseconds(200))
        #expect(bench.board == [.ignition])
        bench.mustRun(until: .off)
    }

    @Test func theCooldownCountsFromTheRelease() {
        var bench = Bench()
        bench.mustStartAndReach(.charging)
        bench.writesFail = true
        bench.send(.stop(.coolingDown(.atEnd), by: Bench.two))
        bench.run(.seconds(200))
        #expect(bench.machine.state == .coolingDown)
        #expect(bench.outcome(for: Bench.two) == .refused(.relayWriteFailed))
        bench.writesFail = false
        bench.run(.seconds(179))
        #expect(bench.board == [.ignition])
        bench.run(.seconds(2))
        #expect(bench.board == [] && bench.machine.state == .off)
    }

    @Test func aFailedWriteOfTheChargerIsNotRepeated() {
        var bench = Bench()
        bench.mustStartAndReach(.stabilising)
        bench.run(.milliseconds(19_900))
        bench.writesFail = true
        bench.run(.milliseconds(200))
        // The engine stops before the next attempt, and only one reading has shown it.
        bench.engine.stall()
        bench.read()
        bench.writesFail = false
        bench.send(.tick)
        bench.run(.seconds(2))
        #expect(!bench.board.contains(.charger))
        #expect(bench.machine.lastProblem != nil)
        #expect(bench.broken == [])
    }

    @Test func aStarterSeenAfterItsReleaseIsReleasedAgain() {
        var bench = Bench()
        bench.mustStartAndReach(.warmingUp)
        bench.board.insert(.start)  // the board did not do what it acknowledged
        bench.engine.apply(bench.board, at: bench.now)
        bench.run(.seconds(2))
        #expect(!bench.board.contains(.start))
        #expect(bench.machine.lastProblem == .starterNotReleased)
    }

    @Test(
        arguments: [
            (RelaySet.start, Problem.starterByHand), ([.ignition, .start], .starterByHand),
            ([.ignition, .charger], .chargerByHand), (.charger, .chargerByHand),
        ] as [(RelaySet, Problem)])
    func handsNeverDriveStarterOrCharger(_ relays: RelaySet, _ problem: Problem) {
        var bench = Bench()
        bench.run(.seconds(3))
        bench.send(.setRelays(relays, by: Bench.one))
        #expect(bench.outcome() == .refused(problem))
        #expect(bench.board == [])
        #expect(bench.broken == [])
    }

    @Test func handsMaySetIgnitionAndGlow() {
        var bench = Bench()
        bench.run(.seconds(3))
        bench.send(.setRelays([.ignition, .glow], by: Bench.one))
        #expect(bench.outcome() == .relaysSet([.ignition, .glow]))
        #expect(bench.board == [.ignition, .glow])
        bench.send(.stop(.coolingDown(.atEnd), by: Bench.two))
        #expect(bench.board == [])
        #expect(bench.outcome(for: Bench.two) == .stopped(cooldown: nil))
    }

    @Test func handsMayUnloadAndLoadAWarmEngine() {
        var bench = Bench()
        bench.mustStartAndReach(.charging)
        bench.send(.setRelays([.ignition], by: Bench.two))
        #expect(bench.board == [.ignition])
        #expect(bench.machine.state == .runningWithoutCharger)
        bench.send(.setRelays([.glow], by: Bench.two))
        #expect(bench.outcome(for: Bench.two) == .refused(.engineLoaded))
        bench.send(.setRelays([.ignition, .charger], by: Bench.two))
        #expect(bench.board == [.ignition, .charger] && bench.machine.state == .charging)
        bench.send(.setRelays([.ignition], by: Bench.two))
        bench.send(.stop(.coolingDown(.atEnd), by: Bench.two))
        #expect(bench.machine.state == .coolingDown)
        #expect(bench.broken == [])
    }

    @Test func aBoardThatRefusesTheIgnitionIsNotGivenTheLoad() {
        var bench = Bench()
        bench.forcedInputs = [.engineRunning, .ignitionActive]
        bench.run(.seconds(100))
        bench.writesFail = true
        bench.send(.setRelays([.ignition], by: Bench.one))
        bench.send(.setRelays([.ignition, .charger], by: Bench.two))
        #expect(bench.outcome(for: Bench.two) == .refused(.relayWriteFailed))
        #expect(!bench.machine.wasLoaded)
    }

    @Test func relayZeroCutsEverythingAtOnce() {
        for state in GeneratorState.allCases where state.isStarting && state != .glowCranking {
            var bench = Bench()
            bench.mustStartAndReach(state)
            bench.send(.setRelays([], by: Bench.two))
            #expect(bench.board == [])
            #expect(bench.outcome(for: Bench.one) == .refused(.cancelledByRelay))
            #expect(bench.outcome(for: Bench.two) == .relaysSet([]))
        }
    }

    @Test func aFailedWriteByHandIsNotAnsweredOK() {
        var bench = Bench()
        bench.run(.seconds(3))
        bench.writesFail = true
        bench.send(.setRelays([.ignition], by: Bench.one))
        bench.run(.seconds(2))
        #expect(bench.outcome() == .refused(.relayWriteFailed))
        bench.writesFail = false
        bench.run(.seconds(1))
        #expect(bench.board == [])
    }

    @Test func onlySoManyWait() {
        var bench = Bench()
        bench.writesFail = true
        for id in 1...40 { bench.send(.stop(.coolingDown(.atEnd), by: Requester(id: UInt32(id)))) }
        let refused = bench.replies.filter { $0.1 == .refused(.tooManyWaiting) }
        #expect(refused.count == 24)
    }
}
