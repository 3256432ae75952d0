import InverterRegisters
import Testing

/// Every register that means something, against the dumps of the site's inverter.
struct DumpTests {
    static func snapshot(_ name: String) throws -> InverterSnapshot {
        InverterSnapshot(try SnapshotTests.recorded(name, RegisterBlock.documented))
    }

    @Test func powerOfTheDumpAt44Percent() throws {
        let told = try Self.snapshot("soc44")
        #expect(told.mode == .batteryOffGrid && told.modeWord == 0x3900)
        #expect(told.strings.first.millivolts == 2000 && told.strings.second.millivolts == 1400)
        #expect(told.strings.third.millivolts == 0)
        #expect(told.strings.first.watts == 0 && told.strings.third.watts == 0)
        #expect(told.grid.millivolts.r == 0 && told.grid.millivolts.t == 100)
        #expect(told.grid.millihertz == 0)
        #expect(told.grid.inverterWatts == 0 && told.grid.rectifierWatts == 0)
        #expect(told.grid.inverterMilliamperes == 4730 && told.grid.powerFactorPermille == 0)
        #expect(told.grid.exportWatts == 0 && told.grid.importWatts == 0)
        #expect(told.grid.loadWatts == 0)
        #expect(told.backup.millivolts.r == 239_600 && told.backup.millivolts.s == 0)
        #expect(told.backup.millihertz == 60_000)
        #expect(told.backup.watts == 1416 && told.backup.voltamperes == 1456)
        #expect(told.busMillivolts.first == 368_500 && told.busMillivolts.second == 310_500)
        #expect(told.generator.millivolts == 0 && told.generator.millihertz == 0)
        #expect(told.generator.watts == 0 && told.generator.wattHoursToday == 0)
        #expect(told.generator.wattHoursTotal == 6_444_400)
    }

    @Test func energyOfTheDumpAt44Percent() throws {
        let told = try Self.snapshot("soc44")
        #expect(told.today.stringFirst == 3500 && told.today.stringSecond == 5100)
        #expect(told.today.stringThird == 0 && told.today.inverter == 0)
        #expect(told.today.rectifier == 0 && told.today.charge == 3900)
        #expect(told.today.discharge == 14_800 && told.today.backup == 18_100)
        #expect(told.today.export == 0 && told.today.imported == 0)
        #expect(told.today.load == 18_000)
        // Two words, the low one first: 65536 + 6775 tenths of a kWh.
        #expect(told.lifetime.stringFirst == 7_231_100)
        #expect(told.lifetime.stringSecond == 5_485_300 && told.lifetime.stringThird == 700)
        #expect(told.lifetime.inverter == 0 && told.lifetime.rectifier == 3_782_200)
        #expect(told.lifetime.charge == 10_195_200 && told.lifetime.discharge == 10_897_500)
        #expect(told.lifetime.backup == 15_690_900)
        #expect(told.lifetime.export == 9100 && told.lifetime.imported == 800)
        #expect(told.lifetime.load == 18_352_300)
    }

    @Test func deviceAndBatteryOfTheDumpAt44Percent() throws {
        let told = try Self.snapshot("soc44")
        #expect(told.faults == [] && told.warnings?.rawValue == 1 << 16)
        #expect(told.temperatures.innerCelsius == 23)
        #expect(told.temperatures.radiatorFirstCelsius == 30)
        #expect(told.temperatures.radiatorSecondCelsius == 29)
        #expect(told.temperatures.batteryCelsius == 4)
        #expect(told.uptimeSeconds == Int64(1113 * 65_536 + 23_791))
        #expect(told.acInput == .grid)
        #expect(told.battery.chargeMilliamperesMax == 60_000)
        #expect(told.battery.dischargeMilliamperesMax == 200_000)
        #expect(told.battery.chargeMillivolts == 56_000 && told.battery.cutOffMillivolts == 46_000)
        #expect(told.battery.permissions == [.charge, .discharge])
        #expect(told.battery.packs == 0 && told.battery.packAmpereHours == 200)
        #expect(told.battery.managementFaults == 0 && told.battery.managementWarnings == 0)
        #expect(told.battery.cellMillivoltsMax == 3253 && told.battery.cellMillivoltsMin == 3240)
        #expect(told.battery.cellTenthsCelsiusMax == 143)
        #expect(told.battery.cellTenthsCelsiusMin == 105)
        #expect(told.battery.cycles == 2)
        #expect(told.parallelRole == 501)
        #expect(told.serialNumber?.text == "2352049050")
    }

    @Test func whatDiffersInTheOtherDumps() throws {
        let older = try Self.snapshot("soc48")
        let latest = try Self.snapshot("soc41")
        #expect(older.backup.watts == 873 && latest.backup.watts == 877)
        #expect(older.battery.cellMillivoltsMin == 3251)
        #expect(latest.battery.cellMillivoltsMin == 3248)
        #expect(older.lifetime.load == 18_351_700 && latest.lifetime.load == 18_352_800)
        #expect(older.serialNumber == latest.serialNumber)
        // The dumps are an hour and three minutes apart by the dump tool's clock.
        let uptimes = try [older, latest].map { try #require($0.uptimeSeconds) }
        #expect(uptimes[1] - uptimes[0] == 3791)
    }

    @Test func eachRoundHasAFingerprintOfItsOwn() throws {
        let names = ["soc41", "soc44", "soc48"]
        let prints = try names.map { try SnapshotTests.recorded($0).fingerprint }
        #expect(Set(prints).count == 3)
        #expect(prints == (try names.map { try SnapshotTests.recorded($0).fingerprint }))
        // The published value of nothing at all.
        #expect(InputRegisters().fingerprint == 0xCBF2_9CE4_8422_2325)
    }

    @Test func aFingerprintKnowsNumbersAndWords() {
        func fingerprint(_ words: KeyValuePairs<UInt16, UInt16>) -> UInt64 {
            var registers = InputRegisters()
            for (register, word) in words { registers.set(register, word) }
            return registers.fingerprint
        }
        #expect(fingerprint([1: 2, 3: 4]) == fingerprint([3: 4, 1: 2]))
        #expect(fingerprint([1: 2]) != fingerprint([2: 1]))
        #expect(fingerprint([1: 0]) != fingerprint([2: 0]))
        #expect(fingerprint([1: 0]) != fingerprint([1: 256]))
        // FNV-1a of "\0\u{1}ab".
        #expect(fingerprint([1: 0x6162]) == Self.fnv([0, 1, 0x61, 0x62]))
    }

    private static func fnv(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    }
}
