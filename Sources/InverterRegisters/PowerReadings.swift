/// The three strings of the roof.
public struct PhotovoltaicStrings: Sendable, Equatable {
    /// Registers 1 and 7.
    public var first = PhotovoltaicString()
    /// Registers 2 and 8.
    public var second = PhotovoltaicString()
    /// Registers 3 and 9. The operators' notes call 9 the total: it is this string's power.
    public var third = PhotovoltaicString()

    /// Nothing known.
    public init() {}
}

/// One string.
public struct PhotovoltaicString: Sendable, Equatable {
    /// In 0.1 V.
    public var millivolts: Int?
    /// In W.
    public var watts: Int?

    /// Nothing known.
    public init() {}
}

/// Three phases; a single-phase inverter uses the first.
public struct PhaseMillivolts: Sendable, Equatable {
    /// The first.
    public var r: Int?
    /// The second.
    public var s: Int?
    /// The third.
    public var t: Int?

    /// Nothing known.
    public init() {}
}

/// The public grid's side. The site has none.
public struct GridReadings: Sendable, Equatable {
    /// Registers 12 to 14, in 0.1 V.
    public var millivolts = PhaseMillivolts()
    /// Register 15, in 0.01 Hz.
    public var millihertz: Int?
    /// From battery and sun to AC, register 16, in W.
    public var inverterWatts: Int?
    /// From AC into the battery, register 17, in W.
    public var rectifierWatts: Int?
    /// The inverter's current, register 18, in 0.01 A.
    public var inverterMilliamperes: Int?
    /// Power factor, register 19, in thousandths.
    public var powerFactorPermille: Int?
    /// To the grid, register 26, in W.
    public var exportWatts: Int?
    /// From the grid, register 27, in W.
    public var importWatts: Int?
    /// Load on the grid's side, register 114, in W.
    public var loadWatts: Int?

    /// Nothing known.
    public init() {}
}

/// The output to the house (EPS).
public struct BackupReadings: Sendable, Equatable {
    /// Registers 20 to 22, in 0.1 V.
    public var millivolts = PhaseMillivolts()
    /// Register 23, in 0.01 Hz.
    public var millihertz: Int?
    /// Register 24, in W.
    public var watts: Int?
    /// Register 25, in VA.
    public var voltamperes: Int?

    /// Nothing known.
    public init() {}
}

/// The inner busses.
public struct BusMillivolts: Sendable, Equatable {
    /// Register 38, in 0.1 V.
    public var first: Int?
    /// Register 39, in 0.1 V.
    public var second: Int?

    /// Nothing known.
    public init() {}
}

/// The inverter's own generator input.
public struct GeneratorInputReadings: Sendable, Equatable {
    /// Register 121, in 0.1 V.
    public var millivolts: Int?
    /// Register 122, in 0.01 Hz.
    public var millihertz: Int?
    /// Register 123, in W.
    public var watts: Int?
    /// Register 124, counted in 0.1 kWh.
    public var wattHoursToday: Int64?
    /// Registers 125 and 126, counted in 0.1 kWh. At the site it stands still at 6444.4 kWh.
    public var wattHoursTotal: Int64?

    /// Nothing known.
    public init() {}
}

/// Energy in Wh; the inverter counts in 0.1 kWh.
public struct EnergyCounters: Sendable, Equatable {
    /// From the first string.
    public var stringFirst: Int64?
    /// From the second string.
    public var stringSecond: Int64?
    /// From the third string.
    public var stringThird: Int64?
    /// From battery and sun to AC.
    public var inverter: Int64?
    /// From AC into the battery.
    public var rectifier: Int64?
    /// Into the battery.
    public var charge: Int64?
    /// Out of the battery.
    public var discharge: Int64?
    /// To the house (EPS).
    public var backup: Int64?
    /// To the grid.
    public var export: Int64?
    /// From the grid.
    public var imported: Int64?
    /// The load.
    public var load: Int64?

    /// Nothing known.
    public init() {}
}
