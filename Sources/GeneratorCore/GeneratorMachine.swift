/// The generator controller: events in, actions out, time as an argument. It reads no clock and
/// touches nothing.
///
/// Unknown inputs never energise a relay. A stop wins over everything. A relay write that failed
/// is repeated until the board takes it.
public struct GeneratorMachine: Sendable {
    /// How long its phases last.
    public let timings: Timings
    /// Where it is.
    public private(set) var state: GeneratorState = .stopping
    /// Since when it is there.
    public private(set) var stateSince: Instant
    /// The latest thing that went wrong; a successful start clears it.
    public private(set) var lastProblem: Problem?

    var relays: RelayLatch
    var inputs = InputHistory()
    var actions: [Action] = []
    var pendingStart: Requester?
    private var waiters: [Waiter] = []
    /// Where ``GeneratorState/stopping`` leads to.
    private var afterStopping: GeneratorState = .off
    /// The cooldown that went before, for the answer to a stop.
    private var cooldownDone: Duration?
    /// The engine has carried load since it was started.
    private var wasLoaded = false
    private var isShuttingDown = false

    /// A client that is told once the relays are as wanted.
    private struct Waiter: Sendable {
        var requester: Requester
        /// What it asked for; nil for a STOP.
        var relays: RelaySet?
    }

    /// A machine that knows nothing of its relays yet: its first event makes it write them off.
    public init(timings: Timings = Timings(), at now: Instant) {
        self.timings = timings
        stateSince = now
        relays = RelayLatch(at: now)
    }

    /// Takes one event and says what is to be done.
    public mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        actions = []
        switch event {
        case .start(let requester): start(by: requester, at: now)
        case .stop(let requester): stop(by: requester, at: now)
        case .setRelays(let wanted, let requester): setRelays(wanted, by: requester, at: now)
        case .gone(let requester):
            if pendingStart == requester { pendingStart = nil }
            waiters.removeAll { $0.requester == requester }
        case .inputs(let reading): inputs.record(reading, at: now)
        case .relayWrite(let written, let result):
            if let note = relays.record(written, result, at: now) { actions.append(.log(note)) }
            if relays.failures > 0 { lastProblem = .relayWriteFailed }
        case .tick: break
        case .shutdown: shutDown(at: now)
        }
        advance(at: now)
        if let due = relays.dueWrite(at: now) { actions.insert(.writeRelays(due), at: 0) }
        return actions
    }
}

// What others may see.
extension GeneratorMachine {
    /// The relays as acknowledged by the board; nil where a write failed and nothing is known.
    public var confirmedRelays: RelaySet? { relays.confirmed }

    /// Every relay that may be energised now, known or not.
    public var possibleRelays: RelaySet { relays.possible }

    /// Relays off and acknowledged.
    public var isSafe: Bool { relays.confirmed == [] && relays.wanted == [] }

    /// The inputs as last read.
    public func currentInputs(at now: Instant) -> InputReading { inputs.current(at: now) }

    /// How often the inputs should be read in this state.
    public var inputsInterval: Duration {
        switch state {
        case .off, .failed: .seconds(1)
        case .preparing, .ignition, .cranking, .glowCranking, .verifying, .warmingUp, .stabilising,
            .charging, .coolingDown, .stopping, .manual:
            .milliseconds(100)
        }
    }

    /// When something happens by itself, apart from readings; nil where nothing does.
    public var nextDeadline: Instant? {
        let phaseEnd = phaseDuration.map { stateSince + $0 }
        guard let retry = relays.retryAt else { return phaseEnd }
        return phaseEnd.map { min($0, retry) } ?? retry
    }

    /// How long the present phase lasts by itself; nil where it has no end of its own.
    public var phaseDuration: Duration? {
        switch state {
        case .preparing: timings.reset
        case .ignition: timings.ignition
        case .cranking: timings.crank
        case .glowCranking: timings.glowCrank
        case .verifying: timings.coast
        case .warmingUp: timings.warmUp
        case .stabilising: timings.stabilise
        case .charging: timings.runMax
        case .coolingDown: timings.cooldown
        case .off, .stopping, .failed, .manual: nil
        }
    }
}

// Commands.
extension GeneratorMachine {
    private mutating func start(by requester: Requester, at now: Instant) {
        guard !isShuttingDown else { return reply(requester, .refused(.shuttingDown)) }
        switch state {
        case .preparing, .ignition, .cranking, .glowCranking, .verifying, .warmingUp, .stabilising:
            reply(requester, .startInProgress)
        case .charging:
            reply(requester, pendingStart == nil ? .alreadyRunning : .startInProgress)
        case .coolingDown:
            // A warm engine that is seen running needs no second start.
            guard inputs.settled(since: stateSince, at: now)?.showRunningEngine == true else {
                return reply(requester, .refused(.engineNotSeen))
            }
            answerWaiters(.refused(.cancelledByStart))
            pendingStart = requester
            enter(.charging, [.ignition, .charger], at: now)
        case .stopping: reply(requester, .refused(.relayWriteFailed))
        case .off, .failed, .manual:
            let seen = inputs.settled(since: now - Limits.readingAge, at: now)
            if let seen, seen.contains(.engineRunning) {
                return reply(requester, .alreadyRunning)
            }
            // Preparing takes the ignition away: not from an engine that may be running.
            if state == .manual, seen == nil { return reply(requester, .refused(.inputsUnknown)) }
            answerWaiters(.refused(.cancelledByStart))
            pendingStart = requester
            enter(.preparing, [], at: now)
        }
    }

    private mutating func stop(by requester: Requester, at now: Instant) {
        if state == .coolingDown {
            return reply(requester, .stopInProgress(left: timings.cooldown - (now - stateSince)))
        }
        answerStart(.refused(.cancelledByStop))
        switch state {
        case .charging: coolDown(at: now)
        case .manual where wasLoaded && !inputs.engineLost(at: now): coolDown(at: now)
        case .off, .failed, .manual, .preparing, .ignition, .cranking, .glowCranking, .verifying,
            .warmingUp, .stabilising:
            allOff(then: .off, at: now)
            relays.rewrite(at: now)
        case .stopping: afterStopping = .off
        case .coolingDown: break
        }
        wait(Waiter(requester: requester))
    }

    private mutating func setRelays(
        _ wanted: RelaySet, by requester: Requester, at now: Instant
    ) {
        if wanted == [] {
            answerStart(.refused(.cancelledByRelay))
            allOff(then: .off, at: now)
            relays.rewrite(at: now)
        } else if let problem = objection(to: wanted, at: now) {
            return reply(requester, .refused(problem))
        } else if !wanted.contains(.charger) {
            answerWaiters(.refused(.cancelledByRelay))
            enter(.manual, wanted, at: now)
        } else if state != .charging {
            answerWaiters(.refused(.cancelledByRelay))
            enter(.charging, wanted, at: now)
        }
        wait(Waiter(requester: requester, relays: wanted))
    }

    private func objection(to wanted: RelaySet, at now: Instant) -> Problem? {
        if isShuttingDown { return .shuttingDown }
        if wanted.contains(.start) { return .starterByHand }
        let isBusy = state == .coolingDown || state == .stopping || pendingStart != nil
        if isBusy { return .sequenceUnderWay }
        if wanted.contains(.charger) {
            let warm = timings.warmUp + timings.stabilise
            guard wanted == [.ignition, .charger],
                let seen = inputs.engineSeen(at: now), seen >= warm,
                let settled = inputs.settled(since: now - Limits.readingAge, at: now),
                settled.showRunningEngine
            else { return .chargerByHand }
            return nil
        }
        return wasLoaded && !wanted.contains(.ignition) ? .engineLoaded : nil
    }

    private mutating func shutDown(at now: Instant) {
        isShuttingDown = true
        answerStart(.refused(.shuttingDown))
        answerWaiters(.refused(.shuttingDown))
        allOff(then: .off, at: now)
        relays.rewrite(at: now)
    }

    private mutating func wait(_ waiter: Waiter) {
        guard waiters.count < Limits.waiters else {
            return reply(waiter.requester, .refused(.tooManyWaiting))
        }
        waiters.append(waiter)
    }
}

// What the phases use.
extension GeneratorMachine {
    mutating func enter(_ next: GeneratorState, _ wanted: RelaySet, at now: Instant) {
        if next != state { actions.append(.log(.state(from: state, to: next))) }
        if next == .charging { wasLoaded = true }
        state = next
        stateSince = now
        relays.want(wanted, at: now)
    }

    mutating func coolDown(at now: Instant) {
        cooldownDone = nil
        enter(.coolingDown, [.ignition], at: now)
    }

    /// Everything off, now; what follows once the board has taken it is `next`.
    mutating func allOff(then next: GeneratorState, at now: Instant) {
        if state == .coolingDown { cooldownDone = min(now - stateSince, timings.cooldown) }
        afterStopping = next
        enter(.stopping, [], at: now)
    }

    mutating func fail(_ problem: Problem, _ outcome: Outcome? = nil, at now: Instant) {
        raise(problem)
        answerStart(outcome ?? .refused(problem))
        allOff(then: .failed, at: now)
    }

    mutating func raise(_ problem: Problem) {
        lastProblem = problem
        actions.append(.log(.problem(problem)))
    }

    mutating func clearProblem() { lastProblem = nil }

    /// The board has taken everything off.
    mutating func finishStopping(at now: Instant) {
        let cooldown = cooldownDone
        answerWaiters(.stopped(cooldown: cooldown))
        wasLoaded = false
        cooldownDone = nil
        enter(afterStopping, [], at: now)
    }

    mutating func reply(_ requester: Requester, _ outcome: Outcome) {
        actions.append(.reply(to: requester, outcome))
    }

    mutating func answerStart(_ outcome: Outcome) {
        guard let requester = pendingStart else { return }
        pendingStart = nil
        reply(requester, outcome)
    }

    /// Answers everyone who waits for relays; who asked for relays that are there now is told so.
    mutating func answerWaiters(_ outcome: Outcome) {
        for waiter in waiters {
            switch (waiter.relays, outcome) {
            case (let asked?, _) where asked == relays.confirmed:
                reply(waiter.requester, .relaysSet(asked))
            case (_?, .stopped): reply(waiter.requester, .refused(.cancelledByStop))
            default: reply(waiter.requester, outcome)
            }
        }
        waiters = []
    }

    /// Whether somebody waits for relays set by hand, or for a stop.
    var hasWaiters: Bool { !waiters.isEmpty }
}
