import CSystemd

/// Messages with fields for systemd's journal (sd_journal_sendv). A message may hold line ends: it
/// stays one message.
public enum Journal {
    /// How much a message matters (syslog(3)).
    public enum Priority: UInt8, Sendable {
        /// Somebody must act now: the starter is not let go of.
        case alert = 1
        case critical = 2
        case error = 3
        case warning = 4
        case notice = 5
        case info = 6
        case debug = 7
    }

    /// A field of a message.
    public struct Field: Sendable {
        /// Upper-case letters, digits and `_`, beginning with a letter: at most 64 of them.
        public var name: String
        /// Any text.
        public var value: String

        /// A field of its parts.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Fields of one message besides its text and priority; more are left out.
    public static var fieldsMax: Int { Int(csd_journal_fields_max) - 2 }

    /// Whether standard error, or where that leads elsewhere standard output, is the journal. What
    /// is printed there is then in the journal too: print or send, not both.
    public static var isConnected: Bool {
        csd_is_journal_stream(2) != 0 || csd_is_journal_stream(1) != 0
    }

    /// Sends a message; false where it is lost. It never waits: a journal that takes nothing loses
    /// messages and holds nobody up. A field whose name the journal would not take is left out.
    @discardableResult
    public static func send(
        _ message: String, _ priority: Priority = .info, _ fields: [Field] = []
    ) -> Bool {
        var bytes: [UInt8] = []
        var lengths: [Int] = []
        func add(_ name: String, _ value: String) {
            let before = bytes.count
            bytes += name.utf8
            bytes.append(0x3D)
            bytes += value.utf8
            lengths.append(bytes.count - before)
        }
        add("MESSAGE", message)
        add("PRIORITY", "\(priority.rawValue)")
        for field in fields.prefix(fieldsMax) where isName(field.name) {
            add(field.name, field.value)
        }
        guard csd_journal_has_room() != 0 else { return false }
        let count = Int32(lengths.count)
        return bytes.withUnsafeBytes { csd_journal_send($0.baseAddress, lengths, count) } == 0
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (0x41...0x5A).contains(first), name.utf8.count <= 64
        else { return false }
        return name.utf8.allSatisfy {
            (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
        }
    }
}
