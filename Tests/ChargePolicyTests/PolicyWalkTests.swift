import ChargePolicy
import TestSupport
import Testing

/// Every state that a policy can come to, with everything that can happen in it. The steps are
/// minutes, the settings a few of them, so that the states can be counted; see ``RuleKeeper`` for
/// what must hold.
struct PolicyWalkTests {
    private static func minutes(_ count: Int) -> Duration { .seconds(60 * count) }
    private static let low = PolicyMove.read(35, 52_000)
    private static let high = PolicyMove.read(85, 53_000)
    private static let unknown = PolicyMove.read(nil, 52_000)

    /// Short times; readings never grow old, freeze or jump unless a walk wants them to.
    private static func settings(_ change: (inout ChargeSettings) -> Void = { _ in })
        -> ChargeSettings
    {
        var settings = ChargeSettings()
        settings.startHold = minutes(1)
        settings.stopHold = minutes(1)
        settings.runMin = minutes(1)
        settings.runMax = minutes(2)
        settings.blindRunMax = minutes(1)
        settings.rest = minutes(1)
        settings.pauseAfterStop = minutes(1)
        settings.failureWait = minutes(1)
        settings.failuresMax = 2
        settings.server.startMax = minutes(1)
        settings.server.stopMax = minutes(1)
        settings.server.stopRetry = minutes(1)
        settings.server.lease = minutes(1)
        settings.battery.ageMax = minutes(100_000)
        settings.battery.frozenAfter = minutes(100_000)
        settings.battery.jumpBase = 100
        change(&settings)
        return settings
    }

    /// A battery that wants a run, a server that may say and answer anything, and time.
    @Test func whateverTheServerSays() async throws {
        let moves =
            [Self.low, .restart(.unexpected)] + PolicyMove.views(GeneratorView.Activity.allCases)
            + [.see(.charging, namesStates: false), .pass(1), .pass(30)]
            + CommandAnswer.allCases.map { .start($0) } + CommandAnswer.allCases.map { .stop($0) }
        try await walk("whateverTheServerSays", moves)
    }

    /// What operators may want in every state.
    @Test func whateverOperatorsWant() async throws {
        let moves =
            [Self.low, Self.high]
            + PolicyMove.views([.idle, .starting, .charging, .stopping, .failed, .held])
            + PolicyMove.wishes
            + [.pass(1), .start(.accepted), .start(.failed), .start(.held), .start(.notSent)]
            + [.stop(.accepted), .stop(.lost)]
        try await walk("whateverOperatorsWant", moves)
    }

    /// Readings that are good, not there, old or frozen.
    @Test func whetherTheInverterSpeaks() async throws {
        let settings = Self.settings {
            $0.battery.ageMax = Self.minutes(1)
            $0.battery.frozenAfter = Self.minutes(2)
            $0.runMin = .zero
        }
        let moves =
            [Self.low, Self.high, Self.unknown, .readAgain, .pass(1), .pass(30)]
            + PolicyMove.views([.idle, .charging]) + [.start(.accepted), .stop(.accepted)]
        try await walk("whetherTheInverterSpeaks", moves, settings, needsError: false)
    }

    /// Readings that jump or contradict.
    @Test func whateverTheInverterSays() async throws {
        let settings = Self.settings {
            $0.battery.jumpBase = 3
            $0.battery.jumpSettle = Self.minutes(2)
            $0.battery.jumpCalm = Self.minutes(1)
            $0.runMin = .zero
        }
        let moves =
            [Self.low, Self.high, .read(35, 54_600), .pass(1)]
            + PolicyMove.views([.idle, .charging]) + [.start(.accepted), .stop(.accepted)]
            + [.read(20, 51_000), .restart(.unexpected)]
        try await walk("whateverTheInverterSays", moves, settings, needsError: false)
    }

    /// The process dies in every state.
    @Test func wheneverTheProcessDies() async throws {
        let moves =
            [Self.low, Self.high] + PolicyMove.views([.idle, .starting, .charging, .failed, .held])
            + [
                .restart(.unexpected), .restart(.orderly), .pass(1), .start(.accepted),
                .start(.failed), .stop(.accepted), .wish(charge: true, stop: false),
                .wish(charge: false, stop: false),
            ]
        try await walk("wheneverTheProcessDies", moves)
    }

    /// Quiet hours, exercise, and a battery whose voltage counts.
    @Test func whateverTheTimeOfDay() async throws {
        let settings = Self.settings {
            $0.quietHours = DayWindow(from: 0, to: 600)
            $0.exerciseEvery = Self.minutes(2)
            $0.exerciseRun = Self.minutes(1)
            $0.exerciseHours = DayWindow(from: 700, to: 800)
            $0.voltageStartMillivolts = 48_000
            $0.voltageStopMillivolts = 56_000
        }
        let moves =
            [Self.low, Self.high, .read(60, 47_000), .see(.idle, namesStates: true)]
            + [
                .see(.charging, namesStates: true),
                .minute(nil), .minute(30), .minute(750), .pass(1), .start(.accepted),
                .stop(.accepted),
            ]
        try await walk("whateverTheTimeOfDay", moves, settings, needsError: false)
    }

    private func walk(
        _ name: String, _ moves: [PolicyMove], _ settings: ChargeSettings = Self.settings(),
        needsError: Bool = true, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let walk = try await onThread {
            var walk = PolicyWalk(moves)
            walk.run(settings, limit: 400_000)
            return walk
        }
        print("\(name): \(walk.states) states, \(walk.transitions) transitions, \(walk.met)")
        #expect(walk.failure == nil, sourceLocation: sourceLocation)
        if walk.failure == nil {
            #expect(walk.isWhole, "not every state was visited", sourceLocation: sourceLocation)
            let all = needsError ? 6 : 4
            #expect(walk.met.count >= all, "\(walk.met)", sourceLocation: sourceLocation)
        }
    }
}
