/// Modbus RTU frames that read input registers (function 4): bytes and their checksum. The
/// monitor's port leaves framing to libmodbus; simulators and tests speak it by this.
public enum RTUFrame {
    private static var readInputs: UInt8 { 4 }
    private static var exceptionBit: UInt8 { 0x80 }

    /// What an inverter answers.
    public enum Answer: Sendable, Equatable {
        /// The registers' words.
        case words([UInt16])
        /// A refusal: 1 function, 2 address, 3 value, 4 read failed, 6 busy.
        case exception(UInt8)
    }

    /// The request for a block.
    public static func request(slave: UInt8, _ block: RegisterBlock) -> [UInt8] {
        sealed([slave, readInputs] + bytes(block.start) + bytes(block.count))
    }

    /// The block that a whole request asks for; nil where it is not one for this slave, or is
    /// garbled.
    public static func parseRequest(_ frame: [UInt8], slave: UInt8) -> (
        start: UInt16, count: UInt16
    )? {
        guard frame.count == 8, isSealed(frame), frame[0] == slave, frame[1] == readInputs else {
            return nil
        }
        return (word(frame, 2), word(frame, 4))
    }

    /// The bytes of an answer.
    public static func answer(slave: UInt8, _ answer: Answer) -> [UInt8] {
        switch answer {
        case .words(let words):
            sealed(
                [slave, readInputs, UInt8(truncatingIfNeeded: words.count * 2)]
                    + words.flatMap(bytes))
        case .exception(let code): sealed([slave, readInputs | exceptionBit, code])
        }
    }

    /// Reads a whole answer; nil where it is none of this slave's, or is garbled.
    public static func parseAnswer(_ frame: [UInt8], slave: UInt8) -> Answer? {
        guard frame.count >= 5, isSealed(frame), frame[0] == slave else { return nil }
        if frame[1] == readInputs | exceptionBit, frame.count == 5 { return .exception(frame[2]) }
        let count = Int(frame[2])
        guard frame[1] == readInputs, count % 2 == 0, frame.count == count + 5 else { return nil }
        return .words(stride(from: 3, to: 3 + count, by: 2).map { word(frame, $0) })
    }

    /// CRC-16 of Modbus: polynomial 0xA001, begun at 0xFFFF, sent low byte first.
    public static func checksum(_ bytes: some Sequence<UInt8>) -> UInt16 {
        var sum: UInt16 = 0xFFFF
        for byte in bytes {
            sum ^= UInt16(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xA001 : sum >> 1 }
        }
        return sum
    }

    private static func bytes(_ word: UInt16) -> [UInt8] {
        [UInt8(word >> 8), UInt8(word & 0xFF)]
    }

    private static func word(_ frame: [UInt8], _ place: Int) -> UInt16 {
        UInt16(frame[place]) << 8 | UInt16(frame[place + 1])
    }

    private static func sealed(_ body: [UInt8]) -> [UInt8] {
        body + bytes(checksum(body).byteSwapped)
    }

    private static func isSealed(_ frame: [UInt8]) -> Bool {
        let body = frame.dropLast(2)
        return frame.suffix(2).elementsEqual(bytes(checksum(body).byteSwapped))
    }
}
