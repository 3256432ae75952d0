import ChargePolicy
import Testing

/// How a run goes on, and how it ends.
struct RunTests {
    @Test func itEndsWhenTheChargeIsReachedAndHeld() {
        var desk = Desk.running()
        desk.pass(.seconds(3_600), soc: 79, .charging)
        #expect(desk.commands == [])
        desk.pass(.seconds(60), soc: 80, .charging)
        #expect(desk.commands == [])
        desk.pass(.seconds(30), soc: 80, .charging)
        #expect(desk.commands == [.stop])
        #expect(desk.policy.decision == .stop(.soc(80, reached: 80)))
        #expect(desk.policy.state == .stopping)
        desk.send(.stopAnswered(.accepted))
        desk.pass(.seconds(180), soc: 80, .stopping)
        #expect(desk.policy.state == .stopping)
        desk.see(.idle)
        #expect(desk.policy.state == .idle)
        #expect(desk.commands == [.stop])
    }

    @Test func itLastsItsMinimum() {
        var settings = ChargeSettings()
        settings.socStop = 45
        var desk = Desk.running(settings)
        desk.pass(.seconds(599), soc: 46, .charging)
        #expect(desk.commands == [])
        desk.pass(.seconds(31), soc: 46, .charging)
        #expect(desk.commands == [.stop])
    }

    @Test func itNeverOutlastsItsMaximum() {
        var desk = Desk.running()
        desk.pass(.seconds(14_399), soc: 50, .charging)
        #expect(desk.commands == [])
        desk.pass(.seconds(1), soc: 50, .charging)
        #expect(desk.commands == [.stop])
        #expect(desk.policy.decision == .stop(.runMax(.seconds(14_400))))
    }

    @Test func theServerKnowsTheRunBetter() {
        var desk = Desk.running()
        desk.see(.charging, runTime: .seconds(14_401))
        #expect(desk.commands == [.stop])
    }

    @Test func theMaximumIsKeptWhileTheServerIsNotSeen() {
        var desk = Desk.running()
        desk.pass(.seconds(14_400), soc: 50, nil)
        #expect(desk.commands == [.stop])
        #expect(desk.policy.state == .stopping)
    }

    @Test func blindItGoesOnForAWhile() {
        var desk = Desk.running()
        desk.pass(.seconds(600), soc: 36, .charging)
        desk.pass(.seconds(3_600), soc: nil, .charging)
        #expect(desk.commands == [])
        desk.pass(.seconds(60), soc: nil, .charging)
        #expect(desk.policy.decision == .stop(.blind(.seconds(3_600))))
    }

    @Test func aStopThatFailsStaysAndIsRepeatedAndRaised() {
        var desk = Desk.running()
        desk.pass(.seconds(3_600), soc: 80, .charging)
        #expect(desk.commands == [.stop])
        for _ in 0..<20 {
            desk.send(.stopAnswered(.failed))
            desk.pass(.seconds(60), soc: 80, .charging)
            #expect(desk.policy.state == .stopping)
        }
        #expect(desk.commands.count >= 20)
        #expect(desk.policy.alarms.contains(.stopFailed))
        desk.send(.stopAnswered(.accepted))
        desk.see(.idle)
        #expect(desk.policy.state == .idle)
        #expect(!desk.policy.alarms.contains(.stopFailed))
    }

    @Test func aStopThatWasLostIsSaidAgainAsSoonAsTheServerIsSeen() {
        var desk = Desk.running()
        desk.pass(.seconds(3_600), soc: 80, .charging)
        desk.send(.stopAnswered(.lost))
        desk.now += .seconds(10)
        desk.send(.view(nil))
        #expect(desk.commands == [.stop])
        desk.see(.charging)
        #expect(desk.commands == [.stop, .stop])
        // Whoever knows at once that there is nobody to say it to is not asked at once again.
        desk.send(.stopAnswered(.notSent))
        desk.now += .seconds(59)
        desk.send(.view(nil))
        #expect(desk.commands == [.stop, .stop])
        desk.now += .seconds(1)
        desk.send(.view(nil))
        #expect(desk.commands == [.stop, .stop, .stop])
        desk.now += .seconds(86_400)
        desk.send(.view(nil))
        #expect(desk.policy.state == .stopping)
    }

    @Test func unknownIsNotStopped() {
        var desk = Desk.running()
        desk.pass(.seconds(3_600), soc: 80, .charging)
        desk.send(.stopAnswered(.accepted))
        desk.pass(.seconds(7_200), soc: 80, nil)
        #expect(desk.policy.state == .stopping)
        desk.pass(.seconds(7_200), soc: 80, .unclear)
        #expect(desk.policy.state == .stopping)
    }

    @Test func failedStartsWaitAndThenLatch() {
        var desk = Desk()
        for attempt in 1...3 {
            desk.pass(.seconds(120), soc: 30, .idle)
            #expect(desk.policy.state == .starting)
            desk.send(.startAnswered(.failed))
            #expect(desk.policy.failures == attempt)
            let before = desk.commands.count
            desk.pass(.seconds(240), soc: 30, .failed)
            #expect(desk.commands.count == before)
            desk.pass(.seconds(60), soc: 30, attempt < 3 ? .idle : .failed)
        }
        #expect(desk.commands == [.start, .start, .start])
        #expect(desk.policy.state == .error)
        #expect(desk.policy.alarms.contains(.startsExhausted))
        desk.pass(.seconds(86_400 * 7), soc: 5, .failed, millivolts: 48_000)
        #expect(desk.commands.count == 3)
        // An operator wants it: a new wish tries again.
        desk.send(.wishes(ManualWishes(forceCharge: true)))
        #expect(desk.commands.suffix(2) == [.reset, .start])
        #expect(desk.policy.failures == 0)
    }

    @Test func whatBecameOfALostStartIsSeenAtTheServer() {
        for (activity, state) in [
            (GeneratorView.Activity.charging, ChargePolicy.State.running),
            (.starting, .starting), (.failed, .errorRecovery), (.idle, .errorRecovery),
        ] {
            var desk = Desk()
            desk.pass(.seconds(90), soc: 30, .idle)
            desk.send(.startAnswered(.lost))
            #expect(desk.policy.state == .starting)
            desk.see(activity)
            #expect(desk.policy.state == state)
        }
    }

    @Test func whatWasSeenBeforeTheAnswerIsNoFailure() {
        var desk = Desk()
        desk.pass(.seconds(90), soc: 30, .idle)
        desk.see(.idle)
        #expect(desk.policy.state == .starting)
        desk.send(.startAnswered(.accepted))
        #expect(desk.policy.state == .starting)
        desk.see(.starting)
        desk.see(.charging)
        #expect(desk.policy.state == .running)
    }

    @Test func whatWasSeenBeforeTheAnswerIsNotTakenOver() {
        var desk = Desk()
        desk.pass(.seconds(90), soc: 30, .idle)
        desk.see(.starting)
        desk.send(.startAnswered(.failed))
        #expect(desk.policy.state == .errorRecovery)
        desk.see(.idle)
        #expect(desk.policy.failures == 1)
    }

    @Test func anAnswerThatNobodyWaitsForChangesNothing() {
        var desk = Desk.running()
        desk.send(.startAnswered(.failed))
        desk.send(.stopAnswered(.lost))
        #expect(desk.policy.state == .running && desk.policy.failures == 0)
    }

    @Test func aStartThatAStopOvertookIsOutOfTheWayFirst() {
        var desk = Desk()
        desk.see(.idle)
        desk.send(.wishes(ManualWishes(forceCharge: true)))
        desk.send(.wishes(ManualWishes()))
        desk.send(.stopAnswered(.accepted))
        desk.see(.idle)
        desk.send(.wishes(ManualWishes(forceCharge: true)))
        #expect(desk.commands == [.start, .stop])
        desk.send(.startAnswered(.failed))
        desk.see(.idle)
        #expect(desk.commands == [.start, .stop, .start])
    }

    @Test func aHoldDoesNotForgetFailures() {
        var memory = Memory()
        memory.phase = .error
        memory.failures = 3
        var desk = Desk(remembering: memory)
        desk.see(.starting)
        desk.see(.held)
        #expect(desk.policy.state == .error)
        desk.pass(.seconds(3_600), soc: 30, .idle)
        #expect(desk.commands == [])
    }

    @Test func aStartThatNeverEndsIsStoppedAndCounts() {
        var desk = Desk()
        desk.pass(.seconds(90), soc: 30, .idle)
        desk.send(.startAnswered(.accepted))
        desk.pass(.seconds(300), soc: 30, .starting)
        #expect(desk.commands == [.start, .stop])
        desk.send(.stopAnswered(.accepted))
        desk.see(.idle)
        #expect(desk.policy.failures == 1)
        #expect(desk.policy.state == .errorRecovery)
    }

    @Test func anEngineThatStallsEarlyCountsAsAFailedStart() {
        var desk = Desk.running()
        desk.pass(.seconds(300), soc: 36, .charging)
        desk.see(.failed)
        #expect(desk.policy.state == .errorRecovery)
        #expect(desk.policy.failures == 1)
        #expect(desk.policy.alarms.contains(.engineStopped))

        desk = Desk.running()
        desk.pass(.seconds(3_600), soc: 36, .charging)
        desk.see(.failed)
        #expect(desk.policy.state == .idle)
        #expect(desk.policy.failures == 0)
        let commands = desk.commands.count
        desk.pass(.seconds(570), soc: 36, .failed)
        #expect(desk.commands.count == commands)
        desk.pass(.seconds(90), soc: 36, .failed)
        #expect(desk.commands.suffix(2) == [.reset, .start])
    }

    @Test func aStopByOthersIsNotFought() {
        var desk = Desk.running()
        desk.pass(.seconds(1_200), soc: 36, .charging)
        desk.pass(.seconds(180), soc: 36, .stopping)
        #expect(desk.policy.decision == .stop(.byOthers))
        desk.pass(.seconds(3_300), soc: 36, .idle)
        #expect(desk.commands == [])
        desk.pass(.seconds(300), soc: 36, .idle)
        #expect(desk.commands == [.start])
    }

    @Test func aRunThatEndedBecauseNobodyVouchedForItIsTakenUpSoon() {
        var desk = Desk.running()
        desk.pass(.seconds(1_200), soc: 36, .charging)
        desk.pass(.seconds(360), soc: 36, nil)
        desk.pass(.seconds(60), soc: 36, .stopping)
        desk.pass(.seconds(690), soc: 36, .idle)
        #expect(desk.commands == [.start])
    }

    @Test func aGeneratorThatRunsIsTakenOver() {
        var desk = Desk()
        desk.pass(.seconds(60), soc: 60, .charging)
        #expect(desk.policy.runReason == .found)
        #expect(desk.policy.wantsLease)
        desk.pass(.seconds(3_600), soc: 80, .charging)
        #expect(desk.policy.decision == .stop(.soc(80, reached: 80)))

        // Somebody wanted it although the battery was full: then it is not the charge that ends it.
        desk = Desk()
        desk.read(soc: 90)
        desk.pass(.seconds(14_000), soc: 90, .charging)
        #expect(desk.commands == [])
        desk.pass(.seconds(480), soc: 90, .charging)
        #expect(desk.commands == [.stop])
    }

    @Test func somebodyMayCallTheEngineBackFromItsCooldown() {
        var desk = Desk.running()
        while desk.commands.isEmpty { desk.pass(.seconds(30), soc: 80, .charging) }
        desk.send(.stopAnswered(.accepted))
        desk.pass(.seconds(60), soc: 80, .stopping)
        desk.see(.charging)
        #expect(desk.policy.state == .running)
        #expect(desk.policy.runReason == .found)
    }
}
