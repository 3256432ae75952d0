import ChargePolicy
import GeneratorWire
import Platform

/// The way to the generator server: one connection that stays, and a second one for STATUS while
/// the legacy server is busy with a START or STOP that it answers at the end.
struct GeneratorLink {
    /// What came of it.
    enum Event {
        /// The server said how it is.
        case status(GeneratorStatus)
        /// START was answered.
        case startAnswered(CommandAnswer, String)
        /// STOP was answered.
        case stopAnswered(CommandAnswer, String)
        /// The server cannot be asked, and why.
        case lost(String)
    }

    /// Which kind of server it is.
    enum Kind: Equatable {
        /// It has not said so yet.
        case unknown
        /// It names its states, answers at once, and knows leases.
        case current
        /// START and STOP answer at their end.
        case legacy
    }

    private enum Wish: Equatable {
        case start, stop, reset
        case lease(Duration)
    }

    private static var quickAnswer: Duration { .seconds(10) }
    private static var reconnectPause: Duration { .seconds(5) }
    /// RESET, START and LEASE: more than this is never waiting.
    private static var queueLimit: Int { 4 }

    private let endpoint: Options.Endpoint
    private let limits: ServerSettings
    private var main = LineConnection()
    private var side = LineConnection()
    private var queue: [Wish] = []
    private var openAgainAt: Duration?
    private var wantsStatus = true
    private(set) var kind = Kind.unknown

    init(_ endpoint: Options.Endpoint, _ limits: ServerSettings) {
        self.endpoint = endpoint
        self.limits = limits
    }

    /// Asks for the STATUS as soon as that is possible.
    mutating func askStatus() { wantsStatus = true }

    /// Whether START can be said now: it must never be said much later than it was meant.
    var canStart: Bool {
        main.state == .open && kind != .unknown && !isHeldUp && queue.allSatisfy { $0 == .reset }
    }

    /// Says START. Call only where ``canStart`` is true.
    mutating func start() { enqueue(.start) }

    /// Says STOP as soon as there is a connection. It overtakes everything.
    mutating func stop(_ events: inout [Event]) {
        // A START that was not said yet never is: whoever stops does not wait for its answer.
        queue = [.stop]
        // A legacy START that is not answered yet must not hold STOP up.
        if main.asked?.command.kind == .start { take(main.close("STOP overtakes START"), &events) }
    }

    /// Allows starts again after a failed one. The legacy server latches nothing.
    mutating func reset() { if kind == .current { enqueue(.reset) } }

    /// Vouches for the run; zero gives that up. The legacy server knows no lease.
    mutating func lease(_ time: Duration) {
        guard kind == .current else { return }
        queue.removeAll { if case .lease = $0 { true } else { false } }
        enqueue(.lease(time))
    }

    private mutating func enqueue(_ wish: Wish) {
        guard queue.count < Self.queueLimit else { return }
        queue.append(wish)
    }

    /// How a wish is said to this kind of server.
    private func command(_ wish: Wish) -> LineConnection.Command {
        let isQuick = kind == .current
        return switch wish {
        case .start:
            LineConnection.Command(
                kind: .start, text: isQuick ? "START NOWAIT" : "START",
                limit: isQuick ? Self.quickAnswer : limits.startMax + Self.quickAnswer)
        case .stop:
            LineConnection.Command(
                kind: .stop, text: isQuick ? "STOP NOWAIT" : "STOP",
                limit: isQuick ? Self.quickAnswer : limits.stopMax + Self.quickAnswer)
        case .reset:
            LineConnection.Command(kind: .reset, text: "RESET", limit: Self.quickAnswer)
        case .lease(let time):
            LineConnection.Command(
                kind: .lease, text: "LEASE \(time.components.seconds)", limit: Self.quickAnswer)
        }
    }

    /// Whether something is still to be said, or is answered soon.
    var hasToSay: Bool { !queue.isEmpty || main.asked != nil && !isHeldUp }
}

// The loop's part.
extension GeneratorLink {
    /// Adds what it waits for.
    mutating func add(to poll: inout PollSet) {
        main.add(to: &poll)
        side.add(to: &poll)
    }

    /// When it wants to go on by itself; nil where nothing is awaited.
    var deadline: Duration? {
        if main.isFree, !queue.isEmpty || wantsStatus { return .zero }
        var earliest: Duration?
        for time in [main.deadline, side.deadline, main.state == .closed ? openAgainAt : nil] {
            if let time { earliest = min(earliest ?? time, time) }
        }
        return earliest
    }

    /// Goes on after a poll: takes what has come, says what can be said.
    mutating func service(_ poll: PollSet, at now: Duration) -> [Event] {
        var events: [Event] = []
        for event in main.service(poll, at: now) { take(event, &events) }
        for event in side.service(poll, at: now) { takeSide(event, &events) }
        if main.state == .closed, openAgainAt.map({ now >= $0 }) ?? true {
            openAgainAt = now + Self.reconnectPause
            if let event = main.open(endpoint, at: now) { take(event, &events) }
        }
        speak(at: now, &events)
        return events
    }

    private mutating func speak(at now: Duration, _ events: inout [Event]) {
        if main.isFree {
            // The first thing to know is which kind of server this is.
            if kind != .unknown, !queue.isEmpty {
                let wish = queue.removeFirst()
                if let event = main.say(command(wish), at: now) { take(event, &events) }
            } else if wantsStatus || kind == .unknown {
                wantsStatus = false
                if let event = main.say(Self.status, at: now) { take(event, &events) }
            }
        } else if wantsStatus, isHeldUp {
            askBeside(at: now, &events)
        }
        if !isHeldUp, side.isFree { _ = side.close("no longer needed") }
    }

    /// The main connection waits for the end of a sequence.
    private var isHeldUp: Bool {
        guard kind == .legacy, let asked = main.asked?.command.kind else { return false }
        return asked == .start || asked == .stop
    }

    private mutating func askBeside(at now: Duration, _ events: inout [Event]) {
        if side.state == .closed {
            if let event = side.open(endpoint, at: now) { takeSide(event, &events) }
        } else if side.isFree {
            wantsStatus = false
            if let event = side.say(Self.status, at: now) { takeSide(event, &events) }
        }
    }

    private static var status: LineConnection.Command {
        LineConnection.Command(kind: .status, text: "STATUS", limit: quickAnswer)
    }
}

// What has come.
extension GeneratorLink {
    private mutating func take(_ event: LineConnection.Event, _ events: inout [Event]) {
        switch event {
        case .opened:
            kind = .unknown
            wantsStatus = true
        case .reply(let command, let lines): take(lines, to: command, &events)
        case .broken(let command, let reason):
            kind = .unknown
            // What was left to say belongs to what was seen then; STOP belongs to every time.
            if queue.contains(.start) { events.append(.startAnswered(.notSent, reason)) }
            queue.removeAll { $0 != .stop }
            switch command?.kind {
            case .start: events.append(.startAnswered(.lost, reason))
            case .stop: events.append(.stopAnswered(.lost, reason))
            case .status, .reset, .lease, nil: break
            }
            events.append(.lost(reason))
        }
    }

    private mutating func takeSide(_ event: LineConnection.Event, _ events: inout [Event]) {
        switch event {
        case .opened: wantsStatus = true
        case .reply(let command, let lines): take(lines, to: command, &events)
        // The main connection is still there, and says what becomes of the sequence.
        case .broken(_, let reason): events.append(.lost(reason))
        }
    }

    private mutating func take(
        _ lines: [String], to command: LineConnection.Command, _ events: inout [Event]
    ) {
        let text = lines.first ?? ""
        switch command.kind {
        case .status:
            guard lines.count > 1 else {
                return events.append(.lost("STATUS was answered '" + text + "'"))
            }
            let status = GeneratorStatus.parse(lines)
            kind = status.protocolVersion.known != nil ? .current : .legacy
            events.append(.status(status))
        case .start:
            events.append(.startAnswered(Self.answer(text), text))
            wantsStatus = true
        case .stop:
            events.append(.stopAnswered(Self.answer(text), text))
            wantsStatus = true
        case .reset, .lease: break
        }
    }

    private static func answer(_ text: String) -> CommandAnswer {
        if text.hasPrefix("OK") { return .accepted }
        if text.hasPrefix("ERROR: Generator already running") { return .alreadyRunning }
        if text.hasPrefix("ERROR: Start already in progress") { return .alreadyRunning }
        if text.hasPrefix("ERROR: Held by ") { return .held }
        return .failed
    }
}
