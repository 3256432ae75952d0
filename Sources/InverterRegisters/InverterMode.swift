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

    /// The code of a state.
    public var code: UInt16 {
        switch self {
        case .standby: 0x00
        case .fault: 0x01
        case .programming: 0x02
        case .solarToGrid: 0x04
        case .solarCharging: 0x08
        case .solarChargingAndGrid: 0x0C
        case .batteryToGrid: 0x10
        case .solarAndBatteryToGrid: 0x14
        case .mainsCharging: 0x20
        case .solarAndMainsCharging: 0x28
        case .batteryOffGrid: 0x40
        case .chargingOffGrid: 0x60
        case .solarOffGrid: 0x80
        case .solarAndBatteryOffGrid: 0xC0
        case .solarChargingOffGrid: 0x88
        case .other(let code): code
        }
    }
}
