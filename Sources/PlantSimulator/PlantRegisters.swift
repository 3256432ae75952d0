// What the inverter makes of the plant. It knows nothing of the generator, which feeds a charger of
// its own: registers 10, 17 and 121 to 126 stay 0 while the battery is charged by it.

import InverterRegisters

/// What a read of the inverter meets.
public enum PlantAnswer: Sendable, Equatable {
    /// Words for whatever is asked.
    case registers(InputRegisters)
    /// A refusal: 1 function, 2 address, 3 value, 4 read failed, 6 busy.
    case exception(UInt8)
    /// Nothing at all.
    case silence
}

extension Plant {
    private static var stateOfHealth: Int { 94 }
    private static var cells: Double { 16 }
    /// Between the lowest and the highest cell at the site, in mV.
    private static var cellSpread: Double { 14 }
    private static var backupVolts: Double { 240 }
    /// Reactive power of the site's loads, in var.
    private static var reactive: Double { 480 }
    /// Running time of the site's inverter at the dumps, in seconds.
    private static var uptimeBefore: Int64 { 72_966_861 }
    private static var siteWarnings: InverterWarnings { InverterWarnings(rawValue: 1 << 16) }

    /// What a read meets now, faults included.
    public var answer: PlantAnswer {
        for fault in faults {
            switch fault {
            case .noAnswer: return .silence
            case .exception(let code): return .exception(code)
            case .bogusSOC, .frozenRegisters, .engineWillNotCatch, .stall, .fuelOut: break
            }
        }
        return .registers(registers)
    }

    /// The input registers, frozen or with a false charge where those faults are.
    public var registers: InputRegisters {
        if let frozen { return frozen }
        var registers = recording?.registers(at: elapsedSeconds) ?? InputRegisters(truth)
        for fault in faults {
            guard case .bogusSOC(let percent) = fault else { continue }
            let health = UInt16(Self.stateOfHealth) << 8
            registers.set(5, health | UInt16(UInt8(clamping: percent)))
        }
        return registers
    }

    /// The same as the monitor decodes it.
    public var snapshot: InverterSnapshot { InverterSnapshot(registers) }

    private var truth: InverterSnapshot {
        var told = InverterSnapshot(InputRegisters())
        told.mode = mode
        told.modeWord = sunUsedWatts == 0 ? 0x3900 : inverterBatteryWatts > 0 ? 0x3D00 : 0x3B00
        told.stateOfChargePercent = Self.whole(stateOfChargePercent)
        told.stateOfHealthPercent = Self.stateOfHealth
        told.batteryMillivolts = Self.whole(batteryVolts * 1000)
        told.batteryMilliamperes = Self.whole(batteryAmperes * 1000 / Double(setup.packs))
        told.chargeWatts = Self.whole(inverterBatteryWatts > 0 ? inverterBatteryWatts : 0)
        told.dischargeWatts = Self.whole(inverterBatteryWatts < 0 ? -inverterBatteryWatts : 0)
        told.loadWatts = Self.whole(loadWatts)
        told.faults = []
        told.warnings = Self.siteWarnings
        told.uptimeSeconds = Self.uptimeBefore + Int64(elapsedSeconds)
        told.acInput = .grid
        told.serialNumber = SerialNumber(Array("SIMULATION".utf8))
        told.today = Self.counters(energy.today)
        told.lifetime = Self.counters(energy.total)
        told.grid.rectifierWatts = 0
        told.grid.inverterWatts = 0
        told.generator.millivolts = 0
        told.generator.millihertz = 0
        told.generator.watts = 0
        told.generator.wattHoursToday = 0
        told.generator.wattHoursTotal = 0
        tellStrings(&told.strings)
        tellBackup(&told)
        tellBattery(&told)
        told.temperatures.innerCelsius = 22
        told.temperatures.radiatorFirstCelsius = 31
        told.temperatures.radiatorSecondCelsius = 29
        told.temperatures.batteryCelsius = 4
        return told
    }

    private var mode: InverterMode {
        if isBlackedOut { return .standby }
        if sunUsedWatts == 0 { return .batteryOffGrid }
        return inverterBatteryWatts > 0 ? .solarChargingOffGrid : .solarAndBatteryOffGrid
    }

    private func tellStrings(_ strings: inout PhotovoltaicStrings) {
        let first = Self.whole(sunUsedWatts * 0.45)
        strings.first.watts = first
        strings.second.watts = Self.whole(sunUsedWatts) - first
        strings.third.watts = 0
        // By night the site's strings show what leaks from the inverter.
        strings.first.millivolts = sunUsedWatts > 0 ? 400_000 : 2000
        strings.second.millivolts = sunUsedWatts > 0 ? 375_000 : 1400
        strings.third.millivolts = 0
    }

    private func tellBackup(_ told: inout InverterSnapshot) {
        let apparent = (loadWatts * loadWatts + Self.reactive * Self.reactive).squareRoot()
        let volts = isBlackedOut ? 0 : Self.backupVolts
        told.backup.millivolts.r = Self.whole(volts * 1000)
        told.backup.millihertz = isBlackedOut ? 0 : 60_000
        told.backup.watts = Self.whole(loadWatts)
        told.backup.voltamperes = isBlackedOut ? 0 : Self.whole(apparent)
        told.busMillivolts.first = 370_000
        told.busMillivolts.second = 311_000
    }

    private func tellBattery(_ told: inout InverterSnapshot) {
        let mean = batteryVolts * 1000 / Self.cells
        told.battery.chargeMilliamperesMax = 60_000
        told.battery.dischargeMilliamperesMax = 200_000
        told.battery.chargeMillivolts = 56_000
        told.battery.cutOffMillivolts = 46_000
        told.battery.permissions = [.charge, .discharge]
        told.battery.packs = 0
        told.battery.packAmpereHours = Self.whole(setup.capacityAmpereHours / Double(setup.packs))
        told.battery.managementFaults = 0
        told.battery.managementWarnings = 0
        told.battery.cellMillivoltsMax = Self.whole(mean + Self.cellSpread / 2)
        told.battery.cellMillivoltsMin = Self.whole(mean - Self.cellSpread / 2)
        told.battery.cellTenthsCelsiusMax = 142
        told.battery.cellTenthsCelsiusMin = 104
        told.battery.cycles = 2
    }

    private static func counters(_ sums: PlantEnergy.Sums) -> EnergyCounters {
        var counters = EnergyCounters()
        counters.stringFirst = Int64(sums.sun * 0.45)
        counters.stringSecond = Int64(sums.sun * 0.55)
        counters.charge = Int64(sums.charge)
        counters.discharge = Int64(sums.discharge)
        counters.backup = Int64(sums.load)
        counters.load = Int64(sums.load)
        return counters
    }

    private static func whole(_ value: Double) -> Int { Int(value.rounded()) }
}
