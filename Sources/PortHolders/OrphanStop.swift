/// Stops one orphan: SIGTERM, time to end, SIGKILL. It says what to do next from what is seen now;
/// a number that another process has got meanwhile is never signalled.
///
/// Whoever performs opens the handle on the process first and looks then: a process that is still
/// the same at that look is the one that the handle holds. Where the kernel has no such handle
/// (before 5.3) this look just before each signal is the guard.
public struct OrphanStop: Sendable {
    /// What is seen of the process's number at this moment.
    public struct Look: Sendable {
        /// Who has the number; nil where nobody has, or the process has ended.
        public var process: PortProcess?
        /// Whether it has a socket of the port open.
        public var holdsPort: Bool

        /// A look from its parts.
        public init(_ process: PortProcess?, holdsPort: Bool) {
            self.process = process
            self.holdsPort = holdsPort
        }
    }

    /// What to do next.
    public enum Action: Sendable, Equatable {
        /// Send SIGTERM.
        case terminate
        /// Send SIGKILL.
        case kill
        /// Look again in a moment.
        case wait
        /// The orphan is gone, or no longer in the way.
        case ended
        /// It does not even end on SIGKILL.
        case givenUp
    }

    private enum Stage {
        case begun
        case terminated(until: Duration)
        case killed(until: Duration)
    }

    private let orphan: PortProcess
    private let judge: HolderJudge
    private let patience: Duration
    private var stage = Stage.begun

    /// For a process that has been judged an orphan.
    ///
    /// - Parameter patience: how long it has to end after each signal.
    public init(_ orphan: PortProcess, judge: HolderJudge, patience: Duration) {
        self.orphan = orphan
        self.judge = judge
        self.patience = patience
    }

    /// What to do, from a look just taken.
    ///
    /// - Parameter now: monotonic time.
    public mutating func next(_ look: Look, now: Duration) -> Action {
        guard isSame(look.process) else { return .ended }
        switch stage {
        case .begun:
            guard look.holdsPort else { return .ended }
            stage = .terminated(until: now + patience)
            return .terminate
        case .terminated(let until):
            guard now >= until else { return .wait }
            // Without the port it is in nobody's way, and may end as slowly as it likes.
            guard look.holdsPort else { return .ended }
            stage = .killed(until: now + patience)
            return .kill
        case .killed(let until): return now >= until ? .givenUp : .wait
        }
    }

    /// Whether that very process still lives, as the same program in the same place.
    private func isSame(_ now: PortProcess?) -> Bool {
        guard let now else { return false }
        return now.pid == orphan.pid && now.startTicks == orphan.startTicks
            && judge.verdict(now) == judge.verdict(orphan)
    }
}
