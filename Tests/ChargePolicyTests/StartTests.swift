import ChargePolicy
import Testing

/// When a run begins, and when it does not.
struct StartTests {
    @Test func aLowBatteryStartsAfterTheHold() {
        var desk = Desk()
        desk.see(.idle)
        desk.read(soc: 39)
        #expect(
            desk.policy.decision
                == .wait(.holding(.soc(39, below: 40), .zero, of: .seconds(60))))
        desk.pass(.seconds(59), soc: 39, .idle)
        #expect(desk.commands == [])
        desk.pass(.seconds(1), soc: 39, .idle)
        #expect(desk.commands == [.start])
        #expect(desk.policy.state == .starting)
        #expect(desk.policy.decision.text == "starting: state of charge 39 % below 40 %")
    }

    @Test func theThresholdItselfIsEnough() {
        var desk = Desk()
        desk.pass(.seconds(600), soc: 40, .idle)
        #expect(desk.commands == [])
        #expect(desk.policy.decision == .wait(.enough(soc: 40)))
    }

    @Test func oneReadingStartsNothingHoweverLongItStands() {
        var desk = Desk()
        desk.see(.idle)
        desk.read(soc: 30)
        for _ in 0..<11 {
            desk.now += .seconds(10)
            desk.see(.idle)
            desk.send(.tick)
        }
        #expect(desk.commands == [])
        desk.read(soc: 30)
        #expect(desk.commands == [.start])
    }

    @Test func aShortDipStartsNothing() {
        var desk = Desk()
        for _ in 0..<20 {
            desk.pass(.seconds(30), soc: 39, .idle)
            desk.pass(.seconds(30), soc: 40, .idle)
        }
        #expect(desk.commands == [])
    }

    @Test(arguments: [
        GeneratorView.Activity.stopping, .held, .manual, .unclear,
    ])
    func aGeneratorThatIsNotFreeIsNotStarted(_ activity: GeneratorView.Activity) {
        var desk = Desk()
        desk.pass(.seconds(600), soc: 30, activity)
        #expect(desk.commands == [])
        #expect(desk.policy.decision == .wait(.generatorBusy(activity)))
        desk.pass(.seconds(30), soc: 30, .idle)
        #expect(desk.commands == [.start])
    }

    @Test func anUnknownGeneratorIsNotStarted() {
        var desk = Desk()
        desk.pass(.seconds(3_600), soc: 30, nil)
        #expect(desk.commands == [])
        #expect(desk.policy.decision == .wait(.generatorUnknown))
        #expect(desk.policy.alarms.contains(.generatorUnknown))
        desk.pass(.seconds(30), soc: 30, .idle)
        #expect(desk.commands == [.start])
        #expect(!desk.policy.alarms.contains(.generatorUnknown))
    }

    @Test func aLatchedFailureIsResetFirst() {
        var desk = Desk()
        desk.pass(.seconds(120), soc: 30, .failed)
        #expect(desk.commands == [.reset, .start])
    }

    @Test func quietHoursWaitUnlessTheBatteryIsVeryLow() {
        var settings = ChargeSettings()
        settings.quietHours = DayWindow(from: 22 * 60, to: 7 * 60)
        for (minute, soc, starts) in [
            (23 * 60, 30, false), (6 * 60 + 59, 20, false), (23 * 60, 19, true),
            (7 * 60, 30, true), (21 * 60 + 59, 30, true),
        ] {
            var desk = Desk(settings)
            desk.send(.minuteOfDay(minute))
            desk.pass(.seconds(120), soc: soc, .idle, millivolts: 51_500)
            #expect(desk.commands == (starts ? [.start] : []), "\(minute) \(soc)")
            if !starts { #expect(desk.policy.decision == .wait(.quietHours(soc: soc))) }
        }
        // Nobody knows the time: the battery is what matters.
        var desk = Desk(settings)
        desk.send(.minuteOfDay(nil))
        desk.pass(.seconds(120), soc: 30, .idle)
        #expect(desk.commands == [.start])
    }

    @Test func theVoltageStartsWhereItIsAskedTo() {
        var settings = ChargeSettings()
        var desk = Desk(settings)
        desk.pass(.seconds(300), soc: 60, .idle, millivolts: 47_500)
        #expect(desk.commands == [])
        settings.voltageStartMillivolts = 48_000
        desk = Desk(settings)
        desk.pass(.seconds(120), soc: 60, .idle, millivolts: 47_500)
        #expect(desk.commands == [.start])
        #expect(desk.policy.decision.text == "starting: battery 47.5 V below 48.0 V")
    }

    @Test func aManualWishStartsWhateverTheBatterySays() {
        var desk = Desk()
        desk.see(.idle)
        desk.send(.wishes(ManualWishes(forceCharge: true)))
        #expect(desk.commands == [.start])
        #expect(desk.policy.runReason == .manual)
    }

    @Test func aManualWishDoesNotStartAnUnknownGenerator() {
        var desk = Desk()
        desk.send(.wishes(ManualWishes(forceCharge: true)))
        desk.now += .seconds(3_600)
        desk.send(.view(nil))
        #expect(desk.commands == [])
    }

    @Test func theExerciseComesWhenItIsDueAndNotAfterARunOfItsLength() {
        var settings = ChargeSettings()
        settings.exerciseEvery = .seconds(28 * 86_400)
        var memory = Memory()
        memory.sinceExercise = .seconds(28 * 86_400 - 60)
        var desk = Desk(settings, remembering: memory)
        desk.pass(.seconds(30), soc: 90, .idle)
        #expect(desk.commands == [])
        desk.pass(.seconds(30), soc: 90, .idle)
        #expect(desk.policy.runReason == .exercise)
        desk.send(.startAnswered(.accepted))
        desk.pass(settings.exerciseRun + .seconds(30), soc: 90, .charging)
        #expect(desk.policy.decision == .stop(.exerciseOver))
        desk.send(.stopAnswered(.accepted))
        desk.pass(.seconds(86_400), soc: 90, .idle)
        #expect(desk.commands == [.start, .stop])

        // In its hours only, and not before somebody knows the time.
        settings.exerciseHours = DayWindow(from: 600, to: 660)
        desk = Desk(settings, remembering: memory)
        desk.pass(.seconds(600), soc: 90, .idle)
        #expect(desk.commands == [])
        desk.send(.minuteOfDay(599))
        #expect(desk.commands == [])
        desk.send(.minuteOfDay(600))
        #expect(desk.commands == [.start])
    }
}
