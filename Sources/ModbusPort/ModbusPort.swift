import CModbus
import InverterRegisters
import Platform

/// The inverter's serial line, by libmodbus. It reads input registers; it has nothing that writes.
public final class ModbusPort {
    /// What a port is opened with.
    public struct Settings: Sendable, Equatable {
        /// The device, for example `/dev/ttySC1`.
        public var path: String
        /// Bits a second; 8 data bits, no parity, one stop bit.
        public var baud: Int32
        /// The inverter's address, 1 to 247.
        public var slave: Int32
        /// Settings from their parts.
        public init(path: String, baud: Int32 = 19200, slave: Int32 = 1) {
            self.path = path
            self.baud = baud
            self.slave = slave
        }
    }

    /// How long one answer may take, its last byte included.
    private static var responseTime: Duration { .seconds(1) }
    /// The first request after the port was opened gets lost, and so may any other one.
    private static var firstAttempts: Int { 3 }
    /// A lost, garbled or busy answer is asked for once more.
    private static var attempts: Int { 2 }
    /// Less time than this is not worth a request.
    private static var leastTime: Duration { .milliseconds(50) }
    /// Rest of an inverter that is busy.
    private static var busyMicroseconds: Int64 { 200_000 }

    private let context: OpaquePointer
    private var isFresh = true

    /// Opens the port (modbus_new_rtu, modbus_connect). RS-485 mode is set where the driver has
    /// it.
    public init(_ settings: Settings) throws(ModbusError) {
        guard
            let context = modbus_new_rtu(
                settings.path, settings.baud, CChar(bitPattern: UInt8(ascii: "N")), 8, 1)
        else { throw ModbusError(lastErrorDuring: "open " + settings.path) }
        guard modbus_set_slave(context, settings.slave) == 0,
            // No time-out of its own for each byte: a line that dribbles would never end.
            modbus_set_byte_timeout(context, 0, 0) == 0,
            modbus_connect(context) == 0
        else {
            let error = ModbusError(lastErrorDuring: "open " + settings.path)
            modbus_free(context)
            throw error
        }
        // Most drivers are in this mode by the device tree, or have no such mode: both refuse.
        _ = modbus_rtu_set_serial_mode(context, cmb_rs485_mode())
        self.context = context
    }

    deinit {
        modbus_close(context)
        modbus_free(context)
    }

    /// Reads a block of input registers (modbus_read_input_registers), by the deadline of the
    /// monotonic clock at the latest.
    public func read(
        _ block: RegisterBlock, until deadline: Duration
    ) throws(ModbusError) -> [UInt16] {
        var left = isFresh ? Self.firstAttempts : Self.attempts
        while true {
            left -= 1
            do throws(ModbusError) {
                let words = try readOnce(block, until: deadline)
                isFresh = false
                return words
            } catch {
                guard left > 0, error.isPassing, SystemClock.monotonic() + Self.leastTime < deadline
                else { throw error }
                if error.kind == .busy {
                    isFresh = false
                    SystemClock.pause(microseconds: Self.busyMicroseconds)
                }
            }
        }
    }

    private func readOnce(
        _ block: RegisterBlock, until deadline: Duration
    ) throws(ModbusError) -> [UInt16] {
        let time = min(Self.responseTime, max(Self.leastTime, deadline - SystemClock.monotonic()))
        let parts = time.components
        _ = modbus_set_response_timeout(
            context, UInt32(parts.seconds), UInt32(parts.attoseconds / 1_000_000_000_000))
        // What is left of an earlier answer is none to this request.
        _ = modbus_flush(context)
        var words = [UInt16](repeating: 0, count: Int(block.count))
        let count = modbus_read_input_registers(
            context, Int32(block.start), Int32(block.count), &words)
        guard count == Int32(block.count) else {
            throw ModbusError(lastErrorDuring: "read registers from \(block.start)")
        }
        return words
    }
}
