/// The generator controller: events in, actions out, time as an argument. It reads no clock and
/// touches nothing.
///
/// Unknown inputs never energise a relay. A stop wins over everything. A relay write that failed
/// is repeated until the board takes it.
public struct GeneratorMachine: Sendable {
    /// How long its phases last.
    public let timings: Timings
    let limits: Limits
    /// Where it is.
    public internal(set) var state: GeneratorState
    /// Since when it is there.
    public internal(set) var stateSince: Instant
    /// The latest thing that went wrong; a successful start or a reset clears it.
    public internal(set) var lastProblem: Problem?
    /// Why no start is allowed before a reset; nil where starts are allowed.
    public internal(set) var latched: Problem?
    /// The hold, while there is one.
    public internal(set) var hold: Hold?
    /// Until when somebody vouches for this run; nil where nobody does.
    public internal(set) var leaseUntil: Instant?
    /// When the starter was used last, as far as is known.
    public internal(set) var crankEnded: Instant?
    /// What the engine has done, this run included.
    public internal(set) var counters: ServiceCounters
    /// The engine has carried load since it was started.
    public internal(set) var wasLoaded = false

    var relays: RelayLatch
    var inputs: InputHistory
    var actions: [Action] = []
    var pendingStart: Requester?
    var waiters: [Waiter] = []
    /// Since when this run counts; nil where there is none.
    var runSince: Instant?
    /// The engine that is to be taken over.
    var adopted: Inheritance.RunningEngine?
    /// Since when the engine cools down: the board has taken the charger off.
    var coolingSince: Instant?
    /// The cooldown that went before, for the answer to a stop.
    var cooldownDone: Duration?
    var isShuttingDown = false
    private var runningReadingAt: Instant?
    /// The starter was energised, and the board has not taken its release yet.
    private(set) var starterMayTurn = false

    /// A client that is told once the relays are as wanted.
    struct Waiter: Sendable, Hashable {
        var requester: Requester
        /// What it asked for; nil for a STOP.
        var relays: RelaySet?
    }

    /// A machine that knows nothing of its relays yet: its first event makes it write them off,
    /// unless an engine is to be taken over.
    public init(
        timings: Timings = Timings(), inheriting inheritance: Inheritance = Inheritance(),
        at now: Instant
    ) {
        self.init(timings: timings, limits: Limits(), inheriting: inheritance, at: now)
    }

    init(timings: Timings, limits: Limits, inheriting inheritance: Inheritance, at now: Instant) {
        self.timings = timings
        self.limits = limits
        state = inheritance.engine == nil ? .stopping : .adopting
        stateSince = now
        relays = RelayLatch(limits, at: now)
        inputs = InputHistory(limits)
        hold = inheritance.hold
        latched = inheritance.latched
        lastProblem = inheritance.latched
        crankEnded = inheritance.crankEnded
        counters = inheritance.counters
        adopted = inheritance.engine
        if let adopted {
            runSince = now - adopted.runTime
            wasLoaded = adopted.wasLoaded
        }
        // Another process may have died in the middle of it.
        if let crankEnded, now - crankEnded <= timings.crank + timings.glowCrank {
            starterMayTurn = true
        }
    }

    /// Takes one event and says what is to be done.
    public mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        actions = []
        switch event {
        case .start(let answer, let requester): start(answer, by: requester, at: now)
        case .stop(let kind, let requester): stop(kind, by: requester, at: now)
        case .setRelays(let wanted, let requester): setRelays(wanted, by: requester, at: now)
        case .hold(let hold, let requester): take(hold, by: requester, at: now)
        case .release(let owner, let requester): release(owner, by: requester, at: now)
        case .lease(let time, let requester): lease(time, by: requester, at: now)
        case .reset(let requester): reset(by: requester, at: now)
        case .gone(let requester):
            if pendingStart == requester { pendingStart = nil }
            waiters.removeAll { $0.requester == requester }
        case .inputs(let reading): record(reading, at: now)
        case .relayWrite(let written, let result):
            if let note = relays.record(written, result, at: now) { actions.append(.log(note)) }
            if relays.failures > 0 { lastProblem = .relayWriteFailed }
            noteStarter(at: now)
        case .tick: break
        case .shutdown: shutDown(at: now)
        }
        advance(at: now)
        // What is to be taken over is not touched before it has been looked at.
        if state != .adopting, let due = relays.dueWrite(at: now) {
            actions.insert(.writeRelays(due), at: 0)
        }
        return actions
    }

    /// When the starter was released; noted now and then also while the board refuses the release,
    /// for the process after this one.
    private mutating func noteStarter(at now: Instant) {
        guard starterMayTurn else { return }
        starterMayTurn = relays.possible.contains(.start)
        if let crankEnded, starterMayTurn, now - crankEnded < timings.crank { return }
        crankEnded = now
    }

    private mutating func record(_ reading: InputReading, at now: Instant) {
        inputs.record(reading, at: now)
        guard case .valid(let seen) = reading, seen.contains(.engineRunning) else {
            runningReadingAt = nil
            return
        }
        if let before = runningReadingAt {
            counters.runTime += min(now - before, limits.readingAge)
        }
        runningReadingAt = now
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
        // A reading that waits for its equal, as the first one does, waits no second.
        case .off, .failed, .held: inputs.lacksPair ? .milliseconds(100) : .seconds(1)
        case .preparing, .ignition, .cranking, .glowCranking, .verifying, .warmingUp, .stabilising,
            .charging, .runningWithoutCharger, .coolingDown, .stopping, .adopting, .manual:
            .milliseconds(100)
        }
    }

    /// How long this run has lasted; nil where there is none.
    public func runTime(at now: Instant) -> Duration? { runSince.map { now - $0 } }

    /// When the present phase ends by itself; nil where it has no end of its own.
    var phaseEnd: Instant? {
        switch state {
        case .preparing: stateSince + timings.reset
        case .ignition: stateSince + timings.ignition
        case .cranking: stateSince + timings.crank
        case .glowCranking: stateSince + timings.glowCrank
        case .verifying: stateSince + timings.coast
        case .warmingUp: stateSince + timings.warmUp
        case .stabilising: stateSince + timings.stabilise
        case .charging, .runningWithoutCharger: leaseUntil ?? runSince.map { $0 + timings.runMax }
        case .coolingDown: coolingSince.map { $0 + timings.cooldown }
        case .held: hold?.until
        case .off, .stopping, .failed, .adopting, .manual: nil
        }
    }

    /// How long the present phase still lasts by itself; nil where it has no end of its own.
    public func phaseLeft(at now: Instant) -> Duration? {
        // A cooldown that waits for the charger's release has all of its time before it.
        if state == .coolingDown { return timings.cooldown - cooled(at: now) }
        return phaseEnd.map { $0 - now }
    }

    /// When something happens by itself, apart from readings; nil where nothing does.
    public var nextDeadline: Instant? {
        var next = phaseEnd
        for other in [leaseUntil, state == .adopting ? nil : relays.retryAt] {
            if let other { next = next.map { min($0, other) } ?? other }
        }
        return next
    }

    /// What the next process may take over of this engine; nil where there is nothing.
    public func runningEngine(at now: Instant) -> Inheritance.RunningEngine? {
        let phase: Inheritance.RunningEngine.Phase
        switch state {
        case .charging: phase = .charging
        case .runningWithoutCharger: phase = .runningWithoutCharger
        case .coolingDown: phase = .coolingDown
        case .off, .preparing, .ignition, .cranking, .glowCranking, .verifying, .warmingUp,
            .stabilising, .stopping, .failed, .held, .adopting, .manual:
            return nil
        }
        guard relays.isSettled, !isShuttingDown else { return nil }
        return Inheritance.RunningEngine(
            phase: phase, runTime: runTime(at: now) ?? .zero, wasLoaded: wasLoaded)
    }
}

// What the commands and the phases use.
extension GeneratorMachine {
    /// Where a machine stands that has nothing to do.
    var resting: GeneratorState {
        if hold != nil { return .held }
        return latched == nil ? .off : .failed
    }

    mutating func enter(_ next: GeneratorState, _ wanted: RelaySet, at now: Instant) {
        if next != state { actions.append(.log(.state(from: state, to: next))) }
        if next == .cranking {
            starterMayTurn = true
            crankEnded = now
        }
        if next == .charging { wasLoaded = true }
        state = next
        stateSince = now
        relays.want(wanted, at: now)
    }

    mutating func coolDown(at now: Instant) {
        cooldownDone = nil
        coolingSince = nil
        enter(.coolingDown, [.ignition], at: now)
    }

    /// How long the engine has cooled down.
    func cooled(at now: Instant) -> Duration { coolingSince.map { now - $0 } ?? .zero }

    /// Everything off, now.
    mutating func allOff(at now: Instant) {
        if state == .coolingDown { cooldownDone = min(cooled(at: now), timings.cooldown) }
        enter(.stopping, [], at: now)
    }

    /// Ends what is under way; the engine is off, or must be.
    mutating func fail(_ problem: Problem, _ outcome: Outcome? = nil, at now: Instant) {
        raise(problem)
        answerStart(outcome ?? .refused(problem))
        allOff(at: now)
    }

    /// The same, and no start before a reset.
    mutating func failUntilReset(_ problem: Problem, _ outcome: Outcome? = nil, at now: Instant) {
        latched = problem
        fail(problem, outcome, at: now)
    }

    mutating func raise(_ problem: Problem) {
        lastProblem = problem
        actions.append(.log(.problem(problem)))
    }

    /// The board has taken everything off.
    mutating func finishStopping(at now: Instant) {
        let cooldown = cooldownDone
        answerWaiters(.stopped(cooldown: cooldown))
        wasLoaded = false
        cooldownDone = nil
        runSince = nil
        enter(resting, [], at: now)
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
