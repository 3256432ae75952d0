import GeneratorCore

/// The engine with its tank. Starter, catching and spinning down are gen-server's own simulated
/// engine; it is asked only while something changes, which makes hours of steady running cheap.
public struct PlantEngine: Sendable {
    /// What an engine is made of.
    public struct Setup: Sendable, Equatable {
        /// The starter turns for this long before the engine catches.
        public var catchesAfter: Duration = .seconds(3)
        /// It runs for this long, in seconds, before the alternator's voltage can carry a charger.
        public var voltageAfterSeconds = 5.0
        /// What is in the tank, in litres; nil for a tank that nobody has to think of.
        public var fuelLitres: Double?
        /// What it burns an hour without load.
        public var litresPerHourIdle = 0.6
        /// What it burns an hour while it charges.
        public var litresPerHourLoaded = 1.8

        /// An engine that starts well.
        public init() {}
    }

    /// What the board's inputs show.
    public private(set) var inputs: Inputs = []
    /// What is left in the tank, in litres; nil for a tank that nobody has to think of.
    public private(set) var fuelLitres: Double?
    /// Time since it caught, in seconds; 0 while it stands.
    public private(set) var runSeconds = 0.0
    /// Time it has run since the beginning, in seconds.
    public private(set) var runSecondsTotal = 0.0
    /// How often it has caught.
    public private(set) var starts = 0
    /// Time the starter has turned since the beginning, in seconds.
    public private(set) var crankSecondsTotal = 0.0

    private let setup: Setup
    private var engine: SimulatedEngine
    private var relays: RelaySet = []
    private var isSteady = false
    private var elapsed = 0.0
    private var willNotCatch = false
    private var stallSeconds: Double?

    init(_ setup: Setup) {
        self.setup = setup
        engine = SimulatedEngine(temper: .catches(after: setup.catchesAfter))
        fuelLitres = setup.fuelLitres
    }

    /// Whether it runs by itself.
    public var isRunning: Bool { engine.isRunning }

    /// Whether the alternator can carry the charger.
    public var hasVoltage: Bool { engine.isRunning && runSeconds >= setup.voltageAfterSeconds }

    mutating func advance(seconds: Double, relays: RelaySet) {
        let wasRunning = engine.isRunning
        if relays != self.relays || !isSteady {
            self.relays = relays
            engine.apply(relays, at: now)
            elapsed += seconds
            inputs = engine.inputs(at: now)
            if relays.contains(.start) { crankSecondsTotal += seconds }
            isSteady =
                !relays.contains(.start) && (!engine.isRunning || relays.contains(.ignition))
            if engine.isRunning, !wasRunning { starts += 1 }
        } else {
            elapsed += seconds
        }
        guard engine.isRunning else {
            runSeconds = 0
            return
        }
        runSeconds += seconds
        runSecondsTotal += seconds
        burn(seconds)
        if let stallSeconds, runSeconds >= stallSeconds { stall() }
    }

    mutating func refuel(litres: Double?) {
        fuelLitres = litres
        settleTemper()
    }

    mutating func inject(willNotCatch: Bool, stallAfter: Duration?) {
        self.willNotCatch = willNotCatch
        stallSeconds = stallAfter.map { $0 / .seconds(1) }
        settleTemper()
    }

    private var now: Instant { Instant(sinceOrigin: .seconds(elapsed)) }

    private mutating func burn(_ seconds: Double) {
        guard let litres = fuelLitres else { return }
        let hourly = relays.contains(.charger) ? setup.litresPerHourLoaded : setup.litresPerHourIdle
        let left = litres - hourly * seconds / 3600
        fuelLitres = left > 0 ? left : 0
        if left <= 0 {
            settleTemper()
            stall()
        }
    }

    private mutating func stall() {
        engine.stall()
        inputs.remove(.engineRunning)
        runSeconds = 0
        isSteady = false
    }

    /// An engine without fuel is as dead as one that is broken.
    private mutating func settleTemper() {
        let isEmpty = fuelLitres == 0
        engine.temper = willNotCatch || isEmpty ? .dead : .catches(after: setup.catchesAfter)
        if isEmpty { stall() }
    }
}
