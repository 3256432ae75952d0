// A plant in simulated time: an engine behind four relays, a charger behind the engine, a battery,
// a house and the sun. No clock and no C library: a century of it runs in a test.

import GeneratorCore
import InverterRegisters

/// The plant. `advance` is its physics, one cheap step; what the inverter makes of it is asked for
/// apart, as ``registers`` and ``answer``.
public struct Plant: Sendable {
    /// The engine and its tank.
    public private(set) var engine: PlantEngine
    /// What the charger gives, in A; 0 while it is off.
    public private(set) var chargerAmperes = 0.0
    /// What is taken of the sun, in W; less than it offers where the battery is full.
    public private(set) var sunUsedWatts = 0.0
    /// Whether the battery is so empty that the inverter has switched the house off.
    public private(set) var isBlackedOut = false
    /// Time without power in the house, in seconds.
    public private(set) var blackoutSecondsTotal = 0.0
    /// Simulated time since the beginning, in seconds.
    public private(set) var elapsedSeconds = 0.0
    /// Energy since midnight and since the beginning.
    public private(set) var energy = PlantEnergy()
    /// What is wrong with it; see ``inject(_:)``.
    public private(set) var faults: [PlantFault] = []

    /// A recording that the inverter answers with, from the plant's beginning on, in place of
    /// what the plant does; nil for the plant itself.
    public var recording: RecordedPlant?
    /// The registers as they were when they froze.
    private(set) var frozen: InputRegisters?

    let setup: PlantSetup
    var battery: Battery
    private var household: Household
    private var relays: RelaySet = []

    /// The house goes dark below this share of the charge, and comes back above the other.
    private static var blackoutBelow: Double { 0.005 }
    private static var blackoutUntil: Double { 0.05 }

    /// A plant whose days are all alike.
    public init(_ setup: PlantSetup = PlantSetup()) { self.init(setup, noise: nil) }

    /// A plant with weather and people; the same generator gives the same ones.
    public init(
        _ setup: PlantSetup = PlantSetup(), using generator: inout some RandomNumberGenerator
    ) {
        self.init(setup, noise: Noise(seed: generator.next()))
    }

    private init(_ setup: PlantSetup, noise: Noise?) {
        self.setup = setup
        engine = PlantEngine(setup.engine)
        battery = Battery(setup)
        household = Household(setup, noise: noise)
    }

    /// Lets time pass with the relays as they are from its beginning on. One step of integration,
    /// whatever its length: seconds for a start of the engine, up to minutes between.
    public mutating func advance(by time: Duration, relays: RelaySet) {
        let parts = time.components
        advance(seconds: Double(parts.seconds) + Double(parts.attoseconds) * 1e-18, relays: relays)
    }

    /// The same with plain seconds, for tests of a century.
    public mutating func advance(seconds: Double, relays: RelaySet) {
        self.relays = relays
        elapsedSeconds += seconds
        let dayBefore = household.daysTotal
        household.advance(seconds: seconds)
        engine.advance(seconds: seconds, relays: relays)
        if household.daysTotal != dayBefore { energy.beginDay() }

        let volts = battery.volts
        let wanted = isBlackedOut ? 0 : household.loadWatts + setup.ownWatts
        var sun = household.sunWatts / volts
        var charger = isChargerClosed && engine.hasVoltage ? setup.chargerAmperes : 0
        var net = sun + charger - wanted / volts
        let most = battery.amperesMax(seconds: seconds)
        if net > most {
            // The charger gives way first, then the sun; below the load neither does.
            let byCharger = net - most < charger ? net - most : charger
            charger -= byCharger
            net -= byCharger
            let bySun = net > most ? (net - most < sun ? net - most : sun) : 0
            sun -= bySun
            net -= bySun
        }
        battery.take(net, seconds: seconds)
        chargerAmperes = charger
        sunUsedWatts = sun * volts
        if isBlackedOut { blackoutSecondsTotal += seconds }
        isBlackedOut = battery.charge < (isBlackedOut ? Self.blackoutUntil : Self.blackoutBelow)
        energy.add(
            seconds: seconds, sun: sunUsedWatts, load: loadWatts, battery: inverterBatteryWatts)
    }
}

// MARK: What can be seen

extension Plant {
    /// State of charge in percent, 0 to 100.
    public var stateOfChargePercent: Double {
        get { battery.charge * 100 }
        set { battery.setCharge(newValue / 100) }
    }

    /// Voltage at the battery's terminals.
    public var batteryVolts: Double { battery.volts }

    /// Current of the whole battery in A; positive charges.
    public var batteryAmperes: Double { battery.amperes }

    /// What the inverter moves into the battery, in W; negative takes out. The charger is not in it.
    public var inverterBatteryWatts: Double {
        sunUsedWatts - (isBlackedOut ? 0 : loadWatts + setup.ownWatts)
    }

    /// What the board's inputs show.
    public var inputs: Inputs { engine.inputs }

    /// Whether the engine runs by itself.
    public var isEngineRunning: Bool { engine.isRunning }

    /// Whether the contactor between alternator and charger is closed.
    public var isChargerClosed: Bool { relays.contains(.charger) }

    /// Whether the charger gives current.
    public var isCharging: Bool { chargerAmperes > 0 }

    /// What the house takes, in W; 0 while it is dark.
    public var loadWatts: Double { isBlackedOut ? 0 : household.loadWatts }

    /// What the sun offers, in W.
    public var sunWatts: Double { household.sunWatts }

    /// Day of the year, 0 to 364.
    public var dayOfYear: Int { household.day }

    /// Whole days since the beginning.
    public var daysTotal: Int { household.daysTotal }

    /// Seconds since midnight.
    public var secondOfDay: Double {
        get { household.second }
        set { household.setSecondOfDay(newValue) }
    }

    /// A load set by hand, in W; nil lets the clock decide.
    public var fixedLoadWatts: Double? {
        get { household.loadFixed }
        set {
            household.loadFixed = newValue
            household.settle()
        }
    }

    /// Sun set by hand, in W; nil lets the sky decide.
    public var fixedSunWatts: Double? {
        get { household.sunFixed }
        set {
            household.sunFixed = newValue
            household.settle()
        }
    }

    /// 0 clear to 1 overcast, set by hand; nil lets each day decide.
    public var cloudiness: Double? {
        get { household.cloudsFixed }
        set {
            household.cloudsFixed = newValue
            household.settle()
        }
    }

    /// What is in the tank, in litres; nil for a tank that nobody has to think of.
    public var fuelLitres: Double? {
        get { engine.fuelLitres }
        set { engine.refuel(litres: newValue) }
    }
}

// MARK: Faults

extension Plant {
    /// Makes something go wrong, beside what is wrong already.
    public mutating func inject(_ fault: PlantFault) {
        if fault == .frozenRegisters { frozen = registers }
        faults.append(fault)
        settleFaults()
    }

    /// Mends everything. An empty tank stays empty until it is filled.
    public mutating func clearFaults() {
        faults = []
        frozen = nil
        settleFaults()
    }

    private mutating func settleFaults() {
        var stallAfter: Duration?
        for fault in faults {
            switch fault {
            case .stall(let after): stallAfter = after
            case .fuelOut: engine.refuel(litres: 0)
            case .bogusSOC, .frozenRegisters, .noAnswer, .exception, .engineWillNotCatch: break
            }
        }
        engine.inject(
            willNotCatch: faults.contains(.engineWillNotCatch), stallAfter: stallAfter)
    }
}

/// Energy in Wh.
public struct PlantEnergy: Sendable, Equatable {
    /// What is counted.
    public struct Sums: Sendable, Equatable {
        /// Taken of the sun.
        public var sun = 0.0
        /// Used by the house.
        public var load = 0.0
        /// Into the battery by the inverter.
        public var charge = 0.0
        /// Out of the battery by the inverter.
        public var discharge = 0.0
    }

    /// Since midnight.
    public private(set) var today = Sums()
    private var before = Sums()

    /// Since the beginning.
    public var total: Sums {
        Sums(
            sun: before.sun + today.sun, load: before.load + today.load,
            charge: before.charge + today.charge, discharge: before.discharge + today.discharge)
    }

    mutating func beginDay() {
        before = total
        today = Sums()
    }

    mutating func add(seconds: Double, sun: Double, load: Double, battery: Double) {
        let hours = seconds / 3600
        today.sun += sun * hours
        today.load += load * hours
        if battery > 0 {
            today.charge += battery * hours
        } else {
            today.discharge -= battery * hours
        }
    }
}
