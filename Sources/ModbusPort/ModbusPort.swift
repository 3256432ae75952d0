import CModbus
import InverterRegisters

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

    /// How long one answer may take, in seconds.
    private static var responseSeconds: UInt32 { 1 }
    /// The first request after the port was opened gets lost: it is sent again.
    private static var firstAttempts: Int { 3 }

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
            modbus_set_response_timeout(context, Self.responseSeconds, 0) == 0,
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

    /// Reads a block of input registers (modbus_read_input_registers).
    public func read(_ block: RegisterBlock) throws(ModbusError) -> [UInt16] {
        var attempts = isFresh ? Self.firstAttempts : 1
        while true {
            do throws(ModbusError) {
                let words = try readOnce(block)
                isFresh = false
                return words
            } catch {
                attempts -= 1
                guard attempts > 0, error.kind == .timeout || error.kind == .garbled else {
                    throw error
                }
            }
        }
    }

    private func readOnce(_ block: RegisterBlock) throws(ModbusError) -> [UInt16] {
        var words = [UInt16](repeating: 0, count: Int(block.count))
        let count = modbus_read_input_registers(
            context, Int32(block.start), Int32(block.count), &words)
        guard count == Int32(block.count) else {
            let error = ModbusError(lastErrorDuring: "read registers from \(block.start)")
            _ = modbus_flush(context)
            throw error
        }
        return words
    }
}

/// What goes wrong on the inverter's line.
public struct ModbusError: Error, Sendable, Equatable {
    /// Which sort.
    public enum Kind: Sendable, Equatable {
        /// No answer in time.
        case timeout
        /// An answer that is not right.
        case garbled
        /// The inverter refuses: 1 function, 2 address, 3 value, 4 read failed, 6 busy.
        case exception(Int32)
        /// The port itself: gone, not there, not ours.
        case port
    }

    /// Which sort.
    public var kind: Kind
    /// What was being done.
    public var operation: String
    /// libmodbus's words for it.
    public var reason: String

    /// `read registers from 0: Connection timed out`.
    public var text: String { operation + ": " + reason }

    /// The error of the libmodbus call that has just failed.
    init(lastErrorDuring operation: String) {
        let code = cmb_errno()
        self.operation = operation
        reason = modbus_strerror(code).map { String(cString: $0) } ?? "error \(code)"
        let exception = cmb_exception(code)
        if exception != 0 {
            kind = .exception(Int32(exception))
        } else if cmb_is_timeout(code) != 0 {
            kind = .timeout
        } else if cmb_is_garbled(code) != 0 {
            kind = .garbled
        } else {
            kind = .port
        }
    }
}
