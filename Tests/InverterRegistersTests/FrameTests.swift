import InverterRegisters
import Testing

struct FrameTests {
    @Test(arguments: [
        (UInt16(0), UInt16(40), "010400000028f014"), (5, 1, "01040005000121cb"),
        (120, 40, "010400780028700d"), (170, 1, "010400aa000111ea"),
    ])
    func requestsAreTheGoldenFrames(_ start: UInt16, _ count: UInt16, _ expected: String) throws {
        let block = try #require(RegisterBlock(start: start, count: count))
        let frame = RTUFrame.request(slave: 1, block)
        #expect(hex(frame) == expected)
        let parsed = try #require(RTUFrame.parseRequest(frame, slave: 1))
        #expect(parsed.start == start && parsed.count == count)
    }

    @Test func answersAreTheGoldenFrames() {
        #expect(RTUFrame.parseAnswer(bytes("0104025e2c808d"), slave: 1) == .words([24108]))
        #expect(RTUFrame.parseAnswer(bytes("018402c2c1"), slave: 1) == .exception(2))
        #expect(hex(RTUFrame.answer(slave: 1, .words([24108]))) == "0104025e2c808d")
        #expect(hex(RTUFrame.answer(slave: 1, .exception(2))) == "018402c2c1")
    }

    @Test func noGarbledFrameIsTaken() {
        let good = bytes("0104025e2c808d")
        for place in good.indices {
            for bit in 0..<8 {
                var frame = good
                frame[place] ^= 1 << UInt8(bit)
                #expect(RTUFrame.parseAnswer(frame, slave: 1) == nil)
            }
        }
        for length in 0..<good.count {
            #expect(RTUFrame.parseAnswer(Array(good.prefix(length)), slave: 1) == nil)
        }
        #expect(RTUFrame.parseAnswer(good, slave: 2) == nil)
    }

    @Test(arguments: [
        (UInt16(0), UInt16(40), true), (0, 41, false), (0, 0, false), (39, 1, true),
        (39, 2, false), (40, 40, true), (80, 40, true), (79, 2, false), (65535, 1, false),
    ])
    func noBlockCrossesTheInvertersBounds(_ start: UInt16, _ count: UInt16, _ isOne: Bool) {
        #expect((RegisterBlock(start: start, count: count) != nil) == isOne)
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func bytes(_ text: String) -> [UInt8] {
        let digits = Array(text)
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(String(digits[$0...$0 + 1]), radix: 16) ?? 0
        }
    }
}
