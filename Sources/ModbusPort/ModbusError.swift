import CModbus

/// What goes wrong on the inverter's line.
public struct ModbusError: Error, Sendable, Equatable {
    /// Which sort.
    public enum Kind: Sendable, Equatable {
        /// No answer in time.
        case timeout
        /// An answer that is not right.
        case garbled
        /// The inverter is busy with something else: exception 6.
        case busy
        /// The inverter refuses: 1 function, 2 address, 3 value, 4 read failed.
        case exception(Int32)
        /// The port itself: gone, not there, not ours.
        case port
    }

    /// Which sort.
    public var kind: Kind
    /// What was being done.
    public var operation: String
    /// What was wrong: libmodbus's words, or the number and meaning of a refusal.
    public var reason: String

    /// Whether the next request may do better.
    var isPassing: Bool {
        switch kind {
        case .timeout, .garbled, .busy: true
        case .exception, .port: false
        }
    }

    /// `read registers from 0: Connection timed out`.
    public var text: String { operation + ": " + reason }

    /// The error of the libmodbus call that has just failed.
    init(lastErrorDuring operation: String) {
        let code = cmb_errno()
        self.operation = operation
        let exception = cmb_exception(code)
        if exception != 0 {
            kind = exception == Self.busy ? .busy : .exception(Int32(exception))
            reason = "refused, exception \(exception) (" + Self.meaning(exception) + ")"
            return
        }
        reason = modbus_strerror(code).map { String(cString: $0) } ?? "error \(code)"
        if cmb_is_timeout(code) != 0 {
            kind = .timeout
        } else if cmb_is_garbled(code) != 0 {
            kind = .garbled
        } else {
            kind = .port
        }
    }

    private static var busy: Int32 { 6 }

    private static func meaning(_ exception: Int32) -> String {
        switch exception {
        case 1: "no such function"
        case 2: "no such registers"
        case 3: "bad value"
        case 4: "reading failed"
        case busy: "busy"
        default: "of no known meaning"
        }
    }
}
