// What the bits of the inverter's fault and warning words mean: the maker's "Modbus RTU protocol",
// table 10. Bits that it reserves have a number only.

extension InverterFaults {
    /// Each fault, such as `E016 relay check failed`, that of the lowest bit first.
    public var texts: [String] { AlarmBits.texts(rawValue, letter: "E", name: Self.name) }

    private static func name(_ bit: UInt32) -> String? {
        switch bit {
        case 0: "internal communication fault 1"
        case 1: "model fault"
        case 8: "parallel units: CAN communication lost"
        case 9: "parallel units: primary unit lost"
        case 10: "parallel units: several primary units"
        case 11: "parallel units: AC inputs differ"
        case 12: "backup output: short circuit"
        case 13: "backup output: reverse current"
        case 14: "bus: short circuit"
        case 15: "parallel units: grid phases differ"
        case 16: "relay check failed"
        case 17: "internal communication fault 2"
        case 18: "internal communication fault 3"
        case 19: "bus: voltage too high"
        case 20: "backup output: connection fault"
        case 21: "solar input: voltage too high"
        case 22: "overcurrent protection"
        case 23: "neutral fault"
        case 24: "solar input: short circuit"
        case 25: "radiator: temperature out of range"
        case 26: "internal fault"
        case 27: "the two processors measure differently"
        case 31: "internal communication fault 4"
        default: nil
        }
    }
}

extension InverterWarnings {
    /// Bit 16, the grid is away: where there is none it is always set, as at the site.
    public static var gridOutage: InverterWarnings { InverterWarnings(rawValue: 1 << 16) }

    /// Each warning, such as `W016 no grid`, that of the lowest bit first.
    public var texts: [String] { AlarmBits.texts(rawValue, letter: "W", name: Self.name) }

    private static func name(_ bit: UInt32) -> String? {
        switch bit {
        case 0: "no communication with the battery"
        case 1: "no communication with the arc detector"
        case 2: "arc detector: value too high"
        case 3: "no communication with the meter"
        case 4: "the battery forbids charging and discharging"
        case 5: "the automatic test failed"
        case 7: "no communication with the display"
        case 8: "firmware versions do not match"
        case 9: "a fan is stuck"
        case 11: "too many parallel units"
        case 15: "battery connected the wrong way round"
        case 16: "no grid"
        case 17: "grid voltage out of range"
        case 18: "grid frequency out of range"
        case 20: "solar input: insulation too low"
        case 21: "leakage current too high"
        case 22: "direct current into the grid too high"
        case 23: "solar input: short circuit"
        case 25: "battery voltage too high"
        case 26: "battery voltage too low"
        case 27: "battery circuit open"
        case 28: "backup output: overload"
        case 29: "backup output: voltage too high"
        case 30: "meter connected the wrong way round"
        case 31: "direct voltage on the output too high"
        default: nil
        }
    }
}

private enum AlarmBits {
    static func texts(
        _ bits: UInt32, letter: String, name: (UInt32) -> String?
    ) -> [String] {
        var texts: [String] = []
        for bit in UInt32(0)..<32 where bits & (1 << bit) != 0 {
            let number = bit < 10 ? "00\(bit)" : "0\(bit)"
            texts.append(letter + number + " " + (name(bit) ?? "(no name)"))
        }
        return texts
    }
}
