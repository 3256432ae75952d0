/// When the generator is started and stopped. A pure machine: what is seen goes in, what is to be
/// done comes out, time is an argument.
///
/// Times are measured from the boot of the machine on a clock that never jumps
/// (`CLOCK_BOOTTIME`). Unknown starts nothing: neither a battery whose readings cannot be believed
/// nor a generator whose state is not known.
public struct ChargePolicy: Sendable {
    /// What the operators' tools call the state.
    public enum State: Sendable, Hashable, CaseIterable {
        /// The generator stands, as far as this policy wants.
        case idle
        /// A start is under way.
        case starting
        /// It runs.
        case running
        /// It is being stopped; never left before it is seen standing.
        case stopping
        /// A start failed, and the next one waits.
        case errorRecovery
        /// Too many starts failed: an operator is wanted.
        case error
    }

    enum Phase: Equatable {
        case idle
        case starting(Start)
        case running(Run)
        case stopping(Stop)
        case recovering(until: Duration)
        case error
    }

    /// A start under way.
    struct Start: Equatable {
        var reason: RunReason
        var since: Duration
        /// The server has answered, or the connection broke: what is seen from now on is the truth.
        var isAnswered = false
    }

    /// A run.
    struct Run: Equatable {
        var reason: RunReason
        /// When it began, as far as is known; before the boot where it is older than that.
        var since: Duration
        /// The state of charge had not been reached when it was found: it stops the run.
        var stopsAtSoc: Bool
        /// Since when the battery is not known.
        var blindSince: Duration?
        /// Since when there has been a reason to stop.
        var stopHeldSince: Duration?
    }

    /// A stop under way.
    struct Stop: Equatable {
        var reason: StopReason
        var since: Duration
        /// When STOP was said last; nil where that is still to be done.
        var askedAt: Duration?
        /// STOP has been said, and is not answered yet.
        var isPending = false
        /// It did not get through, as far as is known.
        var isLost = false
        /// The server was seen cooling down.
        var wasSeenStopping = false
        /// How long the engine ran; nil where it was still being started.
        var run: Duration?
        /// The start that is being undone has failed.
        var isFailedStart = false
    }

    /// What is to run when.
    public let settings: ChargeSettings
    /// What is being done, and why.
    public internal(set) var decision = Decision.undecided
    /// What an operator should know now.
    public internal(set) var alarms: [Alarm] = []
    /// Starts that failed since the last good run.
    public internal(set) var failures = 0

    var phase = Phase.idle
    var judge: ReadingJudge
    var charging = ChargingJudge()
    var view: GeneratorView?
    var viewLostSince: Duration?
    /// The latest time without a view that has ended.
    var lastLoss: (length: Duration, until: Duration)?
    var untrustedSince: Duration?
    var wishes = ManualWishes()
    var minuteOfDay: Int?
    var startHeld: (reason: RunReason, since: Duration, readings: Int)?
    var pausedUntil: Duration?
    var restUntil: Duration?
    /// The wish for a manual run has been fulfilled, or given up: it counts when given anew.
    var wishIsSpent = false
    /// When the engine last ran as long as an exercise; before the boot where it is older.
    var exercisedAt: Duration
    /// No start before that, because one failed.
    var retryAt: Duration?
    /// When the START was said that has not been answered yet, whatever came after it.
    var startAskedAt: Duration?
    var actions: [Action] = []

    /// A policy that remembers what the process before it knew.
    ///
    /// - Parameters:
    ///   - memory: what that process left; nil where there was none.
    ///   - now: time since boot.
    public init(_ settings: ChargeSettings, remembering memory: Memory? = nil, at now: Duration) {
        self.settings = settings
        judge = ReadingJudge(settings.battery)
        exercisedAt = now
        if let memory { restore(memory, at: now) }
    }

    /// What happens.
    public enum Event: Sendable, Equatable {
        /// The inverter was read.
        case reading(BatteryReading)
        /// The generator server said how it is; nil where it cannot be asked.
        case view(GeneratorView?)
        /// START was answered.
        case startAnswered(CommandAnswer)
        /// STOP was answered.
        case stopAnswered(CommandAnswer)
        /// What the operators' files say now.
        case wishes(ManualWishes)
        /// The wall clock's minute of the day, 0 to 1439; nil where it is not set.
        case minuteOfDay(Int?)
        /// Time has passed.
        case tick
    }

    /// What is to be done.
    public enum Action: Sendable, Equatable {
        /// Say RESET to the server.
        case reset
        /// Say START to the server.
        case start
        /// Say STOP to the server.
        case stop
        /// Remove the file that asked for a stop: it has been acted upon.
        case consumeForceStop
        /// Tell the operators.
        case raised(Alarm)
        /// Tell the operators that it is over.
        case cleared(Alarm)
    }

    /// Takes what happens; what is to be done, in this order.
    public mutating func handle(_ event: Event, at now: Duration) -> [Action] {
        actions = []
        switch event {
        case .reading(let reading): take(reading, at: now)
        case .view(let seen): take(seen, at: now)
        case .startAnswered(let answer): startAnswered(answer, at: now)
        case .stopAnswered(let answer): stopAnswered(answer, at: now)
        case .wishes(let wishes): take(wishes)
        case .minuteOfDay(let minute): minuteOfDay = minute
        case .tick: break
        }
        obeyForceStop(at: now)
        decide(at: now)
        watch(at: now)
        return actions
    }

    /// The state, in the operators' words.
    public var state: State {
        switch phase {
        case .idle: .idle
        case .starting: .starting
        case .running: .running
        case .stopping: .stopping
        case .recovering: .errorRecovery
        case .error: .error
        }
    }

    /// Whether the battery's readings can be believed now.
    public func trust(at now: Duration) -> Trust { judge.trust(at: now) }

    /// Whether the generator charges the battery.
    public var chargingVerdict: ChargingVerdict { charging.verdict }

    /// Why the generator runs; nil where it does not run, or is not meant to.
    public var runReason: RunReason? {
        switch phase {
        case .starting(let start): start.reason
        case .running(let run): run.reason
        case .idle, .stopping, .recovering, .error: nil
        }
    }

    /// For how long this run lasts already; nil where there is none.
    public func runTime(at now: Duration) -> Duration? {
        if case .running(let run) = phase { return now - run.since }
        return nil
    }

    /// Whether an operator's wish for a run counts.
    public var manualWish: Bool { wishes.forceCharge && !wishIsSpent }

    /// Whether this run is to be vouched for at the server.
    public var wantsLease: Bool { state == .starting || state == .running }

    /// Ends the run because the monitor ends. What is to be done.
    public mutating func stopForShutdown(at now: Duration) -> [Action] {
        actions = []
        switch phase {
        case .starting, .running: stop(.shutdown, at: now)
        case .idle, .stopping, .recovering, .error: break
        }
        return actions
    }
}

// What changes the phase.
extension ChargePolicy {
    mutating func begin(_ reason: RunReason, at now: Duration) {
        if view?.activity == .failed { actions.append(.reset) }
        actions.append(.start)
        startAskedAt = now
        startHeld = nil
        phase = .starting(Start(reason: reason, since: now))
    }

    mutating func stop(_ reason: StopReason, at now: Duration, failedStart: Bool = false) {
        let run: Duration?
        if case .running(let ended) = phase { run = now - ended.since } else { run = nil }
        actions.append(.stop)
        phase = .stopping(
            Stop(
                reason: reason, since: now, askedAt: now, isPending: true, run: run,
                isFailedStart: failedStart))
    }

    /// The start, or the run, came to nothing.
    mutating func failed(at now: Duration) {
        failures = min(failures + 1, settings.failuresMax)
        startHeld = nil
        // The operator's file is still there: it is tried again after the wait, as any other start.
        retryAt = now + settings.failureWait
        phase = phaseAtRest(at: now)
        raise(.startFailed)
        if phase == .error { raise(.startsExhausted) }
    }

    /// The engine stands after a run.
    mutating func finish(_ run: Duration?, at now: Duration) {
        restUntil = now + settings.rest
        startHeld = nil
        if let run, run >= settings.runMin {
            failures = 0
            retryAt = nil
        }
        phase = phaseAtRest(at: now)
        guard let run else { return }
        if let every = settings.exerciseEvery, run >= min(settings.exerciseRun, every) {
            exercisedAt = now
        }
    }

    /// Where a policy is whose generator stands: what failed before still counts.
    func phaseAtRest(at now: Duration) -> Phase {
        if failures >= settings.failuresMax { return .error }
        if let retryAt, now < retryAt { return .recovering(until: retryAt) }
        return .idle
    }

    mutating func raise(_ alarm: Alarm) {
        guard !alarms.contains(alarm) else { return }
        alarms.append(alarm)
        actions.append(.raised(alarm))
    }

    mutating func clear(_ alarm: Alarm) {
        guard let index = alarms.firstIndex(of: alarm) else { return }
        alarms.remove(at: index)
        actions.append(.cleared(alarm))
    }
}
