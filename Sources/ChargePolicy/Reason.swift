/// Why the generator runs.
public enum RunReason: Sendable, Equatable {
    /// The state of charge was so low, in percent.
    case soc(Int, below: Int)
    /// The battery's voltage was so low.
    case voltage(millivolts: Int, below: Int)
    /// An operator wants it.
    case manual
    /// The engine is exercised.
    case exercise
    /// It was found running.
    case found

    /// For people.
    public var text: String {
        switch self {
        case .soc(let soc, let limit): "state of charge \(soc) % below \(limit) %"
        case .voltage(let millivolts, let limit):
            "battery " + Text.volts(millivolts) + " below " + Text.volts(limit)
        case .manual: "manual run"
        case .exercise: "exercise run"
        case .found: "found running"
        }
    }
}

/// Why a run ends, or ended.
public enum StopReason: Sendable, Equatable {
    /// The state of charge is reached, in percent.
    case soc(Int, reached: Int)
    /// The voltage is reached.
    case voltage(millivolts: Int, reached: Int)
    /// The longest run is over.
    case runMax(Duration)
    /// The battery's state has not been known for so long.
    case blind(Duration)
    /// The operator's wish for a manual run is gone.
    case manualOver
    /// An operator wants it stopped.
    case forceStop
    /// The exercise is over.
    case exerciseOver
    /// Somebody else stopped it at the server.
    case byOthers
    /// The start took longer than it may.
    case startTooLong
    /// The monitor ends, and was told to stop the generator then.
    case shutdown

    /// For people.
    public var text: String {
        switch self {
        case .soc(let soc, let limit): "state of charge \(soc) % has reached \(limit) %"
        case .voltage(let millivolts, let limit):
            "battery " + Text.volts(millivolts) + " has reached " + Text.volts(limit)
        case .runMax(let time): "it has run for " + Text.time(time) + ", the longest run"
        case .blind(let time): "battery unknown for " + Text.time(time)
        case .manualOver: "the manual run is over"
        case .forceStop: "stopped by force-stop"
        case .exerciseOver: "the exercise is over"
        case .byOthers: "stopped at the server by somebody else"
        case .startTooLong: "the start took too long"
        case .shutdown: "the monitor ends"
        }
    }
}

/// Why nothing is done at this moment.
public enum WaitReason: Sendable, Equatable {
    /// The battery needs nothing: its charge in percent.
    case enough(soc: Int)
    /// A reason to start lasts for so long of the time that it must.
    case holding(RunReason, Duration, of: Duration)
    /// The readings cannot be believed.
    case untrusted(Trust)
    /// The generator's state is not known.
    case generatorUnknown
    /// The generator is not free: what it is about.
    case generatorBusy(GeneratorView.Activity)
    /// It is a quiet hour.
    case quietHours(soc: Int)
    /// An operator stopped a run; no start for so long.
    case paused(Duration)
    /// The engine rests after a run for so long.
    case resting(Duration)
    /// A start failed; the next try is so far away.
    case afterFailure(Duration, failures: Int)
    /// Too many starts failed.
    case error(failures: Int)
    /// The manual run has lasted as long as a run may; the wish must be given anew.
    case wishSpent

    /// For people.
    public var text: String {
        switch self {
        case .enough(let soc): "state of charge \(soc) % is enough"
        case .holding(let reason, let time, let all):
            reason.text + " for " + Text.time(time) + " of " + Text.time(all)
        case .untrusted(let trust): "no start: " + trust.text
        case .generatorUnknown: "no start: the generator's state is unknown"
        case .generatorBusy(let activity): "no start: the generator " + activity.text
        case .quietHours(let soc): "no start at \(soc) %: quiet hours"
        case .paused(let time): "no start for " + Text.time(time) + ": stopped by an operator"
        case .resting(let time): "no start for " + Text.time(time) + ": rest after a run"
        case .afterFailure(let time, let failures):
            "failed start \(failures): next try in " + Text.time(time)
        case .error(let failures):
            "no start after \(failures) failures: wants an operator"
        case .wishSpent: "the manual run was as long as a run may be: give the wish anew"
        }
    }
}

/// What the policy is doing, and why.
public enum Decision: Sendable, Equatable {
    /// Nothing has been judged yet.
    case undecided
    /// The generator stands, and stays so.
    case wait(WaitReason)
    /// It is being started.
    case start(RunReason)
    /// It runs.
    case run(RunReason)
    /// It is being stopped.
    case stop(StopReason)

    /// For people, and for logs, STATUS and reports.
    public var text: String {
        switch self {
        case .undecided: "nothing judged yet"
        case .wait(let reason): reason.text
        case .start(let reason): "starting: " + reason.text
        case .run(let reason): "running: " + reason.text
        case .stop(let reason): "stopping: " + reason.text
        }
    }
}

extension Trust {
    /// For people.
    public var text: String {
        switch self {
        case .good: "battery readings are good"
        case .unknown: "state of charge unknown"
        case .stale(let age): "last battery reading is " + Text.time(age) + " old"
        case .frozen(let time): "inverter registers frozen for " + Text.time(time)
        case .jumped(let before, let after): "state of charge jumped from \(before) to \(after) %"
        case .contradicted(let soc, let millivolts):
            "state of charge \(soc) % contradicts " + Text.volts(millivolts)
        }
    }
}

extension GeneratorView.Activity {
    /// For people, after `the generator`.
    public var text: String {
        switch self {
        case .idle: "stands"
        case .starting: "is starting"
        case .charging: "runs and charges"
        case .unloaded: "runs with its charger open"
        case .stopping: "is stopping"
        case .failed: "has failed"
        case .held: "is held"
        case .manual: "is in somebody's hands"
        case .unclear: "is in an unclear state"
        }
    }
}

/// Small texts for people.
enum Text {
    /// `51.2 V`.
    static func volts(_ millivolts: Int) -> String {
        let tenths = (millivolts + 50) / 100
        return "\(tenths / 10).\(tenths % 10) V"
    }

    /// `45 s`, `12 min`, `3 h 20 min`.
    static func time(_ time: Duration) -> String {
        let seconds = max(0, time.components.seconds)
        if seconds < 120 { return "\(seconds) s" }
        if seconds < 7_200 { return "\(seconds / 60) min" }
        return "\(seconds / 3_600) h \(seconds / 60 % 60) min"
    }
}
