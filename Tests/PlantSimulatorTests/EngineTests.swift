import GeneratorCore
import PlantSimulator
import TestSupport
import Testing

/// The engine of the plant, and what can be wrong with it.
struct EngineTests {
    @Test func theInputsAreThoseOfTheBoard() {
        var plant = PlantTests.plant()
        #expect(plant.inputs == [])
        plant.advance(by: .milliseconds(500), relays: Relays.idling)
        #expect(plant.inputs.rawValue == 2)
        plant.advance(by: .seconds(2), relays: Relays.cranking)
        #expect(plant.inputs.rawValue == 10)
        plant.advance(by: .seconds(2), relays: Relays.cranking)
        #expect(plant.inputs.rawValue == 11)
        plant.advance(by: .seconds(4), relays: Relays.idling)
        #expect(plant.inputs.rawValue == 3 && plant.engine.starts == 1)
        plant.advance(by: .seconds(600), relays: Relays.idling)
        #expect(plant.inputs.rawValue == 3)
        plant.advance(by: .seconds(1), relays: [])
        #expect(plant.inputs.rawValue == 0 && !plant.isEngineRunning)
        #expect(plant.engine.crankSecondsTotal == 4)
    }

    @Test func theStarterTurnsNothingWithoutIgnition() {
        var plant = PlantTests.plant()
        plant.advance(by: .seconds(20), relays: [.start])
        #expect(plant.inputs.rawValue == 8 && !plant.isEngineRunning)
    }

    @Test func theChargerGivesNothingUntilTheEngineHasVoltage() {
        var plant = PlantTests.plant()
        plant.advance(by: .seconds(60), relays: [.charger])
        #expect(plant.isChargerClosed && !plant.isCharging)
        plant.advance(by: .seconds(4), relays: Relays.cranking)
        plant.advance(by: .milliseconds(500), relays: Relays.charging)
        #expect(plant.isEngineRunning && !plant.isCharging)
        plant.advance(by: .seconds(5), relays: Relays.charging)
        #expect(plant.isCharging)
        plant.advance(by: .seconds(1), relays: [.charger])
        #expect(!plant.isCharging)
    }

    @Test func anEngineThatWillNotCatchDoesNotUntilItIsMended() {
        var plant = PlantTests.plant()
        plant.inject(.engineWillNotCatch)
        plant.advance(by: .seconds(12), relays: Relays.cranking)
        #expect(plant.inputs.rawValue == 10)
        plant.clearFaults()
        plant.advance(by: .seconds(1), relays: [])
        PlantTests.charge(&plant)
        #expect(plant.isCharging)
    }

    @Test func itStallsAsOftenAsItIsStarted() {
        var plant = PlantTests.plant()
        plant.inject(.stall(after: .seconds(300)))
        for starts in 1...3 {
            PlantTests.charge(&plant)
            #expect(plant.isCharging && plant.engine.starts == starts)
            for _ in 0..<10 { plant.advance(by: .seconds(30), relays: Relays.charging) }
            #expect(!plant.isEngineRunning && !plant.isCharging && plant.inputs.rawValue == 2)
            plant.advance(by: .seconds(5), relays: [])
        }
    }

    @Test func aTankRunsDryAndAnEmptyOneStartsNothing() throws {
        var plant = PlantTests.plant { $0.engine.fuelLitres = 1 }
        PlantTests.charge(&plant)
        for _ in 0..<15 { plant.advance(by: .seconds(60), relays: Relays.charging) }
        let litres = try #require(plant.fuelLitres)
        #expect(abs(litres - 0.52) < 0.05, "\(litres)")
        for _ in 0..<60 { plant.advance(by: .seconds(60), relays: Relays.charging) }
        #expect(plant.fuelLitres == 0 && !plant.isEngineRunning)
        plant.advance(by: .seconds(10), relays: Relays.cranking)
        #expect(!plant.isEngineRunning)
        plant.fuelLitres = 20
        plant.advance(by: .seconds(1), relays: [])
        PlantTests.charge(&plant)
        #expect(plant.isCharging)
        plant.inject(.fuelOut)
        #expect(!plant.isEngineRunning && plant.fuelLitres == 0)
    }
}
