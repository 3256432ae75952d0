@testable import GeneratorCore

/// What may happen to the machine in one move of the model checker.
enum Move: Sendable, Hashable {
    /// A step of time, then a reading or none, then a tick: as the server's loop does it.
    case step(Sighting)
    case start(AnswerTime)
    case stop(StopKind)
    case relays(RelaySet)
    /// The client that waits for its START goes.
    case starterGone
    /// The client that has waited longest for its STOP or RELAY goes.
    case waiterGone
    case hold(String)
    case release(String)
    case lease(Int)
    case reset
    case shutdown
    /// The process is killed, and another takes its place.
    case restart(Adoption)

    enum Sighting: Sendable, Hashable {
        case none
        case unknown
        case seen(UInt8)
    }

    enum Adoption: Sendable, Hashable, CaseIterable {
        case never
        case offered
    }
}

/// The machine, the board and the judge. A step of time is an attosecond, the unit in which the
/// library counts: nothing has to be divided.
struct ModelWorld: Sendable {
    /// Who asks for what is answered at once.
    private static let asker = Requester(id: 9)
    static let holdTime = 3

    var machine: GeneratorMachine
    var monitor: RelayMonitor
    var now = 0
    private let clients: UInt32

    init(timings: Timings, limits: Limits, clients: UInt32) {
        machine = GeneratorMachine(
            timings: timings, limits: limits, inheriting: Inheritance(), at: Self.instant(0))
        monitor = RelayMonitor(Self.rules(timings, limits))
        self.clients = clients
        perform(.tick, 0)
        monitor.settle(at: now)
    }

    static func steps(_ number: Int) -> Duration { Duration(attoseconds: Int128(number)) }
    static func instant(_ number: Int) -> Instant { Instant(sinceOrigin: steps(number)) }
    static func number(_ duration: Duration) -> Int {
        Int(truncatingIfNeeded: duration.attoseconds)
    }

    private static func rules(_ timings: Timings, _ limits: Limits) -> RelayMonitor.Rules {
        RelayMonitor.Rules(
            starterLongest: number(timings.crank + timings.glowCrank),
            starterRest: number(timings.rest), warm: number(timings.warmUp + timings.stabilise),
            cooldown: number(timings.cooldown), engineLoss: number(limits.engineLoss),
            readingAge: number(limits.readingAge), writeRetry: number(limits.writeRetry), slack: 0)
    }

    /// Makes a move. `script` says how each relay write goes, a digit of base 3 for each: it is
    /// taken, it fails, it fails although the board took it. How many writes there were; nil where
    /// nobody can make this move here.
    mutating func make(_ move: Move, writes script: Int) -> Int? {
        var count = 0
        switch move {
        case .step(let sighting):
            now += 1
            count = step(sighting, script)
        case .start(let answer):
            guard let client = freeClient else { return nil }
            count = command(.start(answer, by: client), script)
        case .stop(let kind):
            guard let client = freeClient else { return nil }
            count = command(.stop(kind, by: client), script)
        case .relays(let relays):
            guard let client = freeClient else { return nil }
            count = command(.setRelays(relays, by: client), script)
        case .starterGone:
            guard let client = machine.pendingStart else { return nil }
            count = command(.gone(client), script)
        case .waiterGone:
            guard let client = machine.waiters.first?.requester else { return nil }
            count = command(.gone(client), script)
        case .hold(let owner):
            let end = now + Self.holdTime
            let hold = Hold(owner: owner, reason: "", until: Self.instant(end))
            count = command(.hold(hold, by: Self.asker), script, holdEnd: end)
        case .release(let owner): count = command(.release(owner: owner, by: Self.asker), script)
        case .lease(let time):
            count = command(.lease(Self.steps(time), by: Self.asker), script)
        case .reset: count = command(.reset(by: Self.asker), script)
        case .shutdown:
            guard !machine.isShuttingDown else { return nil }
            count = command(.shutdown, script)
        case .restart(let adoption):
            restart(adoption)
            count = perform(.tick, script)
        }
        monitor.settle(at: now)
        checkDebts()
        return count
    }

    private mutating func step(_ sighting: Move.Sighting, _ script: Int) -> Int {
        let reading: InputReading
        switch sighting {
        case .none: return perform(.tick, script)
        case .unknown: reading = .unknown
        case .seen(let value): reading = .valid(Inputs(rawValue: value))
        }
        monitor.read(reading, at: now)
        let count = perform(.inputs(reading), script)
        return perform(.tick, script, from: count)
    }

    private mutating func command(_ event: Event, _ script: Int, holdEnd: Int? = nil) -> Int {
        monitor.command(event, holdEnd: holdEnd)
        return perform(event, script)
    }

    @discardableResult
    private mutating func perform(_ event: Event, _ script: Int, from first: Int = 0) -> Int {
        var pending = [event]
        var next = 0
        var writes = first
        let time = Self.instant(now)
        while next < pending.count {
            let actions = machine.handle(pending[next], at: time)
            next += 1
            for action in actions {
                switch action {
                case .writeRelays(let relays):
                    let fate = Self.digit(script, writes)
                    writes += 1
                    let result: WriteResult = fate == 0 ? .written : .failed
                    monitor.wrote(relays, result, landed: fate != 1, at: now)
                    pending.append(.relayWrite(relays, result))
                case .reply(let requester, let outcome):
                    monitor.replied(to: requester, outcome, at: now)
                case .log(.problem(let problem)): monitor.said(problem)
                case .log(.state(let from, let to)): monitor.changed(from: from, to: to)
                case .log: break
                }
            }
        }
        return writes
    }

    private static func digit(_ script: Int, _ place: Int) -> Int {
        var rest = script
        for _ in 0..<place { rest /= 3 }
        return rest % 3
    }

    private mutating func restart(_ adoption: Move.Adoption) {
        let time = Self.instant(now)
        var inheritance = Inheritance()
        inheritance.hold = machine.hold
        inheritance.latched = machine.latched
        inheritance.crankEnded = machine.crankEnded
        inheritance.counters = machine.counters
        inheritance.engine = adoption == .offered ? machine.runningEngine(at: time) : nil
        machine = GeneratorMachine(
            timings: machine.timings, limits: machine.limits, inheriting: inheritance, at: time)
        monitor.restarted(adopting: inheritance.engine != nil)
    }

    /// Whoever is owed an answer is remembered by the machine, and nobody else is.
    private mutating func checkDebts() {
        var remembered: UInt64 = 0
        if let starter = machine.pendingStart { remembered |= 1 << UInt64(starter.id) }
        for waiter in machine.waiters { remembered |= 1 << UInt64(waiter.requester.id) }
        if remembered != monitor.owed { monitor.complain("an answer is forgotten") }
        let confirmed = machine.confirmedRelays
        if let confirmed, confirmed.rawValue != monitor.board {
            monitor.complain("\(confirmed) confirmed, but the board has \(monitor.board)")
        }
        if monitor.board & ~machine.possibleRelays.rawValue != 0 {
            monitor.complain("the board has \(monitor.board), more than is thought possible")
        }
    }

    private var freeClient: Requester? {
        for id in 1...clients where !monitor.isOwed(id) { return Requester(id: id) }
        return nil
    }

    /// Everything a machine can come to by itself: nothing is under way and nobody waits.
    var isSettled: Bool {
        guard monitor.owed == 0 else { return false }
        switch machine.state {
        case .off, .failed, .held: return monitor.board == 0
        case .charging: return monitor.board == 0b1010
        case .runningWithoutCharger: return monitor.board == 0b1000
        case .manual: return machine.confirmedRelays?.rawValue == monitor.board
        default: return false
        }
    }

    /// Relays off, nothing under way, nobody waits.
    var isAtRest: Bool {
        switch machine.state {
        case .off, .failed, .held: isSettled
        default: false
        }
    }

    /// What an honest board shows next, of an engine that runs once cranked, or of one that does
    /// not.
    func honestSight(catching: Bool) -> UInt8 {
        guard monitor.board & 8 != 0 else { return 0 }
        guard catching else { return 2 }
        if monitor.board & 1 != 0 { return 11 }
        guard let latest = monitor.latest, latest.value != RelayMonitor.unknown else { return 2 }
        return latest.value & 1 != 0 ? 3 : 2
    }
}
