import GeneratorCore
import Testing

/// A machine, a relay board and a simulated engine on one clock, with faults to switch on. It
/// checks on every step what must hold whatever happens.
struct Bench {
    static let one = Requester(id: 1)
    static let two = Requester(id: 2)

    var machine: GeneratorMachine
    var engine: SimulatedEngine
    var now = Instant(sinceOrigin: .seconds(1000))
    /// What the board's relays really are.
    var board: RelaySet = [.start, .charger, .glow, .ignition]
    /// The board refuses writes.
    var writesFail = false {
        didSet { if oldValue != writesFail { writesChangedAt = now } }
    }
    /// A refused write is taken by the board all the same.
    var refusedWritesLand = false
    /// The inputs cannot be read.
    var readsFail = false
    /// What the inputs show instead of the engine.
    var forcedInputs: Inputs?
    var replies: [(Requester, Outcome)] = []
    var problems: [Problem] = []
    var states: [GeneratorState] = []
    var broken: [String] = []

    private var writesChangedAt = Instant(sinceOrigin: .zero)
    private var startOnSince: Instant?
    private var lastReadings: [InputReading] = []
    private var runningSince: Instant?
    private var runningReadings = 0
    private var armed = false
    private var starts = 0

    static let step = Duration.milliseconds(50)

    init(
        timings: Timings = Timings(), temper: SimulatedEngine.Temper = .catches(after: .seconds(3))
    ) {
        engine = SimulatedEngine(temper: temper)
        machine = GeneratorMachine(timings: timings, at: now)
        send(.tick)
    }

    mutating func send(_ event: Event) {
        switch event {
        case .start: armed = true
        case .setRelays(let relays, _) where relays.contains(.charger): armed = true
        case .stop, .shutdown: armed = false
        case .setRelays([], _): armed = false
        case .setRelays, .hold, .release, .lease, .reset, .gone, .inputs, .relayWrite, .tick: break
        }
        var pending = [event]
        while !pending.isEmpty {
            for action in machine.handle(pending.removeFirst(), at: now) {
                switch action {
                case .writeRelays(let relays): pending.append(write(relays))
                case .reply(let requester, let outcome): replies.append((requester, outcome))
                case .log(.problem(let problem)): problems.append(problem)
                case .log(.state(_, let state)): states.append(state)
                case .log(.writeFailed), .log(.writeRecovered): break
                }
            }
        }
        check()
    }

    static func hold(until: Instant, owner: String = "bench") -> Hold {
        Hold(owner: owner, reason: "a test", until: until)
    }

    /// The process dies without a word and another takes its place.
    mutating func restart(adopting: Bool) {
        var inheritance = Inheritance()
        inheritance.hold = machine.hold
        inheritance.latched = machine.latched
        inheritance.crankEnded = machine.crankEnded
        inheritance.counters = machine.counters
        inheritance.engine = adopting ? machine.runningEngine(at: now) : nil
        machine = GeneratorMachine(timings: machine.timings, inheriting: inheritance, at: now)
        // Who waited has lost its connection.
        if inheritance.engine == nil { armed = false }
        send(.tick)
    }

    mutating func read() {
        let reading: InputReading =
            readsFail ? .unknown : .valid(forcedInputs ?? engine.inputs(at: now))
        lastReadings = Array((lastReadings + [reading]).suffix(2))
        if case .valid(let inputs) = reading {
            runningSince = inputs.contains(.engineRunning) ? runningSince ?? now : nil
        }
        send(.inputs(reading))
    }

    /// Lets time pass in small steps, with readings as often as the machine wants them.
    mutating func run(_ duration: Duration, until done: (Bench) -> Bool = { _ in false }) {
        let end = now + duration
        var nextRead = now
        while now < end, !done(self) {
            if now >= nextRead {
                read()
                nextRead = now + machine.inputsInterval
            }
            now = now + Self.step
            send(.tick)
        }
    }

    /// Runs until the machine is in that state; whether it got there.
    mutating func run(until state: GeneratorState, atMost limit: Duration = .seconds(400)) -> Bool {
        run(limit) { $0.machine.state == state }
        return machine.state == state
    }

    mutating func startAndReach(_ state: GeneratorState) -> Bool {
        run(.seconds(3))
        send(.start(.atEnd, by: Self.one))
        return run(until: state)
    }

    mutating func mustStartAndReach(
        _ state: GeneratorState, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let isReached = startAndReach(state)
        #expect(isReached, "\(machine.state), not \(state)", sourceLocation: sourceLocation)
    }

    mutating func mustRun(
        until state: GeneratorState, atMost limit: Duration = .seconds(400),
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let isReached = run(until: state, atMost: limit)
        #expect(isReached, "\(machine.state), not \(state)", sourceLocation: sourceLocation)
    }

    func outcome(for requester: Requester = one) -> Outcome? {
        replies.last { $0.0 == requester }?.1
    }

    private mutating func write(_ relays: RelaySet) -> Event {
        if relays.contains(.start) || relays.contains(.charger) { checkEnergising(relays) }
        if !writesFail || refusedWritesLand {
            board = relays
            engine.apply(relays, at: now)
        }
        return .relayWrite(relays, writesFail ? .failed : .written)
    }

    // What is written, judged by what was read: not by the machine's own state.
    private mutating func checkEnergising(_ relays: RelaySet) {
        if !armed { complain("starter or charger without a START at \(now.sinceOrigin)") }
        if relays.contains([.start, .charger]) { complain("starter and charger together") }
        if relays.contains(.start), !board.contains(.start), startOnSince == nil {
            let safe =
                lastReadings.count == 2 && lastReadings[0] == lastReadings[1]
                && lastReadings.allSatisfy {
                    guard case .valid(let inputs) = $0 else { return false }
                    return inputs.isDisjoint(with: [.engineRunning, .starterEngaged])
                }
            if !safe { complain("cranked on readings \(lastReadings)") }
        }
        if relays.contains(.charger), !board.contains(.charger) {
            let warm = machine.timings.warmUp + machine.timings.stabilise
            if runningSince.map({ now - $0 < warm }) ?? true {
                complain("charger on a cold or standing engine")
            }
        }
    }

    private mutating func complain(_ text: String) {
        if broken.count < 3 { broken.append(text) }
    }

    private mutating func check() {
        if board.contains([.start, .charger]) { complain("board: starter and charger") }
        if machine.possibleRelays.isSuperset(of: board) == false {
            complain("board has \(board) but \(machine.possibleRelays) is thought possible")
        }
        if let confirmed = machine.confirmedRelays, confirmed != board {
            complain("confirmed \(confirmed) but the board has \(board)")
        }
        if board.contains(.start) {
            startOnSince = startOnSince ?? now
            let limit = machine.timings.crank + machine.timings.glowCrank + Self.step
            let canWrite = !writesFail && now - writesChangedAt > .milliseconds(200)
            if canWrite, let startOnSince, now - startOnSince > limit {
                complain("starter on for \(now - startOnSince)")
            }
        } else {
            startOnSince = nil
        }
    }
}
