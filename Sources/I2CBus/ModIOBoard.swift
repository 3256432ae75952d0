import CI2C
import GeneratorCore
import Platform

/// The Olimex MOD-IO board on the kernel's I2C interface.
///
/// Its firmware only notes a command in the interrupt and prepares the answer in its main loop: a
/// read with a repeated start can bring the previous value. So the command goes out with STOP,
/// the board gets its time, and a plain read follows; two such reads must agree.
public final class ModIOBoard {
    private enum Register {
        static var relays: UInt8 { 0x10 }
        static var inputs: UInt8 { 0x20 }
    }

    /// Time that the firmware gets to prepare its answer; it needs 1 ms.
    private static var answerMicroseconds: Int64 { 2_000 }
    /// Pairs of reads before unequal ones count as unknown.
    private static var readAttempts: Int { 3 }
    /// Limit of one transfer, in units of 10 ms.
    private static var transferTens: Int { 10 }

    private let descriptor: Int32

    /// Opens the bus, for example `/dev/i2c-0`, and selects the board. Writes nothing.
    public init(path: String, address: UInt8) throws(PosixError) {
        let number = ci2c_open(path)
        guard number >= 0 else { throw PosixError("open " + path, code: ci2c_errno()) }
        guard ci2c_select(number, Int(address)) >= 0 else {
            let code = ci2c_errno()
            _ = ci2c_close(number)
            throw PosixError("select the board on " + path, code: code)
        }
        // An adapter without this setting keeps its own limit of about a second.
        _ = ci2c_timeout(number, Self.transferTens)
        descriptor = number
    }

    deinit { _ = ci2c_close(descriptor) }

    /// Sets the relays.
    public func write(_ relays: RelaySet) -> WriteResult {
        ci2c_write_register(descriptor, Register.relays, relays.rawValue) < 0 ? .failed : .written
    }

    /// Reads the inputs by the rule above; a failed transfer is unknown at once.
    public func readInputs() -> InputReading {
        guard var last = readOnce() else { return .unknown }
        for _ in 0..<Self.readAttempts {
            guard let next = readOnce() else { return .unknown }
            if next == last { return .valid(Inputs(rawValue: next)) }
            last = next
        }
        return .unknown
    }

    private func readOnce() -> UInt8? {
        guard ci2c_write_byte(descriptor, Register.inputs) >= 0 else { return nil }
        SystemClock.pause(microseconds: Self.answerMicroseconds)
        let byte = ci2c_read_byte(descriptor)
        return byte < 0 ? nil : UInt8(truncatingIfNeeded: byte) & 0x0F
    }
}
