/// What the inverter says of itself at one moment. Nil is unknown: not read, or impossible, and
/// never a number. Register numbers and units are those of the maker's protocol, V23.
public struct InverterSnapshot: Sendable, Equatable {
    /// Operating state, register 0.
    public var mode: InverterMode?
    /// State of charge in percent, 0 to 100, low byte of register 5. Unknown also where the state
    /// of health beside it is impossible: the battery does not talk to the inverter then.
    public var stateOfChargePercent: Int?
    /// State of health in percent, 1 to 100, high byte of register 5.
    public var stateOfHealthPercent: Int?
    /// Battery voltage, register 4, in 0.1 V; 20 to 70 V are possible.
    public var batteryMillivolts: Int?
    /// Battery current of one pack, register 98, signed, in 0.1 A; positive charges. The site has
    /// two packs: it showed −14.1 A at 1491 W and 52.1 V.
    public var batteryMilliamperes: Int?
    /// Into the battery from the sun, register 10, in W. A generator behind a separate charger
    /// does not show here.
    public var chargeWatts: Int?
    /// Out of the battery, register 11, in W.
    public var dischargeWatts: Int?
    /// Load, register 170, in W.
    public var loadWatts: Int?

    /// Register 6, by the book an internal fault; at the site 0x3900 by night, 0x3B00 with sun,
    /// 0x3D00 charging by sun. Nothing to alarm on.
    public var modeWord: UInt16?
    /// The strings, registers 1 to 3 and 7 to 9.
    public var strings = PhotovoltaicStrings()
    /// The public grid, registers 12 to 19, 26, 27 and 114.
    public var grid = GridReadings()
    /// The inverter's own output to the house (EPS), registers 20 to 25.
    public var backup = BackupReadings()
    /// The inverter's inner busses, registers 38 and 39, in 0.1 V.
    public var busMillivolts = BusMillivolts()
    /// Energy since midnight, registers 28 to 37 and 171.
    public var today = EnergyCounters()
    /// Energy since the inverter was made, registers 40 to 59, 172 and 173.
    public var lifetime = EnergyCounters()
    /// Fault bits, registers 60 and 61.
    public var faults: InverterFaults?
    /// Warning bits, registers 62 and 63. The site's shows bit 16 in every dump.
    public var warnings: InverterWarnings?
    /// Temperatures, registers 64 to 67.
    public var temperatures = InverterTemperatures()
    /// Running time in seconds, registers 69 and 70.
    public var uptimeSeconds: Int64?
    /// What the AC input is set to, register 77.
    public var acInput: ACInput?
    /// Battery and BMS, registers 81 to 84 and 95 to 106.
    public var battery = BatteryReadings()
    /// Role among parallel inverters, register 113, as it comes [501 at the site].
    public var parallelRole: UInt16?
    /// Serial number, registers 115 to 119.
    public var serialNumber: SerialNumber?
    /// A generator at the inverter's own generator input, registers 121 to 126. The site's feeds a
    /// separate charger: nothing moves here while it runs.
    public var generator = GeneratorInputReadings()

    /// Decodes what was read.
    public init(_ registers: InputRegisters) {
        var codec = RegisterCodec(decoding: registers)
        exchange(with: &codec)
    }

    /// The registers that say this. What is unknown is left out.
    public var registers: InputRegisters {
        var codec = RegisterCodec()
        var copy = self
        copy.exchange(with: &codec)
        return codec.registers
    }

    /// Sum of the three strings in W; unknown where one of them is, or where it is impossible.
    public var photovoltaicWatts: Int? {
        guard let first = strings.first.watts, let second = strings.second.watts,
            let third = strings.third.watts
        else { return nil }
        let total = first + second + third
        return Possible.watts.contains(total) ? total : nil
    }
}

extension InputRegisters {
    /// The registers of an inverter that says this. What is unknown is left out.
    public init(_ snapshot: InverterSnapshot) { self = snapshot.registers }
}

/// What numbers can be true. Outside of these a word is noise.
enum Possible {
    static var stateOfCharge: ClosedRange<Int> { 0...100 }
    static var stateOfHealth: ClosedRange<Int> { 1...100 }
    static var watts: ClosedRange<Int> { 0...30_000 }
    static var batteryMillivolts: ClosedRange<Int> { 20_000...70_000 }
    static var batteryMilliamperes: ClosedRange<Int> { -1_000_000...1_000_000 }
    static var limitMilliamperes: ClosedRange<Int> { 0...1_000_000 }
    static var stringMillivolts: ClosedRange<Int> { 0...1_000_000 }
    static var mainsMillivolts: ClosedRange<Int> { 0...500_000 }
    static var mainsMilliamperes: ClosedRange<Int> { 0...300_000 }
    static var millihertz: ClosedRange<Int> { 0...100_000 }
    static var permille: ClosedRange<Int> { 0...1000 }
    static var celsius: ClosedRange<Int> { -40...125 }
    static var tenthsCelsius: ClosedRange<Int> { -400...1250 }
    static var cellMillivolts: ClosedRange<Int> { 1000...5000 }
    static var packs: ClosedRange<Int> { 0...64 }
    static var ampereHours: ClosedRange<Int> { 1...10_000 }
    static var cycles: ClosedRange<Int> { 0...50_000 }
    static var wattHoursToday: ClosedRange<Int64> { 0...1_000_000 }
}
