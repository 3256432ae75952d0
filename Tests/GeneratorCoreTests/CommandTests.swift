import GeneratorCore
import Testing

/// Holds, leases, latched failures and engines that are taken over.
struct CommandTests {
    static func idle() -> Bench {
        var bench = Bench()
        bench.run(.seconds(3))
        return bench
    }

    static func charging(_ timings: Timings = Timings()) -> Bench {
        var bench = Bench(timings: timings)
        bench.mustStartAndReach(.charging)
        return bench
    }

    // Hold.

    @Test func aHeldServerNeitherStartsNorSaysLittle() {
        var bench = Self.idle()
        let hold = Bench.hold(until: bench.now + .seconds(60))
        bench.send(.hold(hold, by: Bench.one))
        #expect(bench.outcome() == .held(.seconds(60)) && bench.machine.state == .held)
        bench.run(.seconds(10))
        for event in [Event.start(.atEnd, by: Bench.two), .setRelays([.ignition], by: Bench.two)] {
            bench.send(event)
            #expect(
                bench.outcome(for: Bench.two)
                    == .refusedByHold(hold, left: hold.until - bench.now))
        }
        #expect(bench.board == [])
    }

    @Test func aServerThatHasJustBegunIsHeldAsSoonAsItHasLooked() {
        var bench = Bench()
        bench.send(.hold(Bench.hold(until: bench.now + .seconds(60)), by: Bench.one))
        #expect(bench.outcome() == .refused(.inputsUnknown))
        bench.run(.milliseconds(300))
        bench.send(.hold(Bench.hold(until: bench.now + .seconds(60)), by: Bench.two))
        #expect(bench.outcome(for: Bench.two) == .held(.seconds(60)))
    }

    @Test func aHoldIsOneOwnersOnly() {
        var bench = Self.idle()
        let hold = Bench.hold(until: bench.now + .seconds(60), owner: "a")
        bench.send(.hold(hold, by: Bench.one))
        let other = Bench.hold(until: bench.now + .seconds(9), owner: "b")
        bench.send(.hold(other, by: Bench.two))
        #expect(bench.outcome(for: Bench.two) == .refusedByHold(hold, left: .seconds(60)))
        bench.send(.release(owner: "b", by: Bench.two))
        #expect(bench.outcome(for: Bench.two) == .refusedByHold(hold, left: .seconds(60)))
        let longer = Bench.hold(until: bench.now + .seconds(90), owner: "a")
        bench.send(.hold(longer, by: Bench.one))
        #expect(bench.outcome() == .held(.seconds(90)))
        bench.send(.release(owner: "a", by: Bench.one))
        #expect(bench.outcome() == .released && bench.machine.state == .off)
    }

    @Test func aHoldIsForIdleServersOnly() {
        for state in GeneratorState.allCases where state.isStarting && state != .glowCranking {
            var bench = Bench()
            bench.mustStartAndReach(state)
            bench.send(.hold(Bench.hold(until: bench.now + .seconds(60)), by: Bench.two))
            #expect(bench.outcome(for: Bench.two) == .refused(.notIdle), "\(state)")
        }
        var blind = Self.idle()
        blind.readsFail = true
        blind.run(.seconds(3))
        blind.send(.hold(Bench.hold(until: blind.now + .seconds(60)), by: Bench.two))
        #expect(blind.outcome(for: Bench.two) == .refused(.inputsUnknown))
        var turning = Self.idle()
        turning.forcedInputs = [.engineRunning]
        turning.run(.seconds(3))
        turning.send(.hold(Bench.hold(until: turning.now + .seconds(60)), by: Bench.two))
        #expect(turning.outcome(for: Bench.two) == .refused(.notIdle))
    }

    @Test func aHoldEndsByItself() {
        var bench = Self.idle()
        bench.send(.hold(Bench.hold(until: bench.now + .seconds(15)), by: Bench.one))
        bench.run(.seconds(14))
        #expect(bench.machine.state == .held)
        bench.run(.seconds(2))
        #expect(bench.machine.state == .off && bench.machine.hold == nil)
        bench.mustStartAndReach(.charging)
    }

    @Test func aHoldOutlivesTheProcess() {
        var bench = Self.idle()
        bench.send(.hold(Bench.hold(until: bench.now + .seconds(60)), by: Bench.one))
        bench.restart(adopting: false)
        #expect(bench.machine.state == .held)
        bench.run(.seconds(3))
        bench.send(.start(.atOnce, by: Bench.two))
        bench.run(.seconds(5))
        #expect(bench.board == [] && bench.machine.state == .held)
    }

    // Lease.

    @Test func aLeaseThatLapsesUnderLoadEndsInACooldown() {
        var bench = Self.charging()
        bench.send(.lease(.seconds(10), by: Bench.two))
        #expect(bench.outcome(for: Bench.two) == .leased(.seconds(10)))
        bench.run(.seconds(9))
        #expect(bench.machine.state == .charging)
        bench.run(.seconds(2))
        #expect(bench.machine.state == .coolingDown && bench.board == [.ignition])
        #expect(bench.machine.lastProblem == .leaseLapsed)
        bench.mustRun(until: .off)
    }

    @Test func aLeaseThatLapsesDuringAStartEndsIt() {
        var bench = Bench()
        bench.mustStartAndReach(.warmingUp)
        bench.send(.lease(.seconds(10), by: Bench.two))
        bench.run(.seconds(11))
        #expect(bench.board == [] && bench.machine.state == .off)
        #expect(bench.outcome() == .refused(.leaseLapsed))
    }

    @Test func aLeaseReplacesTheLongestRunUntilItIsGivenUp() {
        var timings = Timings()
        let isSet = timings.set(.runMax, milliseconds: 600_000, within: .site)
        #expect(isSet)
        var bench = Self.charging(timings)
        for _ in 0..<20 {
            bench.send(.lease(.seconds(60), by: Bench.two))
            bench.run(.seconds(40))
        }
        #expect(bench.machine.state == .charging)
        bench.send(.lease(.zero, by: Bench.two))
        #expect(bench.outcome(for: Bench.two) == .leaseGivenUp)
        #expect(bench.machine.state == .coolingDown)
        #expect(bench.machine.lastProblem == .runTimeOver)
    }

    @Test func theLongestRunIsNotStretchedByAStartInTheCooldown() {
        var timings = Timings()
        let isSet = timings.set(.runMax, milliseconds: 600_000, within: .site)
        #expect(isSet)
        var bench = Self.charging(timings)
        bench.run(.seconds(400))
        bench.send(.stop(.coolingDown(.atOnce), by: Bench.two))
        bench.run(.seconds(20))
        bench.send(.start(.atOnce, by: Bench.two))
        #expect(bench.machine.state == .charging)
        bench.run(.seconds(200))
        #expect(bench.machine.state == .coolingDown)
        bench.send(.start(.atOnce, by: Bench.two))
        #expect(bench.outcome(for: Bench.two) == .refused(.runTimeOver))
    }

    // Latched failures and the starter's rest.

    @Test func aFailedStartIsLatchedUntilReset() {
        var bench = Bench(temper: .dead)
        bench.mustStartAndReach(.failed)
        bench.restart(adopting: false)
        bench.run(.seconds(60))
        bench.engine.temper = .catches(after: .seconds(1))
        bench.send(.start(.atEnd, by: Bench.one))
        #expect(bench.outcome() == .refusedUntilReset(.didNotStart))
        bench.send(.reset(by: Bench.two))
        #expect(bench.outcome(for: Bench.two) == .reset && bench.machine.state == .off)
        bench.send(.reset(by: Bench.two))
        #expect(bench.outcome(for: Bench.two) == .nothingToReset)
        bench.mustStartAndReach(.charging)
        #expect(bench.broken == [])
    }

    @Test(arguments: [false, true])
    func theStarterRests(_ processDies: Bool) {
        var bench = Bench(temper: .dead)
        bench.mustStartAndReach(.cranking)
        bench.run(.seconds(5))
        if processDies {
            bench.restart(adopting: false)
        } else {
            bench.send(.stop(.now, by: Bench.two))
        }
        bench.run(.seconds(10))
        bench.send(.start(.atEnd, by: Bench.one))
        guard case .starterRests(let left)? = bench.outcome() else {
            Issue.record("\(String(describing: bench.outcome()))")
            return
        }
        #expect(left > .seconds(19) && left <= .seconds(20))
        bench.run(.seconds(20))
        bench.mustStartAndReach(.cranking)
    }

    @Test func theRestBeginsWithTheRelease() {
        var bench = Bench(temper: .dead)
        bench.mustStartAndReach(.cranking)
        bench.writesFail = true
        bench.send(.stop(.now, by: Bench.two))
        bench.run(.seconds(25))
        bench.writesFail = false
        bench.run(.seconds(6))
        bench.send(.start(.atEnd, by: Bench.one))
        guard case .starterRests(let left)? = bench.outcome() else {
            Issue.record("\(String(describing: bench.outcome()))")
            return
        }
        #expect(left > .seconds(23))
    }

    // Answers at once.

    @Test func startsAndStopsMayBeAnsweredAtOnce() {
        var bench = Self.idle()
        bench.send(.start(.atOnce, by: Bench.one))
        #expect(bench.outcome() == .startBegun)
        bench.mustRun(until: .charging)
        #expect(bench.replies.count == 1)
        bench.send(.stop(.coolingDown(.atOnce), by: Bench.one))
        #expect(bench.outcome() == .stopBegun(cooldown: .seconds(180)))
        bench.mustRun(until: .off)
        #expect(bench.replies.count == 2)
        bench.send(.stop(.coolingDown(.atOnce), by: Bench.one))
        #expect(bench.outcome() == .stopBegun(cooldown: nil))
    }

    @Test func stopNowSkipsTheCooldown() {
        for cools in [false, true] {
            var bench = Self.charging()
            if cools { bench.send(.stop(.coolingDown(.atEnd), by: Bench.one)) }
            bench.run(.seconds(5))
            bench.send(.stop(.now, by: Bench.two))
            #expect(bench.board == [])
            guard case .stopped? = bench.outcome(for: Bench.two) else {
                Issue.record("\(String(describing: bench.outcome(for: Bench.two)))")
                continue
            }
        }
    }

    @Test func anUnloadedEngineIsWatchedAllTheSame() {
        var bench = Self.charging()
        bench.send(.setRelays([.ignition], by: Bench.two))
        #expect(bench.machine.state == .runningWithoutCharger)
        bench.run(.seconds(1))
        bench.send(.start(.atEnd, by: Bench.one))
        #expect(bench.outcome() == .started && bench.board == [.ignition, .charger])
        bench.send(.setRelays([.ignition], by: Bench.two))
        bench.engine.stall()
        bench.run(.seconds(1))
        #expect(bench.board == [] && bench.machine.state == .failed)
        #expect(bench.machine.lastProblem == .engineStopped)
        #expect(bench.broken == [])
    }

    // Taking over.

    @Test func aRunningEngineIsTakenOver() {
        var bench = Self.charging()
        bench.run(.seconds(100))
        bench.restart(adopting: true)
        #expect(bench.machine.state == .adopting && bench.board == [.ignition, .charger])
        bench.run(.seconds(1))
        #expect(bench.machine.state == .charging && bench.board == [.ignition, .charger])
        #expect(bench.machine.runTime(at: bench.now).map { $0 > .seconds(180) } ?? false)
        bench.send(.stop(.coolingDown(.atEnd), by: Bench.one))
        #expect(bench.machine.state == .coolingDown)
        #expect(bench.broken == [])
    }

    @Test(arguments: [Inputs.ignitionActive, [], nil])
    func whatIsNotSeenRunningIsNotTakenOver(_ seen: Inputs?) {
        var bench = Self.charging()
        bench.forcedInputs = seen
        bench.readsFail = seen == nil
        bench.restart(adopting: true)
        bench.run(.milliseconds(1200))
        #expect(bench.board == [] && bench.machine.state == .failed)
        #expect(bench.machine.latched == .notAdopted)
    }

    @Test func anEngineThatIsLostWhileItIsTakenOverLosesItsLoad() {
        var bench = Self.charging()
        bench.restart(adopting: true)
        // Two readings that do not agree, and neither shows the engine.
        for seen in [[], .ignitionActive, [], .ignitionActive] as [Inputs] {
            bench.forcedInputs = seen
            bench.read()
            bench.now = bench.now + .milliseconds(100)
            bench.send(.tick)
        }
        #expect(bench.board == [])
        #expect(bench.machine.latched == .notAdopted)
    }

    @Test func stopWhileTakingOverCoolsDown() {
        var bench = Self.charging()
        bench.restart(adopting: true)
        bench.send(.stop(.coolingDown(.atEnd), by: Bench.one))
        #expect(bench.machine.state == .coolingDown && bench.board == [.ignition])
        bench.mustRun(until: .off)
        #expect(bench.outcome() == .stopped(cooldown: .seconds(180)))
    }
}
