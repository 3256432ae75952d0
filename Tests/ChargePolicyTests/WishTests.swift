import ChargePolicy
import Testing

/// What operators want by their files, and what outlives a process.
struct WishTests {
    private static func manual() -> Desk {
        var desk = Desk()
        desk.pass(.seconds(60), soc: 90, .idle)
        desk.send(.wishes(ManualWishes(forceCharge: true)))
        desk.send(.startAnswered(.accepted))
        desk.see(.charging)
        desk.done = []
        return desk
    }

    @Test func aManualRunLastsUntilTheWishIsGone() {
        var desk = Self.manual()
        desk.pass(.seconds(7_200), soc: 100, .charging)
        #expect(desk.commands == [])
        desk.send(.wishes(ManualWishes()))
        #expect(desk.policy.decision == .stop(.manualOver))
        #expect(desk.commands == [.stop])
    }

    @Test func aManualRunEndsAtTheMaximumAndDoesNotBeginAgain() {
        var desk = Self.manual()
        desk.pass(.seconds(14_400), soc: 100, .charging)
        #expect(desk.commands == [.stop])
        desk.send(.stopAnswered(.accepted))
        desk.pass(.seconds(86_400), soc: 90, .idle)
        #expect(desk.commands == [.stop])
        #expect(desk.policy.decision == .wait(.wishSpent))
        desk.send(.wishes(ManualWishes()))
        desk.send(.wishes(ManualWishes(forceCharge: true)))
        #expect(desk.commands == [.stop, .start])
    }

    @Test func theWishMakesARunManual() {
        var desk = Desk.running()
        desk.send(.wishes(ManualWishes(forceCharge: true)))
        desk.pass(.seconds(3_600), soc: 95, .charging)
        #expect(desk.commands == [])
        #expect(desk.policy.runReason == .manual)
    }

    @Test func takingTheWishAwayEndsAStart() {
        var desk = Desk()
        desk.pass(.seconds(60), soc: 90, .idle)
        desk.send(.wishes(ManualWishes(forceCharge: true)))
        desk.send(.startAnswered(.accepted))
        desk.see(.starting)
        desk.send(.wishes(ManualWishes()))
        #expect(desk.commands == [.start, .stop])
    }

    @Test func forceStopStopsOnceAndPauses() {
        var desk = Desk.running()
        desk.send(.wishes(ManualWishes(forceStop: true)))
        #expect(desk.done == [.consumeForceStop, .stop])
        desk.send(.stopAnswered(.accepted))
        desk.pass(.seconds(3_480), soc: 30, .idle)
        #expect(desk.commands == [.stop])
        guard case .wait(.paused) = desk.policy.decision else {
            Issue.record("\(desk.policy.decision)")
            return
        }
        desk.pass(.seconds(300), soc: 30, .idle)
        #expect(desk.commands == [.stop, .start])
    }

    @Test func forceStopEndsAStartAndSomebodyElsesRun() {
        var desk = Desk()
        desk.pass(.seconds(90), soc: 30, .idle)
        desk.send(.wishes(ManualWishes(forceStop: true)))
        #expect(desk.commands == [.start, .stop])
        #expect(desk.policy.state == .stopping)

        desk = Desk()
        desk.send(.wishes(ManualWishes(forceStop: true)))
        #expect(desk.done == [.consumeForceStop])
        desk.see(.charging)
        desk.send(.wishes(ManualWishes(forceStop: true)))
        #expect(desk.commands == [.stop])
    }

    @Test func aRestartGoesOnWithTheRun() {
        var desk = Desk.running()
        desk.pass(.seconds(10_000), soc: 50, .charging)
        let memory = desk.policy.memory(at: desk.now, .unexpected).aged(by: .seconds(60))
        var next = Desk(remembering: memory)
        #expect(next.policy.state == .running)
        #expect(next.policy.runReason == .soc(35, below: 40))
        next.pass(.seconds(4_320), soc: 50, .charging)
        #expect(next.commands == [])
        next.pass(.seconds(60), soc: 50, .charging)
        #expect(next.policy.decision == .stop(.runMax(.seconds(14_410))))
    }

    @Test func aRestartGoesOnWithTheStop() {
        var desk = Desk.running()
        desk.pass(.seconds(3_600), soc: 80, .charging)
        var next = Desk(remembering: desk.policy.memory(at: desk.now, .unexpected))
        #expect(next.policy.state == .stopping)
        next.send(.tick)
        #expect(next.commands == [.stop])
    }

    @Test func failuresPausesAndRestsOutliveARestart() {
        var desk = Desk()
        desk.pass(.seconds(90), soc: 30, .idle)
        desk.send(.startAnswered(.failed))
        desk.pass(.seconds(60), soc: 30, .idle)
        var next = Desk(remembering: desk.policy.memory(at: desk.now, .unexpected))
        next.pass(.seconds(210), soc: 30, .idle)
        #expect(next.commands == [])
        next.pass(.seconds(60), soc: 30, .idle)
        #expect(next.commands == [.start])
        #expect(next.policy.failures == 1)
    }

    @Test func theNextProcessSaysAgainWhatFailed() {
        var memory = Memory()
        memory.phase = .error
        memory.failures = 3
        var desk = Desk(remembering: memory)
        desk.send(.tick)
        #expect(desk.done == [.raised(.startFailed), .raised(.startsExhausted)])
    }

    @Test func aRunThatNobodyVouchedForDuringARestartIsNoStopByOthers() {
        var desk = Desk.running()
        desk.pass(.seconds(600), soc: 36, .charging)
        let memory = desk.policy.memory(at: desk.now, .unexpected).aged(by: .seconds(360))
        desk = Desk(remembering: memory)
        desk.pass(.seconds(60), soc: 36, .stopping)
        desk.pass(.seconds(720), soc: 36, .idle)
        #expect(desk.commands == [.start])
    }

    @Test func onlyAnOrderlyEndForgetsTheError() {
        var memory = Memory()
        memory.phase = .error
        memory.failures = 3
        let desk = Desk(remembering: memory)
        #expect(desk.policy.memory(at: desk.now, .unexpected) == memory)
        #expect(desk.policy.memory(at: desk.now, .orderly).phase == .idle)
        #expect(desk.policy.memory(at: desk.now, .orderly).failures == 0)
    }

    @Test func toldToStopWhenItEndsItDoes() {
        var desk = Desk.running()
        #expect(desk.policy.stopForShutdown(at: desk.now) == [.stop])
        var idle = Desk()
        #expect(idle.policy.stopForShutdown(at: idle.now) == [])
    }
}
