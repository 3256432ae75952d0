/// A tiny engine behind the four relays: enough to start, run, stall and stop. It serves the
/// simulated bus and the tests.
public struct SimulatedEngine: Sendable {
    /// Whether the starter brings the engine up.
    public enum Temper: Sendable, Equatable {
        /// It catches after the starter has turned for this long.
        case catches(after: Duration)
        /// It never does.
        case dead
    }

    /// How it answers the starter.
    public var temper: Temper
    /// Running by itself.
    public private(set) var isRunning = false
    /// Time for which the engine goes on turning after its ignition was taken away.
    public var spinDown: Duration = .milliseconds(300)

    private var relays: RelaySet = []
    private var crankingSince: Instant?
    private var ignitionOffSince: Instant?

    /// A cold, standing engine.
    public init(temper: Temper = .catches(after: .seconds(3))) { self.temper = temper }

    /// The relays as the engine feels them from now on.
    public mutating func apply(_ relays: RelaySet, at now: Instant) {
        advance(to: now)
        self.relays = relays
        if relays.contains([.start, .ignition]) {
            crankingSince = crankingSince ?? now
        } else {
            crankingSince = nil
        }
        ignitionOffSince = relays.contains(.ignition) ? nil : (ignitionOffSince ?? now)
    }

    /// The inputs as the board's optocouplers show them.
    public mutating func inputs(at now: Instant) -> Inputs {
        advance(to: now)
        var seen: Inputs = []
        if relays.contains(.ignition) { seen.insert(.ignitionActive) }
        if relays.contains(.start) { seen.insert(.starterEngaged) }
        if isRunning { seen.insert(.engineRunning) }
        return seen
    }

    /// Stops the engine whatever the relays say, as an empty tank does.
    public mutating func stall() {
        isRunning = false
        crankingSince = nil
    }

    private mutating func advance(to now: Instant) {
        if case .catches(let delay) = temper, let crankingSince, now - crankingSince >= delay {
            isRunning = true
        }
        if let ignitionOffSince, now - ignitionOffSince >= spinDown { isRunning = false }
    }
}
