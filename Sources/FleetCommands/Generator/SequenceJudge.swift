import GeneratorCore
import GeneratorWire

/// Judges by one STATUS after the other how a start or a stop goes. Pure: time is an argument.
struct SequenceJudge {
    /// What the sequence is to end in.
    enum Goal: Sendable { case charging, off }

    /// Whether the server is known to have taken the command.
    enum Sent: Sendable { case accepted, unsure }

    /// What one STATUS means.
    enum Verdict: Equatable {
        /// The sequence goes on.
        case goesOn(Phase)
        /// It has ended as it should.
        case reached
        /// It has ended otherwise: why.
        case failed(String)
    }

    /// Where the sequence is.
    struct Phase: Equatable {
        /// What is being done.
        var words: String
        /// Seconds of this phase that are left, where the server says so.
        var secondsLeft: Int64?
        /// Seconds to the end of the sequence, estimated with the site's usual timings.
        var totalLeft: Int64?
    }

    /// How long after the command a state that does not fit may still be the one before it.
    static let grace = Duration.seconds(5)

    /// Seconds in which the board takes that its relays go off, or something is wrong with it.
    static let stoppingMax: Int64 = 30

    /// The phases of a start with their usual lengths.
    private static let phases: [(state: GeneratorState, length: Duration)] = {
        let usual = Timings()
        return [
            (.preparing, usual.reset), (.ignition, usual.ignition), (.cranking, usual.crank),
            (.glowCranking, usual.glowCrank), (.verifying, usual.coast),
            (.warmingUp, usual.warmUp), (.stabilising, usual.stabilise),
        ]
    }()

    let goal: Goal
    let sent: Sent
    /// LAST_ERROR before the command: where it still stands, it explains nothing.
    private let problemBefore: String?
    /// The sequence has been seen under way.
    private(set) var hasBegun = false
    private var serverUptime: Int64?

    init(_ goal: Goal, _ sent: Sent, before: GeneratorStatus?) {
        self.goal = goal
        self.sent = sent
        problemBefore = before?.problem
    }

    /// How long a whole start takes, as a rule.
    static var usualStart: Int64 {
        phases.reduce(Duration.zero) { $0 + $1.length }.components.seconds
    }

    /// Takes the next STATUS, which came so long after the command.
    mutating func judge(_ status: GeneratorStatus, after time: Duration) -> Verdict {
        let restarted = serverUptime.map { (status.serverUptimeSeconds.known ?? $0) < $0 } ?? false
        serverUptime = status.serverUptimeSeconds.known ?? serverUptime
        let verdict: Verdict
        if let state = status.state.known {
            verdict = goal == .charging ? starting(state, status) : stopping(state, status)
        } else if status.isLegacy {
            verdict = legacy(status, after: time)
        } else {
            verdict = .goesOn(Phase(words: status.stateWords))
        }
        guard case .failed(let reason) = verdict else { return verdict }
        // What was sent last may not have arrived yet.
        if sent == .unsure || status.isLegacy, !hasBegun {
            if time < Self.grace { return .goesOn(Phase(words: status.stateWords)) }
            if sent == .unsure {
                return .failed("the command has not arrived, or was undone: it is \(reason)")
            }
        }
        return .failed(restarted ? "the server was restarted meanwhile; now \(reason)" : reason)
    }

    // MARK: With a state

    private mutating func starting(_ state: GeneratorState, _ status: GeneratorStatus) -> Verdict {
        switch state {
        case .charging:
            hasBegun = true
            if status.relays == .value([.ignition, .charger]) { return .reached }
            return .goesOn(Phase(words: "closing the charger"))
        case .preparing, .ignition, .cranking, .glowCranking, .verifying, .warmingUp,
            .stabilising:
            hasBegun = true
            return .goesOn(phase(state, status))
        case .stopping, .adopting: return .goesOn(phase(state, status))
        case .off, .failed, .held, .manual, .runningWithoutCharger, .coolingDown:
            return .failed(reason(state, status))
        }
    }

    private mutating func stopping(_ state: GeneratorState, _ status: GeneratorStatus) -> Verdict {
        switch state {
        case .off, .failed, .held:
            if status.relays == .value([]) { return .reached }
            return .goesOn(Phase(words: "switching the relays off"))
        case .stopping where (status.stateSeconds.known ?? 0) >= Self.stoppingMax:
            return .failed(
                "\(state.words): the board has not taken it for \(Self.stoppingMax) s; the server "
                    + "goes on trying")
        case .coolingDown, .stopping:
            hasBegun = true
            return .goesOn(phase(state, status))
        case .adopting: return .goesOn(phase(state, status))
        case .preparing, .ignition, .cranking, .glowCranking, .verifying, .warmingUp,
            .stabilising, .charging, .runningWithoutCharger, .manual:
            return .failed("\(state.words): somebody else has started it or set its relays")
        }
    }

    private func phase(_ state: GeneratorState, _ status: GeneratorStatus) -> Phase {
        let left = status.stateSecondsLeft.known.flatMap { $0 }
        var phase = Phase(words: state.words, secondsLeft: left)
        if let left, let place = Self.phases.firstIndex(where: { $0.state == state }) {
            let later = Self.phases[(place + 1)...].reduce(Duration.zero) { $0 + $1.length }
            phase.totalLeft = left + later.components.seconds
        }
        return phase
    }

    private func reason(_ state: GeneratorState, _ status: GeneratorStatus) -> String {
        guard let problem = status.problem else { return "\(state.words): somebody stopped it" }
        if problem == problemBefore, state != .failed {
            return "\(state.words): somebody stopped it (an earlier error stands: \(problem))"
        }
        return "\(state.words): \(problem)"
    }

    // MARK: With the legacy server's nine lines

    private mutating func legacy(_ status: GeneratorStatus, after time: Duration) -> Verdict {
        switch goal {
        case .charging:
            if status.startInProgress == .value(true) {
                hasBegun = true
                let left = Self.usualStart - time.components.seconds
                return .goesOn(Phase(words: legacyStep(status), totalLeft: max(0, left)))
            }
            if status.engine == .unknown || status.relays.known == nil {
                return .goesOn(Phase(words: "starting; engine or relays unknown"))
            }
            if status.engine == .running, status.relays == .value([.ignition, .charger]) {
                return .reached
            }
            return .failed("\(status.stateWords): the older server does not say why")
        case .off:
            if status.showsIdle { return .reached }
            hasBegun = true
            let cools = status.relays == .value([.ignition])
            let left = Timings().cooldown.components.seconds - time.components.seconds
            return .goesOn(
                Phase(
                    words: cools ? "cooling down" : status.stateWords,
                    totalLeft: cools ? max(0, left) : nil))
        }
    }

    private func legacyStep(_ status: GeneratorStatus) -> String {
        guard let relays = status.relays.known else { return "starting; relays unknown" }
        if relays.contains(.start) { return "cranking" }
        return status.engine == .running ? "warming up" : "starting"
    }
}

extension SequenceJudge.Phase {
    /// The whole line: `warming up, 42s left, about 1m2s in all`.
    var line: String {
        var line = words
        if let secondsLeft { line += ", \(spoken(secondsLeft)) left" }
        if let totalLeft, totalLeft != secondsLeft { line += ", about \(spoken(totalLeft)) in all" }
        return line
    }
}
