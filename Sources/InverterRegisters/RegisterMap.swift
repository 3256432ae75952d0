// Which register is what. The one table of it, read both ways: decoding fills the snapshot from the
// registers, encoding the registers from the snapshot.

extension InverterSnapshot {
    mutating func exchange(with codec: inout RegisterCodec) {
        codec.mode(0, &mode)
        strings.exchange(with: &codec)
        codec.number(4, &batteryMillivolts, unit: 100, in: Possible.batteryMillivolts)
        codec.charge(5, &stateOfChargePercent, health: &stateOfHealthPercent)
        codec.word(6, &modeWord)
        codec.watts(10, &chargeWatts)
        codec.watts(11, &dischargeWatts)
        grid.exchange(with: &codec)
        backup.exchange(with: &codec)
        codec.number(38, &busMillivolts.first, unit: 100, in: Possible.stringMillivolts)
        codec.number(39, &busMillivolts.second, unit: 100, in: Possible.stringMillivolts)
        today.exchange(with: &codec, from: 28, load: 171, .today)
        lifetime.exchange(with: &codec, from: 40, load: 172, .lifetime)
        var bits = faults?.rawValue
        codec.long(60, &bits)
        faults = bits.map(InverterFaults.init(rawValue:))
        bits = warnings?.rawValue
        codec.long(62, &bits)
        warnings = bits.map(InverterWarnings.init(rawValue:))
        temperatures.exchange(with: &codec)
        var seconds = uptimeSeconds.flatMap(UInt32.init(exactly:))
        codec.long(69, &seconds)
        uptimeSeconds = seconds.map(Int64.init)
        codec.acInput(77, &acInput)
        battery.exchange(with: &codec)
        codec.signed(98, &batteryMilliamperes, unit: 100, in: Possible.batteryMilliamperes)
        codec.word(113, &parallelRole)
        codec.serialNumber(115, &serialNumber)
        generator.exchange(with: &codec)
        codec.watts(170, &loadWatts)
    }
}

extension PhotovoltaicStrings {
    mutating func exchange(with codec: inout RegisterCodec) {
        codec.number(1, &first.millivolts, unit: 100, in: Possible.stringMillivolts)
        codec.number(2, &second.millivolts, unit: 100, in: Possible.stringMillivolts)
        codec.number(3, &third.millivolts, unit: 100, in: Possible.stringMillivolts)
        codec.watts(7, &first.watts)
        codec.watts(8, &second.watts)
        codec.watts(9, &third.watts)
    }
}

extension GridReadings {
    mutating func exchange(with codec: inout RegisterCodec) {
        codec.number(12, &millivolts.r, unit: 100, in: Possible.mainsMillivolts)
        codec.number(13, &millivolts.s, unit: 100, in: Possible.mainsMillivolts)
        codec.number(14, &millivolts.t, unit: 100, in: Possible.mainsMillivolts)
        codec.number(15, &millihertz, unit: 10, in: Possible.millihertz)
        codec.watts(16, &inverterWatts)
        codec.watts(17, &rectifierWatts)
        codec.number(18, &inverterMilliamperes, unit: 10, in: Possible.mainsMilliamperes)
        codec.number(19, &powerFactorPermille, unit: 1, in: Possible.permille)
        codec.watts(26, &exportWatts)
        codec.watts(27, &importWatts)
        codec.watts(114, &loadWatts)
    }
}

extension BackupReadings {
    mutating func exchange(with codec: inout RegisterCodec) {
        codec.number(20, &millivolts.r, unit: 100, in: Possible.mainsMillivolts)
        codec.number(21, &millivolts.s, unit: 100, in: Possible.mainsMillivolts)
        codec.number(22, &millivolts.t, unit: 100, in: Possible.mainsMillivolts)
        codec.number(23, &millihertz, unit: 10, in: Possible.millihertz)
        codec.watts(24, &watts)
        codec.watts(25, &voltamperes)
    }
}

extension EnergyCounters {
    mutating func exchange(
        with codec: inout RegisterCodec, from first: UInt16, load loadRegister: UInt16,
        _ span: RegisterCodec.Span
    ) {
        let step: UInt16 = span == .today ? 1 : 2
        codec.energy(first, &stringFirst, span)
        codec.energy(first + step, &stringSecond, span)
        codec.energy(first + 2 * step, &stringThird, span)
        codec.energy(first + 3 * step, &inverter, span)
        codec.energy(first + 4 * step, &rectifier, span)
        codec.energy(first + 5 * step, &charge, span)
        codec.energy(first + 6 * step, &discharge, span)
        codec.energy(first + 7 * step, &backup, span)
        codec.energy(first + 8 * step, &export, span)
        codec.energy(first + 9 * step, &imported, span)
        codec.energy(loadRegister, &load, span)
    }
}

extension InverterTemperatures {
    mutating func exchange(with codec: inout RegisterCodec) {
        codec.signed(64, &innerCelsius, unit: 1, in: Possible.celsius)
        codec.signed(65, &radiatorFirstCelsius, unit: 1, in: Possible.celsius)
        codec.signed(66, &radiatorSecondCelsius, unit: 1, in: Possible.celsius)
        codec.signed(67, &batteryCelsius, unit: 1, in: Possible.celsius)
    }
}

extension BatteryReadings {
    mutating func exchange(with codec: inout RegisterCodec) {
        codec.number(81, &chargeMilliamperesMax, unit: 100, in: Possible.limitMilliamperes)
        codec.number(82, &dischargeMilliamperesMax, unit: 100, in: Possible.limitMilliamperes)
        codec.number(83, &chargeMillivolts, unit: 100, in: Possible.batteryMillivolts)
        codec.number(84, &cutOffMillivolts, unit: 100, in: Possible.batteryMillivolts)
        var bits = permissions?.rawValue
        codec.word(95, &bits)
        permissions = bits.map(BatteryPermissions.init(rawValue:))
        codec.number(96, &packs, unit: 1, in: Possible.packs)
        codec.number(97, &packAmpereHours, unit: 1, in: Possible.ampereHours)
        codec.word(99, &managementFaults)
        codec.word(100, &managementWarnings)
        codec.number(101, &cellMillivoltsMax, unit: 1, in: Possible.cellMillivolts)
        codec.number(102, &cellMillivoltsMin, unit: 1, in: Possible.cellMillivolts)
        codec.signed(103, &cellTenthsCelsiusMax, unit: 1, in: Possible.tenthsCelsius)
        codec.signed(104, &cellTenthsCelsiusMin, unit: 1, in: Possible.tenthsCelsius)
        codec.number(106, &cycles, unit: 1, in: Possible.cycles)
    }
}

extension GeneratorInputReadings {
    mutating func exchange(with codec: inout RegisterCodec) {
        codec.number(121, &millivolts, unit: 100, in: Possible.mainsMillivolts)
        codec.number(122, &millihertz, unit: 10, in: Possible.millihertz)
        codec.watts(123, &watts)
        codec.energy(124, &wattHoursToday, .today)
        codec.energy(125, &wattHoursTotal, .lifetime)
    }
}
