import GeneratorCore
import GeneratorWire
import TestSupport

/// The daemon's core with everything around it that may fail: clients that talk in bytes, a board
/// that gives stale readings, a bus with bursts of errors, an engine with moods, processes that
/// die. Time is in milliseconds and jumps over what is quiet.
struct SimulatedYears {
    static let tick = 50
    static let year = 365 * 24 * 3_600_000

    private(set) var machine: GeneratorMachine
    private(set) var monitor: RelayMonitor
    private(set) var now = 1_000_000
    private(set) var events = 0
    private(set) var cranks = 0
    private(set) var runs = 0
    private(set) var restarts = 0
    private var engine = SimulatedEngine()
    private var framers = [LineFramer](repeating: LineFramer(), count: clients)
    private var random: SeededGenerator
    private let timings: Timings
    /// What the board's firmware has prepared for the next read.
    private var prepared: UInt8 = 0
    /// Until when the bus fails.
    private var busFailsUntil = 0
    private var writesLand = false
    private var isStuckUntil = 0

    private static let clients = 6

    init(_ timings: Timings, random: SeededGenerator) {
        self.timings = timings
        self.random = random
        machine = GeneratorMachine(timings: timings, at: Self.instant(now))
        monitor = RelayMonitor(
            RelayMonitor.Rules(
                starterLongest: Self.number(timings.crank + timings.glowCrank),
                starterRest: Self.number(timings.rest),
                warm: Self.number(timings.warmUp + timings.stabilise),
                cooldown: Self.number(timings.cooldown), engineLoss: 200, readingAge: 2000,
                writeRetry: 100, slack: Self.tick))
        perform(.tick)
    }

    private static func instant(_ time: Int) -> Instant {
        Instant(sinceOrigin: .milliseconds(time))
    }

    private static func number(_ duration: Duration) -> Int {
        let parts = duration.components
        return Int(parts.seconds) * 1000 + Int(parts.attoseconds / 1_000_000_000_000_000)
    }

    /// Lives on until then, or until a rule is broken.
    mutating func run(until end: Int) {
        while now < end, monitor.broken == nil {
            disturb()
            let quiet = random.below(3) == 0 ? random.below(400) : random.below(20_000) * 1000
            pass(random.below(2) == 0 ? random.below(120_000) : quiet)
        }
    }

    /// Leaves everything alone, stops the engine, and waits for relays off.
    mutating func end() {
        busFailsUntil = 0
        isStuckUntil = 0
        say("STOP", as: 1)
        pass(Self.number(timings.cooldown) + 20_000)
        if monitor.broken == nil, monitor.board != 0 || machine.isSafe == false {
            monitor.complain("relays not off after a STOP, in \(machine.state)")
        }
        if monitor.broken == nil, monitor.owed != 0 { monitor.complain("somebody still waits") }
    }
}

// Time.
extension SimulatedYears {
    /// Lets time pass: in the machine's own rhythm for a while and before each deadline, and in one
    /// jump between.
    private mutating func pass(_ time: Int) {
        let end = now + time
        var closely = now + 3000
        while now < end, monitor.broken == nil {
            if now >= closely, let target = farTarget(end) {
                now = target
                closely = target + 2500
            } else {
                step(to: end)
            }
            let state = machine.state
            read()
            perform(.tick)
            if machine.state != state { closely = now + 1500 }
        }
    }

    private mutating func step(to end: Int) {
        let interval = Self.number(machine.inputsInterval)
        var next = min(now + interval, end)
        if let deadline = machine.nextDeadline.map({ Self.number($0.sinceOrigin) }), deadline > now
        {
            next = min(next, deadline)
        }
        // The loop comes late now and then.
        now = max(next + random.below(20), now + 1)
    }

    /// Where it is worth to look again; nil where every reading counts.
    private func farTarget(_ end: Int) -> Int? {
        switch machine.state {
        case .off, .failed, .held, .manual, .charging, .runningWithoutCharger, .coolingDown,
            .warmingUp, .stabilising:
            break
        case .preparing, .ignition, .cranking, .glowCranking, .verifying, .stopping, .adopting:
            return nil
        }
        guard monitor.failedWriteAt == nil, now >= busFailsUntil, now >= isStuckUntil else {
            return nil
        }
        var target = end
        if let deadline = machine.nextDeadline {
            target = min(target, Self.number(deadline.sinceOrigin))
        }
        target -= 2500
        return target > now + 2500 ? target : nil
    }
}

// Bus and engine.
extension SimulatedYears {
    private var busFails: Bool { now < busFailsUntil }

    private mutating func readOnce() -> UInt8? {
        if busFails { return nil }
        let actual = engine.inputs(at: Self.instant(now)).rawValue
        // The firmware now and then has not yet done what it was told: the value before, or none.
        let given = random.below(200) == 0 ? (random.below(2) == 0 ? prepared : 0) : actual
        prepared = actual
        return now < isStuckUntil ? given | 8 : given
    }

    /// As the board's driver reads: two equal ones, in three attempts.
    private mutating func read() {
        var reading = InputReading.unknown
        if var last = readOnce() {
            for _ in 0..<3 {
                guard let next = readOnce() else { break }
                if next == last {
                    reading = .valid(Inputs(rawValue: next))
                    break
                }
                last = next
            }
        }
        monitor.read(reading, at: now)
        perform(.inputs(reading))
    }

    private mutating func perform(_ event: Event) {
        var pending = [event]
        var next = 0
        while next < pending.count {
            events += 1
            let actions = machine.handle(pending[next], at: Self.instant(now))
            next += 1
            for action in actions {
                switch action {
                case .writeRelays(let relays): pending.append(write(relays))
                case .reply(let requester, let outcome): answer(requester, outcome)
                case .log(.problem(let problem)): monitor.said(problem)
                case .log(.state(let from, let to)):
                    monitor.changed(from: from, to: to)
                    if to == .cranking { cranks += 1 }
                    if to == .charging { runs += 1 }
                case .log: break
                }
            }
        }
        monitor.settle(at: now)
    }

    private mutating func write(_ relays: RelaySet) -> Event {
        let result: WriteResult = busFails ? .failed : .written
        let lands = !busFails || writesLand
        monitor.wrote(relays, result, landed: lands, at: now)
        if lands { engine.apply(relays, at: Self.instant(now)) }
        return .relayWrite(relays, result)
    }

    private mutating func answer(_ requester: Requester, _ outcome: Outcome) {
        monitor.replied(to: requester, outcome, at: now)
        if Reply.outcome(outcome).lines.contains(where: { $0.utf8.count > WireLimits.replyLine }) {
            monitor.complain("a reply that is too long")
        }
    }
}

// What may happen.
extension SimulatedYears {
    private mutating func disturb() {
        let who = 1 + random.below(Self.clients - 1)
        switch random.below(40) {
        case 0...9: say(random.below(3) == 0 ? "START NOWAIT" : "START", as: who)
        case 10...13: say("STOP", as: who)
        case 14: say("STOP NOWAIT", as: who)
        case 15: say(random.below(2) == 0 ? "STOP NOW" : "RELAY 00", as: who)
        case 16: say("RELAY 08", as: who)
        case 17: say("RELAY 0A", as: who)
        case 18: say("RELAY 0\(random.below(10))", as: who)
        case 19...21: say("RESET", as: who)
        case 22: say("HOLD \(random.below(2) == 0 ? "a" : "b") \(1 + random.below(900)) x", as: who)
        case 23: say("RELEASE \(random.below(2) == 0 ? "a" : "b")", as: who)
        case 24, 25: say("LEASE \(10 + random.below(7200))", as: who)
        case 26: say("LEASE 0", as: who)
        case 27: leave(who)
        case 28: restart(adopting: true)
        case 29: restart(adopting: false)
        case 30: failBus(for: random.below(1500))
        case 31: failBus(for: random.below(30_000))
        case 32: engine.stall()
        case 33: engine.temper = .dead
        case 34: isStuckUntil = now + random.below(5000)
        case 35: for _ in 0..<5 { say("", as: who) }
        default: engine.temper = .catches(after: .milliseconds(Int64(random.below(9000))))
        }
    }

    private mutating func failBus(for time: Int) {
        busFailsUntil = now + time
        writesLand = random.below(3) == 0
    }

    /// A command as bytes through the framing, as the server's connection takes it.
    private mutating func say(_ text: String, as client: Int) {
        for byte in text.utf8 + [10] {
            guard case .line(let line)? = framers[client].push(byte),
                let request = Request.parse(line)
            else { continue }
            handle(request, of: Requester(id: UInt32(client)))
        }
    }

    private mutating func handle(_ request: Request, of requester: Requester) {
        // Who says something else no longer waits.
        if monitor.isOwed(requester.id) { command(.gone(requester)) }
        switch request {
        case .start(let answer): command(.start(answer, by: requester))
        case .stop(let kind): command(.stop(kind, by: requester))
        case .relay(.relays(let relays)): command(.setRelays(relays, by: requester))
        case .hold(let owner, let seconds, let reason):
            let end = now + Int(seconds) * 1000
            let hold = Hold(owner: owner, reason: reason, until: Self.instant(end))
            command(.hold(hold, by: requester), holdEnd: end)
        case .release(let owner): command(.release(owner: owner, by: requester))
        case .lease(let seconds): command(.lease(.seconds(seconds), by: requester))
        case .reset: command(.reset(by: requester))
        case .ping, .inputs, .status, .relay, .watch, .version, .help, .quit, .empty, .incomplete,
            .unknown:
            break
        }
    }

    private mutating func command(_ event: Event, holdEnd: Int? = nil) {
        monitor.command(event, holdEnd: holdEnd)
        perform(event)
    }

    private mutating func leave(_ client: Int) {
        framers[client] = LineFramer()
        let requester = Requester(id: UInt32(client))
        if monitor.isOwed(requester.id) { command(.gone(requester)) }
    }

    private mutating func restart(adopting: Bool) {
        restarts += 1
        var inheritance = Inheritance()
        inheritance.hold = machine.hold
        inheritance.latched = machine.latched
        inheritance.crankEnded = machine.crankEnded
        inheritance.counters = machine.counters
        let left = machine.runningEngine(at: Self.instant(now))
        inheritance.engine = adopting ? left : nil
        // What cannot be taken over is switched off at once, by the supervisor or the new process.
        if inheritance.engine != nil { now += random.below(10_000) }
        if let hold = inheritance.hold, hold.until <= Self.instant(now) { inheritance.hold = nil }
        machine = GeneratorMachine(
            timings: timings, inheriting: inheritance, at: Self.instant(now))
        framers = [LineFramer](repeating: LineFramer(), count: Self.clients)
        monitor.restarted(adopting: inheritance.engine != nil)
        perform(.tick)
    }
}
