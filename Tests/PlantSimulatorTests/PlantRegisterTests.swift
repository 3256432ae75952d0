import GeneratorCore
import InverterRegisters
import PlantSimulator
import Testing

/// What the plant's inverter says, as the monitor reads it.
struct PlantRegisterTests {
    @Test func theInverterSaysWhatThePlantDoes() throws {
        var plant = PlantTests.plant { $0.stateOfChargePercent = 44 }
        plant.fixedLoadWatts = 1416
        plant.advance(by: .seconds(1), relays: [])
        let told = plant.snapshot
        // The site's dump at 44 %: 52.1 V, -14.1 A in one of two packs, 1491 W out, 1415 W load.
        #expect(told.stateOfChargePercent == 44 && told.stateOfHealthPercent == 94)
        #expect(told.batteryMillivolts == 52_100)
        #expect(told.dischargeWatts == 1491 && told.chargeWatts == 0 && told.loadWatts == 1416)
        let milliamperes = try #require(told.batteryMilliamperes)
        #expect(abs(milliamperes + 14_200) <= 200)
        #expect(told.mode == .batteryOffGrid && told.modeWord == 0x3900)
        #expect(told.battery.packAmpereHours == 200)
        #expect(told.backup.watts == 1416 && told.photovoltaicWatts == 0)
    }

    @Test func theGeneratorIsNotSeenByTheInverter() throws {
        var plant = PlantTests.plant { $0.stateOfChargePercent = 40 }
        PlantTests.charge(&plant)
        let told = plant.snapshot
        #expect(plant.isCharging)
        #expect(told.chargeWatts == 0 && told.grid.rectifierWatts == 0)
        #expect(told.generator.watts == 0 && told.generator.millivolts == 0)
        #expect(told.dischargeWatts == 1075)
        #expect(try #require(told.batteryMilliamperes) > 30_000)
    }

    @Test func sunChangesTheStateOfTheInverter() {
        var plant = PlantTests.plant { $0.stateOfChargePercent = 50 }
        plant.fixedSunWatts = 500
        plant.advance(by: .seconds(60), relays: [])
        #expect(plant.snapshot.mode == .solarAndBatteryOffGrid)
        #expect(plant.snapshot.photovoltaicWatts == 500 && plant.snapshot.dischargeWatts == 575)
        plant.fixedSunWatts = 2000
        plant.advance(by: .seconds(60), relays: [])
        #expect(plant.snapshot.mode == .solarChargingOffGrid)
        #expect(plant.snapshot.chargeWatts == 925 && plant.snapshot.dischargeWatts == 0)
        #expect(plant.snapshot.modeWord == 0x3D00)
    }

    @Test func energyIsCountedByTheDay() throws {
        var plant = PlantTests.plant { $0.secondOfDay = 22 * 3600 }
        for _ in 0..<60 { plant.advance(by: .seconds(60), relays: []) }
        #expect(plant.snapshot.today.load == 1000)
        #expect(plant.snapshot.today.discharge == 1100)
        for _ in 0..<120 { plant.advance(by: .seconds(60), relays: []) }
        #expect(plant.snapshot.today.load == 1000)
        #expect(plant.snapshot.lifetime.load == 3000)
    }

    @Test func bogusChargeIsToldAndNotHeld() {
        var plant = PlantTests.plant { $0.stateOfChargePercent = 60 }
        plant.inject(.bogusSOC(3))
        #expect(plant.snapshot.stateOfChargePercent == 3)
        #expect(plant.stateOfChargePercent == 60)
        plant.clearFaults()
        plant.inject(.bogusSOC(200))
        #expect(plant.snapshot.stateOfChargePercent == nil)
        plant.clearFaults()
        #expect(plant.snapshot.stateOfChargePercent == 60)
    }

    @Test func frozenRegistersHaveOneFingerprint() {
        var plant = PlantTests.plant()
        func fingerprint() -> UInt64 {
            plant.advance(by: .seconds(30), relays: [])
            return plant.registers.fingerprint
        }
        #expect(fingerprint() != fingerprint())
        plant.inject(.frozenRegisters)
        #expect(fingerprint() == fingerprint())
        plant.clearFaults()
        #expect(fingerprint() != fingerprint())
    }

    @Test func anInverterThatRefusesOrIsSilentSaysSo() {
        var plant = PlantTests.plant()
        plant.inject(.exception(6))
        #expect(plant.answer == .exception(6))
        plant.inject(.noAnswer)
        plant.clearFaults()
        plant.inject(.noAnswer)
        #expect(plant.answer == .silence)
        plant.clearFaults()
        #expect(plant.answer == .registers(plant.registers))
    }

    /// Two years of half-minute steps with the simplest of controllers: the battery is never
    /// outside of its range, and the house never dark.
    @Test func yearsOfAutomaticCharging() {
        var plant = Plant()
        var relays: RelaySet = []
        for _ in 0..<2 * 365 * 2880 {
            if plant.stateOfChargePercent < 30, relays == [] { relays = Relays.cranking }
            if plant.isEngineRunning { relays = Relays.charging }
            if plant.stateOfChargePercent > 85 { relays = [] }
            plant.advance(seconds: 30, relays: relays)
        }
        #expect(plant.blackoutSecondsTotal == 0)
        #expect((20...90).contains(plant.stateOfChargePercent))
        #expect((200...1200).contains(plant.engine.starts), "\(plant.engine.starts)")
    }
}
