/// What a policy must know of the time before the process: why and since when the generator runs,
/// what failed, what waits. Times are lengths, so that they mean the same after a reboot.
public struct Memory: Sendable, Equatable {
    /// Where the policy was.
    public enum Phase: Sendable, Equatable {
        /// Nothing under way.
        case idle
        /// A start was under way.
        case starting(RunReason)
        /// The generator ran, for so long.
        case running(RunReason, Duration, stopsAtSoc: Bool)
        /// It was being stopped, after a run of so long.
        case stopping(StopReason, run: Duration?, isFailedStart: Bool)
        /// A start had failed, and the next one waited for so long.
        case recovering(Duration)
        /// Too many had failed.
        case error
    }

    /// Where the policy was.
    public var phase = Phase.idle
    /// Starts that failed in a row.
    public var failures = 0
    /// For how long still no start is allowed since an operator stopped a run.
    public var pause: Duration = .zero
    /// For how long still the engine rests.
    public var rest: Duration = .zero
    /// For how long still no start is allowed because one failed, whatever came after it.
    public var wait: Duration = .zero
    /// How long ago the engine was exercised.
    public var sinceExercise: Duration = .zero
    /// Whether an operator wanted a run.
    public var forceCharge = false
    /// Whether that wish has been spent.
    public var wishIsSpent = false

    /// Nothing to remember.
    public init() {}

    /// The same when `time` has passed since. After a reboot nobody knows how long the machine was
    /// without power; the time since boot is the least that has passed.
    public func aged(by time: Duration) -> Memory {
        var aged = self
        aged.pause = max(.zero, pause - time)
        aged.rest = max(.zero, rest - time)
        aged.wait = max(.zero, wait - time)
        aged.sinceExercise += time
        switch phase {
        case .running(let reason, let run, let stopsAtSoc):
            aged.phase = .running(reason, run + time, stopsAtSoc: stopsAtSoc)
        case .recovering(let left): aged.phase = .recovering(max(.zero, left - time))
        case .idle, .starting, .stopping, .error: break
        }
        return aged
    }
}

/// How the process leaves.
public enum Leave: Sendable {
    /// It goes on, or may be killed at any moment.
    case unexpected
    /// An operator ends or restarts it: that also ends ``ChargePolicy/State/error``.
    case orderly
}

extension ChargePolicy {
    /// What the next process must know.
    public func memory(at now: Duration, _ leave: Leave) -> Memory {
        var memory = Memory()
        memory.failures = failures
        memory.pause = pausedUntil.map { max(.zero, $0 - now) } ?? .zero
        memory.rest = restUntil.map { max(.zero, $0 - now) } ?? .zero
        memory.wait = retryAt.map { max(.zero, $0 - now) } ?? .zero
        memory.sinceExercise = now - exercisedAt
        memory.forceCharge = wishes.forceCharge
        memory.wishIsSpent = wishIsSpent
        switch phase {
        case .idle: memory.phase = .idle
        case .starting(let start): memory.phase = .starting(start.reason)
        case .running(let run):
            memory.phase = .running(run.reason, now - run.since, stopsAtSoc: run.stopsAtSoc)
        case .stopping(let stop):
            memory.phase = .stopping(
                stop.reason, run: stop.run, isFailedStart: stop.isFailedStart)
        case .recovering(let until): memory.phase = .recovering(max(.zero, until - now))
        case .error: memory.phase = .error
        }
        if leave == .orderly, memory.phase == .error {
            memory.phase = .idle
            memory.failures = 0
            memory.wait = .zero
        }
        return memory
    }

    mutating func restore(_ memory: Memory, at now: Duration) {
        failures = memory.failures
        pausedUntil = memory.pause > .zero ? now + memory.pause : nil
        restUntil = memory.rest > .zero ? now + memory.rest : nil
        retryAt = memory.wait > .zero ? now + memory.wait : nil
        exercisedAt = now - memory.sinceExercise
        wishes.forceCharge = memory.forceCharge
        wishIsSpent = memory.wishIsSpent
        // Nobody vouched for the run in the meantime: it may be stopping for that reason alone.
        lastLoss = (settings.server.lease, now)
        switch memory.phase {
        case .idle: phase = .idle
        // Whether START got through is seen at the server.
        case .starting(let reason):
            phase = .starting(Start(reason: reason, since: now, isAnswered: true))
        case .running(let reason, let run, let stopsAtSoc):
            phase = .running(Run(reason: reason, since: now - run, stopsAtSoc: stopsAtSoc))
        case .stopping(let reason, let run, let isFailedStart):
            phase = .stopping(
                Stop(reason: reason, since: now, run: run, isFailedStart: isFailedStart))
        case .recovering(let left):
            retryAt = now + left
            phase = .recovering(until: now + left)
        case .error: phase = .error
        }
    }
}
