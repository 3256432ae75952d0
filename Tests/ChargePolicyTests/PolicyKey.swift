@testable import ChargePolicy

/// What tells two policies apart, in steps of a minute: times as they lie behind, up to where
/// nothing more comes of them. Left out is what only words and alarms are made of, the numbers in a
/// reason, and when a reading was believed: the walks' readings are too far apart for it to count.
struct PolicyKey: Hashable {
    private var parts: [UInt8] = []

    init(_ world: PolicyWorld) {
        let policy = world.policy
        let now = world.now
        parts.reserveCapacity(48)
        add(policy.phase, now)
        parts.append(UInt8(policy.failures))
        add(policy.judge, now)
        add(policy.view)
        if policy.wantsLease {
            add(since: policy.viewLostSince, now, upTo: .seconds(60))
            let lease = policy.settings.server.lease
            add(policy.lastLoss.map { $0.length >= lease && now - $0.until < lease } ?? false)
        }
        add(policy.wishes.forceCharge, policy.wishIsSpent, policy.charging.closedSince != nil)
        parts.append(policy.minuteOfDay.map { $0 < 600 ? 1 : 2 } ?? 0)
        // A run and a stop forget the reason to start when they end.
        let isBusy = policy.state == .running || policy.state == .stopping
        let held = isBusy ? nil : policy.startHeld
        add(since: held?.since, now, upTo: policy.settings.startHold)
        parts.append(held.map { UInt8(min($0.readings, 2)) + kind($0.reason) } ?? 0)
        add(left: policy.pausedUntil, now)
        add(left: policy.restUntil, now)
        if policy.settings.exerciseEvery != nil { add(since: policy.exercisedAt, now) }
        add(left: policy.startAskedAt.map { $0 + .seconds(60) }, now)
        add(left: policy.retryAt, now)
        add(world.keeper, policy.state, now)
    }

    private mutating func add(_ phase: ChargePolicy.Phase, _ now: Duration) {
        switch phase {
        case .idle: parts.append(0)
        case .starting(let start):
            parts.append(1 + kind(start.reason))
            add(since: start.since, now)
            add(start.isAnswered)
        case .running(let run):
            parts.append(2 + kind(run.reason))
            add(since: run.since, now)
            add(run.stopsAtSoc)
            add(since: run.blindSince, now)
            add(since: run.stopHeldSince, now, upTo: .seconds(60))
        case .stopping(let stop):
            parts.append(3)
            add(since: stop.since, now, upTo: .seconds(120))
            add(since: stop.askedAt, now, upTo: .seconds(60))
            add(stop.isPending, stop.wasSeenStopping, stop.isFailedStart, stop.isLost)
            parts.append(stop.run.map { min(steps($0), 1) + 1 } ?? 0)
        case .recovering(let until):
            parts.append(4)
            add(left: until, now)
        case .error: parts.append(5)
        }
    }

    private mutating func add(_ judge: ReadingJudge, _ now: Duration) {
        parts.append(judge.last?.soc.map { UInt8($0 + 1) } ?? 0)
        add(since: judge.lastAt, now, upTo: judge.settings.ageMax + .seconds(60))
        add(since: judge.unchangedSince, now, upTo: judge.settings.frozenAfter)
        if judge.settings.jumpBase < 100 {
            parts.append(judge.believed.map { UInt8($0.soc + 1) } ?? 0)
        }
        parts.append(judge.jumped.map { UInt8($0.soc + 1) } ?? 0)
        add(since: judge.jumped?.since, now, upTo: judge.settings.jumpSettle)
        add(judge.contradicted != nil)
        add(left: judge.calm?.until, now)
        add(since: judge.jumpedAt, now, upTo: judge.settings.jumpSettle)
    }

    private mutating func add(_ view: GeneratorView?) {
        guard let view else { return parts.append(0) }
        let place = GeneratorView.Activity.allCases.firstIndex(of: view.activity) ?? 0
        parts.append(UInt8(place) * 2 + (view.namesStates ? 2 : 1))
    }

    private mutating func add(
        _ keeper: RuleKeeper, _ state: ChargePolicy.State, _ now: Duration
    ) {
        add(keeper.isFresh, keeper.stopAsked != nil)
        parts.append(UInt8(min(keeper.failedInRow, 9)))
        add(since: keeper.failedAt, now, upTo: .seconds(60))
        add(since: keeper.restedAt, now, upTo: .seconds(60))
        add(since: keeper.stopTaken, now, upTo: .seconds(60))
        let isLimited = [.starting, .running, .errorRecovery].contains(state)
        add(since: isLimited ? keeper.stateSince : nil, now)
    }

    private func kind(_ reason: RunReason) -> UInt8 {
        switch reason {
        case .soc: 10
        case .voltage: 20
        case .manual: 30
        case .exercise: 40
        case .found: 50
        }
    }

    /// Beyond the limit all is one; a limit that no walk comes to makes the time mean nothing.
    private mutating func add(
        since time: Duration?, _ now: Duration, upTo limit: Duration = .seconds(180)
    ) {
        let isFar = limit > .seconds(60 * PolicyWorld.stepsMax)
        parts.append(time.map { isFar ? 1 : steps(min(now - $0, limit)) + 1 } ?? 0)
    }

    private mutating func add(left until: Duration?, _ now: Duration) {
        parts.append(until.map { steps($0 - now) } ?? 0)
    }

    private func steps(_ time: Duration) -> UInt8 {
        UInt8(max(0, min(time.components.seconds / 60, PolicyWorld.stepsMax)))
    }

    private mutating func add(_ flags: Bool...) {
        var value: UInt8 = 0
        for flag in flags { value = value * 2 + (flag ? 1 : 0) }
        parts.append(value)
    }
}
