import ChargePolicy

/// Looks over a policy's shoulder: what must hold of every single step, whatever happens. It knows
/// only what went in and what came out, and keeps its own books of it.
///
/// - START only on a generator that has been seen at rest since the last answer, by RESET first if
///   and only if it had failed; on good readings unless an operator asked; never while another
///   START is under way; never more than `failuresMax` in a row that fail, and never within
///   `failureWait` of one that did, unless an operator gave a new wish; and within `rest` of a
///   run's end only if an operator asked.
/// - `stopping` ends only with a generator seen at rest, or called back at a server that names its
///   states; a STOP that is under way is not repeated, and one that was taken not before
///   `stopRetry`.
/// - No state outlasts its time: starting `startMax`, running `runMax`, recovering `failureWait`.
/// - A run that nobody ordered here is taken over only on a fresh view.
/// - A lease is wanted in starting and running, and in no other state.
/// - An answer is never followed by the same command in the same step.
/// - Alarms are raised and cleared in turn; every decision has its words.
struct RuleKeeper {
    /// The first rule that was broken.
    var broken: String?
    /// Starts that the policy ordered.
    var starts = 0
    /// Starts and runs that came to nothing.
    var failures = 0
    /// What the server said last, and whether that was after the latest answer.
    var seen: GeneratorView?
    var isFresh = false
    var failedInRow = 0
    var failedAt: Duration?
    var startAsked: Duration?
    var stopAsked: Duration?
    /// When the latest STOP that the server took was said; nil where it must be said again.
    var stopTaken: Duration?
    /// When the engine came to rest after a run, or after a stop.
    var restedAt: Duration?
    /// Since when the state is what it is.
    var stateSince: Duration
    var isWished = false
    var lastSoc: Int?
    var lastReadingAt: Duration?

    init(at now: Duration) { stateSince = now }

    /// Another process goes on, with that on its mind.
    mutating func restarted(_ memory: Memory, at now: Duration) {
        seen = nil
        isFresh = false
        startAsked = nil
        stopAsked = nil
        stopTaken = nil
        lastSoc = nil
        lastReadingAt = nil
        stateSince = now
        isWished = memory.forceCharge
    }

    /// The machine's clock begins anew; its times move by so much.
    mutating func rebooted(_ shift: Duration) {
        failedAt = failedAt.map { $0 + shift }
        restedAt = restedAt.map { $0 + shift }
    }

    /// Hands an event to the policy and judges the step.
    mutating func handle(
        _ event: ChargePolicy.Event, by policy: inout ChargePolicy, at now: Duration
    ) -> [ChargePolicy.Action] {
        let before = Before(policy)
        let command = awaited(event)
        note(event, at: now)
        let actions = policy.handle(event, at: now)
        if policy.state != before.state { stateSince = now }
        noteRest(policy, before, at: now)
        judgeCommands(actions, policy, before, at: now)
        judgeState(policy, before, actions, at: now)
        judgeAlarms(actions, before, policy)
        // Whoever answers at once would be asked for ever.
        if let command, actions.contains(command) { complain("\(event) is followed by \(actions)") }
        if case .wishes(let wishes) = event, wishes.forceStop {
            if !actions.contains(.consumeForceStop) { complain("force-stop was not consumed") }
        } else if actions.contains(.consumeForceStop) {
            complain("a force-stop was consumed that nobody gave")
        }
        return actions
    }

    struct Before {
        var state: ChargePolicy.State
        var alarms: [Alarm]
        var failures: Int

        init(_ policy: ChargePolicy) {
            state = policy.state
            alarms = policy.alarms
            failures = policy.failures
        }
    }

    mutating func complain(_ text: String) { broken = broken ?? text }

    /// An operator wants it tried again.
    mutating func forgive() {
        failedInRow = 0
        failedAt = nil
    }
}

// What goes in.
extension RuleKeeper {
    private mutating func note(_ event: ChargePolicy.Event, at now: Duration) {
        switch event {
        case .view(let view):
            seen = view
            isFresh = true
        case .startAnswered:
            if startAsked != nil { isFresh = false }
            startAsked = nil
        case .stopAnswered(let answer):
            if stopAsked != nil {
                isFresh = false
                stopTaken = answer == .lost || answer == .notSent ? nil : stopAsked
            }
            stopAsked = nil
        case .wishes(let wishes):
            if wishes.forceCharge, !isWished { forgive() }
            isWished = wishes.forceCharge
        case .reading(let reading):
            lastSoc = reading.soc
            lastReadingAt = now
        case .minuteOfDay, .tick: break
        }
    }

    private mutating func noteRest(_ policy: ChargePolicy, _ before: Before, at now: Duration) {
        guard before.state == .running || before.state == .stopping else { return }
        let isOver = policy.state != .running && policy.state != .stopping
        if isOver { restedAt = now }
    }

    /// The command that this answers.
    private func awaited(_ event: ChargePolicy.Event) -> ChargePolicy.Action? {
        switch event {
        case .startAnswered: startAsked == nil ? nil : .start
        case .stopAnswered: stopAsked == nil ? nil : .stop
        case .reading, .view, .wishes, .minuteOfDay, .tick: nil
        }
    }

    var isSeenAtRest: Bool {
        guard isFresh, let seen else { return false }
        return [.idle, .failed, .held].contains(seen.activity)
    }

    var isSeenRunning: Bool {
        guard isFresh, let seen else { return false }
        return [.starting, .charging, .unloaded].contains(seen.activity)
    }
}
