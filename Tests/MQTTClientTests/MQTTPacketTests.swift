import TestSupport
import Testing

@testable import MQTTWire

@Suite struct MQTTPacketTests {
    @Test func packetsAreAsTheStandardWritesThem() throws {
        let connect = MQTTConnect(clientID: "a", user: "u", password: Array("p".utf8))
        #expect(
            try MQTTPacket.connect(connect).bytes() == [
                0x10, 19, 0, 4, 0x4D, 0x51, 0x54, 0x54, 4, 0xC2, 0, 0, 0, 1, 0x61, 0, 1, 0x75, 0,
                1, 0x70,
            ])
        #expect(
            try MQTTPacket.connect(MQTTConnect(clientID: "a")).bytes() == [
                0x10, 13, 0, 4, 0x4D, 0x51, 0x54, 0x54, 4, 0x02, 0, 0, 0, 1, 0x61,
            ])
        let message = MQTTMessage(topic: "a/b", payload: "hi")
        #expect(
            try MQTTPacket.publish(message, identifier: 0x1234).bytes() == [
                0x33, 9, 0, 3, 0x61, 0x2F, 0x62, 0x12, 0x34, 0x68, 0x69,
            ])
        #expect(try MQTTPacket.disconnect.bytes() == [0xE0, 0])
    }

    /// The table of section 2.2.3, at its edges.
    @Test(
        arguments: [
            (127, [0x7F]), (128, [0x80, 0x01]), (16_383, [0xFF, 0x7F]),
            (16_384, [0x80, 0x80, 0x01]),
        ] as [(Int, [UInt8])])
    func lengthsAreWrittenInDigitsOf128(length: Int, digits: [UInt8]) {
        let body = [UInt8](repeating: 7, count: length)
        #expect(MQTTPacket.framed(0x33, body) == [0x33] + digits + body)
    }

    @Test func whatCannotBeSaidIsRefused() {
        func fault(_ packet: MQTTPacket) -> MQTTFault? {
            do throws(MQTTFault) {
                _ = try packet.bytes()
                return nil
            } catch {
                return error
            }
        }
        func publish(_ topic: String, _ payload: String = "") -> MQTTPacket {
            .publish(MQTTMessage(topic: topic, payload: payload), identifier: 1)
        }
        #expect(fault(publish("")) == .notATopic)
        #expect(fault(publish("a/#")) == .notATopic)
        #expect(fault(publish("+/a")) == .notATopic)
        #expect(fault(publish("a\0b")) == .notText)
        #expect(fault(publish(String(repeating: "a", count: 1025))) == .tooLong)
        #expect(fault(publish("a", String(repeating: "a", count: 1 << 20))) == nil)
        #expect(fault(publish("a", String(repeating: "a", count: 1 << 20 + 1))) == .tooLong)
        #expect(
            fault(.connect(MQTTConnect(clientID: "a", password: [1]))) == .passwordWithoutUser)
        #expect(
            fault(.connect(MQTTConnect(clientID: String(repeating: "a", count: 70_000))))
                == .tooLong)
    }

    @Test func repliesAreReadHoweverTheyAreCut() throws {
        let bytes: [UInt8] = [0x20, 2, 0, 5, 0x40, 2, 0x12, 0x34, 0x40, 2, 0, 1]
        let expected: [MQTTReply] = [
            .connected(code: 5), .acknowledged(0x1234), .acknowledged(1),
        ]
        for first in 0...bytes.count {
            var reader = MQTTReader()
            var replies = try reader.read(bytes[..<first])
            replies += try reader.read(bytes[first...])
            #expect(replies == expected, "cut at \(first)")
        }
    }

    @Test(
        arguments: [
            [0x30, 0], [0x20, 3], [0x20, 2, 1, 0], [0x40, 0x82, 0], [0x00], [0xFF, 0xFF],
            [0x20, 2, 0, 0, 0x48],
        ] as [[UInt8]])
    func nonsenseIsRefused(bytes: [UInt8]) {
        var reader = MQTTReader()
        #expect(throws: MQTTFault.nonsense) { try reader.read(bytes) }
    }

    /// Any bytes end in replies, in patience or in a refusal, and nothing piles up.
    @Test func bytesAtRandomDoNoHarm() {
        var random = SeededGenerator.fresh("MQTTReader")
        var refused = 0
        for _ in 0..<200_000 {
            var reader = MQTTReader()
            let bytes = (0..<Int.random(in: 1...12, using: &random)).map { _ -> UInt8 in
                let likely: [UInt8] = [0x20, 0x40, 2, 0]
                return Bool.random(using: &random)
                    ? likely.randomElement(using: &random) ?? 0
                    : UInt8.random(in: 0...255, using: &random)
            }
            do throws(MQTTFault) {
                #expect(try reader.read(bytes).count * 4 <= bytes.count)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 1000 && refused < 199_000)
    }
}
