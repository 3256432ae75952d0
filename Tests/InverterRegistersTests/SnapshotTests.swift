import Foundation
import InverterRegisters
import Testing

struct SnapshotTests {
    static let fixtures = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/inverter")

    /// The registers of a recorded dump, as a monitor would have read these blocks.
    static func recorded(
        _ name: String, _ blocks: [RegisterBlock] = RegisterBlock.monitored
    ) throws -> InputRegisters {
        let url = fixtures.appendingPathComponent("scan_input_0_200_\(name).txt")
        var words: [UInt16: UInt16] = [:]
        for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard let first = parts.first, first.hasPrefix("r="), let last = parts.last,
                let register = UInt16(first.dropFirst(2)), let word = UInt16(last)
            else { continue }
            words[register] = word
        }
        var registers = InputRegisters()
        for block in blocks {
            let answer = try (block.start..<block.start + block.count).map { register in
                try #require(words[register])
            }
            let isTaken = registers.take(block, answer)
            #expect(isTaken)
        }
        return registers
    }

    @Test(
        arguments: [
            ("soc44", 44, 94, 52_100, -14_100, 0, 0, 1491, 1415),
            ("soc41", 41, 94, 52_300, -9_300, 0, 0, 946, 874),
            ("soc48", 47, 94, 52_300, -8_900, 0, 0, 963, 868),
        ] as [(String, Int, Int, Int, Int, Int, Int, Int, Int)])
    func theSitesDumpsAreRead(
        _ name: String, soc: Int, soh: Int, millivolts: Int, milliamperes: Int, pv: Int,
        charge: Int, discharge: Int, load: Int
    ) throws {
        let snapshot = InverterSnapshot(try Self.recorded(name))
        #expect(snapshot.stateOfChargePercent == soc)
        #expect(snapshot.stateOfHealthPercent == soh)
        #expect(snapshot.batteryMillivolts == millivolts)
        #expect(snapshot.batteryMilliamperes == milliamperes)
        #expect(snapshot.photovoltaicWatts == pv)
        #expect(snapshot.chargeWatts == charge)
        #expect(snapshot.dischargeWatts == discharge)
        #expect(snapshot.loadWatts == load)
    }

    @Test func nothingReadIsUnknownThroughout() {
        let snapshot = InverterSnapshot(InputRegisters())
        #expect(snapshot.mode == nil)
        #expect(snapshot.stateOfChargePercent == nil)
        #expect(snapshot.batteryMillivolts == nil)
        #expect(snapshot.batteryMilliamperes == nil)
        #expect(snapshot.photovoltaicWatts == nil)
        #expect(snapshot.loadWatts == nil)
    }

    static func registers(_ changes: [UInt16: UInt16]) throws -> InputRegisters {
        var registers = InputRegisters()
        for block in RegisterBlock.monitored {
            let answer = (block.start..<block.start + block.count).map { changes[$0] ?? 0 }
            let isTaken = registers.take(block, answer)
            try #require(isTaken)
        }
        return registers
    }

    @Test(arguments: [
        (UInt16(0x5E2C), Int?(44), Int?(94)), (0x6464, 100, 100), (0x0100, 0, 1),
        (0x5E65, nil, 94),  // 101 %
        (0x002C, nil, nil),  // no health: the battery does not talk
        (0x652C, nil, nil),  // 101 % health
        (0xFFFF, nil, nil), (0x0000, nil, nil),
    ])
    func impossibleChargeIsUnknown(_ word: UInt16, _ soc: Int?, _ soh: Int?) throws {
        let snapshot = InverterSnapshot(try Self.registers([5: word]))
        #expect(snapshot.stateOfChargePercent == soc)
        #expect(snapshot.stateOfHealthPercent == soh)
    }

    @Test(arguments: [
        (UInt16(521), Int?(52_100)), (0, nil), (199, nil), (200, 20_000), (700, 70_000), (701, nil),
        (0xFFFF, nil),
    ])
    func impossibleVoltageIsUnknown(_ word: UInt16, _ millivolts: Int?) throws {
        #expect(InverterSnapshot(try Self.registers([4: word])).batteryMillivolts == millivolts)
    }

    @Test func theCurrentIsSigned() throws {
        for (word, expected) in [(UInt16(0xFF73), -14_100), (141, 14_100), (0x8000, nil)]
            as [(UInt16, Int?)]
        {
            let snapshot = InverterSnapshot(try Self.registers([98: word]))
            #expect(snapshot.batteryMilliamperes == expected)
        }
    }

    @Test func photovoltaicPowerIsTheSumOfTheStrings() throws {
        let registers = try Self.registers([7: 431, 8: 559, 9: 10])
        #expect(InverterSnapshot(registers).photovoltaicWatts == 1000)
        let absurd = try Self.registers([7: 0xFFFF, 8: 0xFFFF, 9: 0xFFFF])
        #expect(InverterSnapshot(absurd).photovoltaicWatts == nil)
    }

    @Test func anAnswerOfAnotherLengthIsNotTaken() throws {
        var registers = InputRegisters()
        let block = try #require(RegisterBlock(start: 0, count: 40))
        for count in [0, 1, 39, 41] {
            let isTaken = registers.take(block, Array(repeating: 1, count: count))
            #expect(!isTaken)
        }
        #expect(registers.isEmpty)
    }
}
