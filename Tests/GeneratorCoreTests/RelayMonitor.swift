import GeneratorCore

/// What must hold whatever happens, judged from outside: by commands, readings, relay writes and
/// replies, never by the machine's own fields. Time is a number in whatever unit the rules are in.
struct RelayMonitor: Sendable {
    /// The numbers that the machine under test was given.
    struct Rules: Sendable, Equatable {
        /// Crank and glow crank together.
        var starterLongest: Int
        var starterRest: Int
        /// Warm-up and stabilisation together.
        var warm: Int
        var cooldown: Int
        var engineLoss: Int
        var readingAge: Int
        var writeRetry: Int
        /// How late the machine may be told that time has passed.
        var slack: Int
    }

    /// A reading as a number: 0 to 15, or this.
    static let unknown: UInt8 = 16

    struct Sight: Sendable {
        var value: UInt8
        var at: Int
    }

    private enum Bit {
        static let start: UInt8 = 1
        static let charger: UInt8 = 2
        static let ignition: UInt8 = 8
    }

    let rules: Rules
    /// What the board's relays really are.
    private(set) var board: UInt8 = 0
    /// Since when the starter turns.
    private(set) var starterOnSince: Int?
    private(set) var starterOffSince: Int?
    private(set) var latest: Sight?
    private(set) var previous: Sight?
    /// Two readings of 3 in a row with the ignition on, and no loss since.
    private(set) var verifiedSince: Int?
    /// IN1 in every valid reading since then.
    private(set) var seenSince: Int?
    private(set) var absentSince: Int?
    private(set) var absentReadings = 0
    /// The charger was rightly to be closed in this run, and the engine was not lost since.
    private(set) var wasWarm = false
    /// The charger was closed in this run.
    private(set) var isLoaded = false
    private(set) var unloadedSince: Int?
    /// Somebody's START or RELAY 0A stands, and no STOP came after it.
    private(set) var isArmed = false
    /// Something that takes the load away at once has happened in this run.
    private(set) var mayCut = false
    /// A failure was reported that only RESET forgives.
    private(set) var hasFailed = false
    private(set) var holdUntil: Int?
    /// When a relay write failed that has not been repeated with success.
    private(set) var failedWriteAt: Int?
    /// Who is owed an answer, a bit for each number.
    private(set) var owed: UInt64 = 0
    /// The first rule that was broken.
    private(set) var broken: String?

    private var wasArmed = false
    private var arming: UInt32?
    private var holdWanted: Int?

    init(_ rules: Rules, board: RelaySet = []) {
        self.rules = rules
        self.board = board.rawValue
    }

    func isOwed(_ id: UInt32) -> Bool { owed & (1 << UInt64(id)) != 0 }
}

// What happens.
extension RelayMonitor {
    /// Somebody asks for something; `holdEnd` is when the hold ends that is asked for.
    mutating func command(_ event: Event, holdEnd: Int? = nil) {
        arming = nil
        switch event {
        case .start(_, let requester):
            arm(requester)
        case .setRelays(let relays, let requester):
            owe(requester)
            if relays.rawValue & Bit.charger != 0 { arm(requester) }
            if relays == [] {
                isArmed = false
                mayCut = true
            }
        case .stop(let kind, let requester):
            owe(requester)
            isArmed = false
            if kind == .now { mayCut = true }
        case .hold(_, let requester):
            owe(requester)
            holdWanted = holdEnd
        case .release(_, let requester), .lease(_, let requester), .reset(let requester):
            owe(requester)
        case .gone(let requester): owed &= ~(1 << UInt64(requester.id))
        case .shutdown:
            isArmed = false
            mayCut = true
        case .inputs, .relayWrite, .tick: break
        }
    }

    private mutating func arm(_ requester: Requester) {
        owe(requester)
        wasArmed = isArmed
        isArmed = true
        arming = requester.id
    }

    private mutating func owe(_ requester: Requester) { owed |= 1 << UInt64(requester.id) }

    /// Another process has taken over; what the one before read means nothing to it.
    mutating func restarted(adopting: Bool) {
        owed = 0
        latest = nil
        previous = nil
        verifiedSince = nil
        seenSince = nil
        absentSince = nil
        absentReadings = 0
        failedWriteAt = nil
        if !adopting { isArmed = false }
        mayCut = board & Bit.ignition != 0
    }

    mutating func read(_ reading: InputReading, at now: Int) {
        previous = latest
        guard case .valid(let inputs) = reading else {
            latest = Sight(value: Self.unknown, at: now)
            return
        }
        latest = Sight(value: inputs.rawValue, at: now)
        if inputs.rawValue & 1 != 0 {
            seenSince = seenSince ?? now
            absentSince = nil
            absentReadings = 0
            let isIgnited = board & Bit.ignition != 0
            if isIgnited, inputs.rawValue == 3, previous?.value == 3, verifiedSince == nil {
                verifiedSince = now
            }
        } else {
            seenSince = nil
            absentSince = absentSince ?? now
            absentReadings = min(absentReadings + 1, 2)
        }
    }

    /// The machine says that it goes on to another state.
    mutating func changed(from: GeneratorState, to: GeneratorState) {
        // Taken over: from now on the load is owed its cooldown again.
        if from == .adopting, to != .stopping { mayCut = false }
    }

    mutating func said(_ problem: Problem) {
        switch problem {
        case .didNotStart, .engineStopped, .notAdopted, .engineNotSeen: hasFailed = true
        default: break
        }
        if problem != .starterNotReleased { isArmed = false }
    }

    mutating func replied(to requester: Requester, _ outcome: Outcome, at now: Int) {
        if !isOwed(requester.id) { complain("a reply to who is gone or was answered: \(outcome)") }
        owed &= ~(1 << UInt64(requester.id))
        switch outcome {
        case .held:
            if board != 0 { complain("hold granted with relays on") }
            if !showsStanding(at: now) { complain("hold granted on \(sights)") }
            holdUntil = holdWanted
        case .released: holdUntil = nil
        case .reset: hasFailed = false
        case .started, .startBegun, .relaysSet: break
        default: if arming == requester.id { isArmed = wasArmed }
        }
    }

    /// A relay write: how it went, and whether the board took it.
    mutating func wrote(_ relays: RelaySet, _ result: WriteResult, landed: Bool, at now: Int) {
        let new = relays.rawValue
        _ = notesLoss(at: now)
        check(new, at: now)
        failedWriteAt = result == .failed ? now : nil
        guard landed else { return }
        if new & Bit.start != 0 {
            starterOnSince = starterOnSince ?? now
        } else if board & Bit.start != 0 {
            starterOnSince = nil
            starterOffSince = now
        }
        if new & Bit.charger != 0 {
            isLoaded = true
            unloadedSince = nil
        } else if board & Bit.charger != 0 {
            unloadedSince = now
        }
        if new & Bit.ignition == 0 {
            verifiedSince = nil
            wasWarm = false
            isLoaded = false
            unloadedSince = nil
            mayCut = false
        }
        board = new
    }
}

// What must hold.
extension RelayMonitor {
    private mutating func check(_ new: UInt8, at now: Int) {
        if new & (Bit.start | Bit.charger) == Bit.start | Bit.charger {
            complain("starter and charger in one write")
        }
        let isClosing = new & ~board & (Bit.start | Bit.charger) != 0
        if isClosing {
            if !isArmed { complain("starter or charger without a START that stands") }
            if let holdUntil, now < holdUntil { complain("starter or charger while held") }
        }
        if new & ~board & Bit.start != 0 { checkCrank(at: now) }
        if new & ~board & Bit.charger != 0 { checkLoad(at: now) }
        if new & Bit.ignition == 0, board & Bit.ignition != 0, isLoaded, !mayCut {
            let hasCooled = unloadedSince.map { now - $0 >= rules.cooldown } ?? false
            if !hasCooled { complain("load cut without cooldown") }
        }
    }

    private mutating func checkCrank(at now: Int) {
        if !showsStanding(at: now) { complain("cranked on \(sights)") }
        if hasFailed { complain("cranked after a failure without RESET") }
        if let starterOffSince, now - starterOffSince < rules.starterRest {
            complain("cranked without rest")
        }
    }

    private mutating func checkLoad(at now: Int) {
        guard let latest, let previous, latest.value == 3, previous.value == 3,
            now - previous.at <= rules.readingAge
        else { return complain("charger closed on \(sights)") }
        let since = [verifiedSince, seenSince].compactMap { $0 }.min()
        if !wasWarm, since.map({ now - $0 < rules.warm }) ?? true {
            complain("charger closed on a cold engine")
        }
        wasWarm = true
    }

    /// After everything that an event brought about is done.
    mutating func settle(at now: Int) {
        if notesLoss(at: now), board & Bit.charger != 0, failedWriteAt == nil {
            complain("charger closed on an engine that has stopped")
        }
        if let failedWriteAt, now - failedWriteAt >= rules.writeRetry + rules.slack {
            complain("a failed write is not repeated")
        }
        if let starterOnSince, failedWriteAt == nil,
            now - starterOnSince >= rules.starterLongest + rules.slack
        {
            complain("starter on for \(now - starterOnSince)")
        }
        if let holdUntil, now >= holdUntil { self.holdUntil = nil }
        if board & Bit.ignition == 0 { mayCut = false }
        wasArmed = false
        arming = nil
        holdWanted = nil
    }

    /// Whether IN1 is gone for good by the rule.
    private mutating func notesLoss(at now: Int) -> Bool {
        guard let absentSince, absentReadings >= 2, now - absentSince >= rules.engineLoss else {
            return false
        }
        verifiedSince = nil
        wasWarm = false
        if isLoaded { mayCut = true }
        return true
    }

    private func showsStanding(at now: Int) -> Bool {
        guard let latest, let previous, latest.value == previous.value else { return false }
        return latest.value != Self.unknown && latest.value & 0b1001 == 0
            && now - previous.at <= rules.readingAge
    }

    private var sights: String {
        [previous, latest].map { sight in
            sight.map { $0.value == Self.unknown ? "unknown" : "\($0.value)" } ?? "nothing"
        }.joined(separator: ", ")
    }

    mutating func complain(_ text: String) { broken = broken ?? text }
}
