/// What the inverter says of itself at one moment. Nil is unknown: not read, or impossible, and
/// never a number.
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
    /// Battery current, register 98, signed, in 0.1 A; positive charges.
    public var batteryMilliamperes: Int?
    /// Sum of the three strings, registers 7, 8 and 9, in W.
    public var photovoltaicWatts: Int?
    /// Into the battery from the sun, register 10, in W. A generator behind a separate charger
    /// does not show here.
    public var chargeWatts: Int?
    /// Out of the battery, register 11, in W.
    public var dischargeWatts: Int?
    /// Load, register 170, in W.
    public var loadWatts: Int?

    private enum Possible {
        static var stateOfCharge: ClosedRange<Int> { 0...100 }
        static var stateOfHealth: ClosedRange<Int> { 1...100 }
        static var millivolts: ClosedRange<Int> { 20_000...70_000 }
        static var milliamperes: ClosedRange<Int> { -1_000_000...1_000_000 }
        static var watts: ClosedRange<Int> { 0...30_000 }
    }

    /// Decodes what was read.
    public init(_ registers: InputRegisters) {
        mode = registers[0].map(InverterMode.init(code:))
        if let word = registers[5] {
            stateOfHealthPercent = Self.possible(Int(word >> 8), Possible.stateOfHealth)
            if stateOfHealthPercent != nil {
                stateOfChargePercent = Self.possible(Int(word & 0xFF), Possible.stateOfCharge)
            }
        }
        batteryMillivolts = registers[4].flatMap {
            Self.possible(Int($0) * 100, Possible.millivolts)
        }
        batteryMilliamperes = registers[98].flatMap {
            Self.possible(Int(Int16(bitPattern: $0)) * 100, Possible.milliamperes)
        }
        if let first = registers[7], let second = registers[8], let third = registers[9] {
            photovoltaicWatts = Self.possible(
                Int(first) + Int(second) + Int(third), Possible.watts)
        }
        chargeWatts = registers[10].flatMap { Self.possible(Int($0), Possible.watts) }
        dischargeWatts = registers[11].flatMap { Self.possible(Int($0), Possible.watts) }
        loadWatts = registers[170].flatMap { Self.possible(Int($0), Possible.watts) }
    }

    private static func possible(_ value: Int, _ range: ClosedRange<Int>) -> Int? {
        range.contains(value) ? value : nil
    }
}

/// The operating state, register 0.
public enum InverterMode: Sendable, Hashable {
    /// Waits.
    case standby
    /// Has a fault.
    case fault
    /// Is being programmed.
    case programming
    /// Sun to grid.
    case solarToGrid
    /// Sun to battery.
    case solarCharging
    /// Sun to battery and grid.
    case solarChargingAndGrid
    /// Battery to grid.
    case batteryToGrid
    /// Sun and battery to grid.
    case solarAndBatteryToGrid
    /// Mains to battery.
    case mainsCharging
    /// Sun and mains to battery.
    case solarAndMainsCharging
    /// Battery to the house, off grid.
    case batteryOffGrid
    /// The house off grid, battery being charged.
    case chargingOffGrid
    /// Sun to the house, off grid.
    case solarOffGrid
    /// Sun and battery to the house, off grid.
    case solarAndBatteryOffGrid
    /// Sun to the house and the battery, off grid.
    case solarChargingOffGrid
    /// A code that the maker's documents do not name.
    case other(UInt16)

    /// The state of a code.
    public init(code: UInt16) {
        self =
            switch code {
            case 0x00: .standby
            case 0x01: .fault
            case 0x02: .programming
            case 0x04: .solarToGrid
            case 0x08: .solarCharging
            case 0x0C: .solarChargingAndGrid
            case 0x10: .batteryToGrid
            case 0x14: .solarAndBatteryToGrid
            case 0x20: .mainsCharging
            case 0x28: .solarAndMainsCharging
            case 0x40: .batteryOffGrid
            case 0x60: .chargingOffGrid
            case 0x80: .solarOffGrid
            case 0xC0: .solarAndBatteryOffGrid
            case 0x88: .solarChargingOffGrid
            default: .other(code)
            }
    }
}
