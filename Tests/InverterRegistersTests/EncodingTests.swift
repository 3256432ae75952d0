import InverterRegisters
import TestSupport
import Testing

/// What is encoded is what is decoded.
struct EncodingTests {
    private static let rounds = 3000

    @Test func whatIsEncodedIsDecodedAgain() throws {
        var random = SeededGenerator.fresh("whatIsEncodedIsDecodedAgain")
        var known = 0
        for _ in 0..<Self.rounds {
            var registers = InputRegisters()
            for register in UInt16(0)...185 where Int.random(in: 0..<8, using: &random) > 0 {
                registers.set(register, Self.word(register, &random))
            }
            let snapshot = InverterSnapshot(registers)
            let again = InverterSnapshot(InputRegisters(snapshot))
            try #require(again == snapshot)
            if snapshot.stateOfChargePercent != nil { known += 1 }
        }
        #expect(known > Self.rounds / 4)
    }

    /// Mostly what a register may hold, sometimes anything.
    private static func word(_ register: UInt16, _ random: inout SeededGenerator) -> UInt16 {
        switch (register, Int.random(in: 0..<6, using: &random)) {
        case (_, 0): UInt16.random(in: 0...UInt16.max, using: &random)
        case (4, _), (83...84, _): UInt16.random(in: 190...710, using: &random)
        case (5, _):
            UInt16.random(in: 0...101, using: &random) << 8
                | UInt16.random(in: 0...101, using: &random)
        case (98, _): UInt16(bitPattern: Int16.random(in: -3000...3000, using: &random))
        case (64...67, _): UInt16(bitPattern: Int16.random(in: -50...130, using: &random))
        case (115...119, _):
            UInt16.random(in: 0x20...0x7F, using: &random) << 8
                | UInt16.random(in: 0x21...0x7E, using: &random)
        case (_, 1): 0
        default: UInt16.random(in: 0...4000, using: &random)
        }
    }

    @Test(arguments: ["soc41", "soc44", "soc48"])
    func theDumpsComeBackWordForWord(_ name: String) throws {
        let recorded = try SnapshotTests.recorded(name, RegisterBlock.documented)
        let encoded = InputRegisters(InverterSnapshot(recorded))
        var count = 0
        for register in UInt16(0)...185 {
            guard let word = encoded[register] else { continue }
            #expect(word == recorded[register], "register \(register)")
            count += 1
        }
        #expect(count == 103)
    }

    @Test func nothingKnownIsNothingWritten() {
        #expect(InputRegisters(InverterSnapshot(InputRegisters())).isEmpty)
    }

    @Test func whatIsImpossibleIsNotWritten() {
        var snapshot = InverterSnapshot(InputRegisters())
        snapshot.batteryMillivolts = 90_000
        snapshot.loadWatts = -1
        snapshot.stateOfHealthPercent = 101
        snapshot.stateOfChargePercent = 50
        snapshot.temperatures.innerCelsius = 200
        snapshot.uptimeSeconds = -1
        snapshot.lifetime.load = -100
        #expect(InputRegisters(snapshot).isEmpty)
    }

    @Test func numbersAreRoundedToTheirUnits() {
        var snapshot = InverterSnapshot(InputRegisters())
        snapshot.batteryMillivolts = 52_149
        snapshot.batteryMilliamperes = -14_151
        snapshot.today.load = 1251
        let registers = snapshot.registers
        #expect(registers[4] == 521)
        #expect(registers[98] == UInt16(bitPattern: -142))
        #expect(registers[171] == 13)
    }

    @Test func allModesHaveTheirCodes() {
        for code in UInt16(0)...0x100 { #expect(InverterMode(code: code).code == code) }
        #expect(InverterMode(code: 0x40) == .batteryOffGrid)
        #expect(InverterMode(code: 0x88) == .solarChargingOffGrid)
        #expect(InverterMode(code: 0x41) == .other(0x41))
    }

    @Test func aSerialNumberIsTenPrintableCharacters() {
        #expect(SerialNumber(Array("2352049050".utf8))?.text == "2352049050")
        for bad in ["", "235204905", "23520490501", "235204905 ", "23520\u{7F}9050", "2352\t49050"]
        {
            #expect(SerialNumber(Array(bad.utf8)) == nil, "\(bad)")
        }
        #expect(SerialNumber(Array(repeating: 0xE9, count: 10)) == nil)
    }

    @Test func theMapKeepsItsPlacesWhateverIsKnown() {
        for register in UInt16(0)...185 {
            var registers = InputRegisters()
            registers.set(register, 1)
            for place in InputRegisters(InverterSnapshot(registers)).fingerprintPlaces {
                #expect(place == register)
            }
        }
    }
}

extension InputRegisters {
    fileprivate var fingerprintPlaces: [UInt16] { (UInt16(0)...200).filter { self[$0] != nil } }
}
