import ChargePolicy
import GeneratorCore
import PlantSimulator
import TestSupport

/// A generator server in simulated time: the real core with its relays on the plant's engine, and
/// the link to it. Time is in milliseconds.
///
/// The legacy kind is played by the same core, told never to lease, to latch or to end a run by
/// itself; it answers START and STOP at the end of their sequences, and names no states.
struct SimulatedServer {
    enum Kind: Sendable {
        case own
        case legacy
    }

    let kind: Kind
    private(set) var machine: GeneratorMachine
    /// What the board's relays are.
    private(set) var board: RelaySet = []
    /// What a START or STOP that is answered at its end came to, once it has.
    private(set) var startOutcome: Outcome?
    private(set) var stopOutcome: Outcome?
    /// The first rule of the plant that was broken.
    private(set) var broken: String?
    /// Times at which the engine was loaded by the charger.
    private(set) var runs = 0
    private let timings: Timings
    private var outcome: Outcome?
    private var inputs: Inputs = []
    private var changedAt: Int?
    private var wasLoaded = false
    private var unloadedAt: Int?
    private var mayOmitCooldown = false

    static let monitor = Requester(id: 1)
    static let starter = Requester(id: 2)
    static let stopper = Requester(id: 3)
    static let others = Requester(id: 4)

    init(_ kind: Kind, at now: Int) {
        self.kind = kind
        var timings = Timings()
        if kind == .legacy { timings.runMax = .seconds(1_000_000_000) }
        self.timings = timings
        machine = GeneratorMachine(timings: timings, at: Self.instant(now))
        send(.tick, at: now)
    }

    static func instant(_ now: Int) -> Instant {
        Instant(sinceOrigin: .milliseconds(Int64(now)))
    }

    /// How long nothing has to be looked at, in milliseconds.
    func quiet(at now: Int) -> Int {
        if let changedAt, now - changedAt < 2_000 { return 500 }
        switch machine.state {
        case .preparing, .ignition, .cranking, .glowCranking, .verifying, .stopping, .adopting:
            return 500
        case .off, .failed, .held, .manual, .charging, .runningWithoutCharger, .coolingDown,
            .warmingUp, .stabilising:
            guard let deadline = machine.nextDeadline else { return 3_600_000 }
            let left = (deadline.sinceOrigin - .milliseconds(Int64(now))).components
            return max(500, Int(left.seconds) * 1_000)
        }
    }

    /// Looks at the plant.
    mutating func read(_ plant: Plant, at now: Int) {
        if plant.inputs != inputs {
            inputs = plant.inputs
            changedAt = now
        }
        send(.inputs(.valid(plant.inputs)), at: now)
        if kind == .legacy, machine.state == .failed { send(.reset(by: Self.others), at: now) }
    }

    /// What STATUS says, in the policy's words.
    func view(at now: Int) -> GeneratorView {
        let relays = machine.confirmedRelays
        switch kind {
        case .own:
            return GeneratorView(
                activity, chargerIsClosed: relays.map { $0.contains(.charger) },
                runTime: machine.runTime(at: Self.instant(now)))
        case .legacy:
            return GeneratorView(
                legacyActivity, chargerIsClosed: relays.map { $0.contains(.charger) },
                namesStates: false)
        }
    }

    private var activity: GeneratorView.Activity {
        switch machine.state {
        case .off: .idle
        case .charging: .charging
        case .runningWithoutCharger: .unloaded
        case .coolingDown, .stopping: .stopping
        case .failed: .failed
        case .held: .held
        case .manual: .manual
        case .adopting: .unclear
        case _ where machine.state.isStarting: .starting
        default: .unclear
        }
    }

    private var legacyActivity: GeneratorView.Activity {
        if machine.state.isStarting { return .starting }
        let runs = inputs.showRunningEngine
        if board == [.ignition, .charger], runs { return .charging }
        if board == [.ignition], runs { return .unloaded }
        return board == [] && !inputs.contains(.engineRunning) ? .idle : .unclear
    }
}

// What is said to it.
extension SimulatedServer {
    /// The answer, or nil where it comes later.
    mutating func start(_ plant: Plant, at now: Int) -> CommandAnswer? {
        startOutcome = nil
        send(.start(kind == .own ? .atOnce : .atEnd, by: Self.starter), at: now)
        return takeStartAnswer()
    }

    mutating func stop(at now: Int) -> CommandAnswer? {
        stopOutcome = nil
        send(.stop(.coolingDown(kind == .own ? .atOnce : .atEnd), by: Self.stopper), at: now)
        return takeStopAnswer()
    }

    mutating func takeStartAnswer() -> CommandAnswer? {
        guard let outcome = startOutcome else { return nil }
        startOutcome = nil
        switch outcome {
        case .started, .startBegun: return .accepted
        case .alreadyRunning, .startInProgress: return .alreadyRunning
        case .refusedByHold: return .held
        default: return .failed
        }
    }

    mutating func takeStopAnswer() -> CommandAnswer? {
        guard let outcome = stopOutcome else { return nil }
        stopOutcome = nil
        switch outcome {
        case .stopped, .stopBegun, .stopInProgress: return .accepted
        default: return .failed
        }
    }

    mutating func lease(_ time: Duration, at now: Int) {
        if kind == .own { send(.lease(time, by: Self.monitor), at: now) }
    }

    mutating func send(_ event: GeneratorCore.Event, at now: Int) {
        switch event {
        case .stop(.now, _), .setRelays([], _): mayOmitCooldown = true
        default: break
        }
        var pending = [event]
        var next = 0
        while next < pending.count {
            let actions = machine.handle(pending[next], at: Self.instant(now))
            next += 1
            for action in actions {
                switch action {
                case .writeRelays(let relays):
                    write(relays, at: now)
                    pending.append(.relayWrite(relays, .written))
                case .reply(Self.starter, let outcome): startOutcome = outcome
                case .reply(Self.stopper, let outcome): stopOutcome = outcome
                case .reply, .log: break
                }
            }
        }
    }

    /// The connection broke: nobody waits for the answers any more.
    mutating func disconnect(at now: Int) {
        send(.gone(Self.starter), at: now)
        send(.gone(Self.stopper), at: now)
        startOutcome = nil
        stopOutcome = nil
    }

    /// The process dies, and another comes; what it does not take over is switched off.
    mutating func restart(adopting: Bool, at now: Int) {
        var inheritance = Inheritance()
        inheritance.hold = machine.hold
        inheritance.latched = machine.latched
        inheritance.crankEnded = machine.crankEnded
        inheritance.counters = machine.counters
        inheritance.engine = adopting ? machine.runningEngine(at: Self.instant(now)) : nil
        mayOmitCooldown = inheritance.engine == nil
        machine = GeneratorMachine(
            timings: timings, inheriting: inheritance, at: Self.instant(now))
        startOutcome = nil
        stopOutcome = nil
        changedAt = now
        send(.tick, at: now)
    }

    /// Every engine that has carried load cools down before its ignition goes, unless it died, the
    /// process did, or somebody wanted everything off this instant.
    private mutating func write(_ relays: RelaySet, at now: Int) {
        if board.contains(.charger), !relays.contains(.charger) { unloadedAt = now }
        if relays.contains(.charger), !board.contains(.charger) {
            wasLoaded = true
            runs += 1
        }
        if board.contains(.ignition), !relays.contains(.ignition) {
            let cooled = unloadedAt.map { now - $0 } ?? 0
            if wasLoaded, inputs.contains(.engineRunning), !mayOmitCooldown, cooled < 180_000 {
                broken = broken ?? "ignition off after \(cooled) ms of cooldown"
            }
            wasLoaded = false
            unloadedAt = nil
        }
        if relays == [] { mayOmitCooldown = false }
        if relays != board { changedAt = now }
        board = relays
    }
}
