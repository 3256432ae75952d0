/// Fault bits.
public struct InverterFaults: OptionSet, Sendable, Hashable {
    /// Register 60 is the low word, 61 the high one.
    public let rawValue: UInt32
    /// Faults of these bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// Warning bits.
public struct InverterWarnings: OptionSet, Sendable, Hashable {
    /// Register 62 is the low word, 63 the high one.
    public let rawValue: UInt32
    /// Warnings of these bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// What the AC input is set to.
public enum ACInput: Sendable, Hashable {
    /// The public grid.
    case grid
    /// A generator.
    case generator
}

/// What the BMS allows, register 95.
public struct BatteryPermissions: OptionSet, Sendable, Hashable {
    /// Its word.
    public let rawValue: UInt16
    /// Permissions of these bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Bit 0.
    public static var charge: BatteryPermissions { BatteryPermissions(rawValue: 1) }
    /// Bit 1.
    public static var discharge: BatteryPermissions { BatteryPermissions(rawValue: 2) }
    /// Bit 5: the BMS demands a charge.
    public static var forcedCharge: BatteryPermissions { BatteryPermissions(rawValue: 32) }
}

/// Temperatures in whole °C.
public struct InverterTemperatures: Sendable, Equatable {
    /// Register 64.
    public var innerCelsius: Int?
    /// Register 65.
    public var radiatorFirstCelsius: Int?
    /// Register 66.
    public var radiatorSecondCelsius: Int?
    /// Register 67; stuck at 4 at the site.
    public var batteryCelsius: Int?

    /// Nothing known.
    public init() {}
}

/// Battery and BMS.
public struct BatteryReadings: Sendable, Equatable {
    /// Register 81, in 0.1 A.
    public var chargeMilliamperesMax: Int?
    /// Register 82, in 0.1 A.
    public var dischargeMilliamperesMax: Int?
    /// The voltage to charge to, register 83, in 0.1 V.
    public var chargeMillivolts: Int?
    /// The voltage at which discharging ends, register 84, in 0.1 V.
    public var cutOffMillivolts: Int?
    /// Register 95.
    public var permissions: BatteryPermissions?
    /// Packs in parallel, register 96; 0 at the site, which has two.
    public var packs: Int?
    /// Capacity of one pack, register 97, in Ah.
    public var packAmpereHours: Int?
    /// The BMS's fault word, register 99.
    public var managementFaults: UInt16?
    /// The BMS's warning word, register 100.
    public var managementWarnings: UInt16?
    /// The highest cell, register 101, in mV.
    public var cellMillivoltsMax: Int?
    /// The lowest cell, register 102, in mV.
    public var cellMillivoltsMin: Int?
    /// The warmest cell, register 103, signed, in 0.1 °C.
    public var cellTenthsCelsiusMax: Int?
    /// The coldest cell, register 104, signed, in 0.1 °C.
    public var cellTenthsCelsiusMin: Int?
    /// Register 106.
    public var cycles: Int?

    /// Nothing known.
    public init() {}
}

/// The inverter's serial number: ten printable ASCII characters.
public struct SerialNumber: Sendable, Hashable {
    /// Characters of a serial number.
    public static var length: Int { 10 }

    private let first: UInt64
    private let last: UInt16

    /// A serial number; nil where these are not ten printable ASCII characters without spaces.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.length, bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return nil
        }
        first = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        last = UInt16(bytes[8]) << 8 | UInt16(bytes[9])
    }

    /// Its characters.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for shift in 1...8 { bytes.append(UInt8(first >> UInt64(64 - 8 * shift) & 0xFF)) }
        bytes.append(UInt8(last >> 8))
        bytes.append(UInt8(last & 0xFF))
        return bytes
    }

    /// Its characters as text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}
