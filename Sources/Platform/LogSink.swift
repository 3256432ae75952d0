import CPlatform

/// Where log lines go: standard output, or a file of limited size with one older one beside it.
public struct LogSink {
    private enum Target {
        /// `isStamped` is false for the journal, which knows the time itself.
        case standardOutput(isStamped: Bool)
        case file(FileDescriptor, path: String, size: Int64)
    }

    private var target: Target
    /// Size at which the file is moved to `PATH.1` and begun anew, in bytes.
    public let limit: Int64
    /// Lines that could not be written: a full disk loses lines, never control.
    public private(set) var lost = 0

    /// Lines to standard output, for the journal or the supervisor.
    public init() {
        target = .standardOutput(isStamped: cp_has_variable("JOURNAL_STREAM") == 0)
        limit = 0
    }

    /// Lines to a file of at most `limit` bytes.
    public init(path: String, limit: Int64 = 1024 * 1024) throws(PosixError) {
        let file = FileDescriptor(owning: try checked("open " + path, cp_open_append(path)))
        target = .file(file, path: path, size: max(0, cp_file_size(file.number)))
        self.limit = limit
    }

    /// Writes a line with its time before it. It never waits: a log that cannot take the line
    /// loses it.
    public mutating func write(_ text: String) {
        let stamped = Array((SystemClock.utcText() + " " + text + "\n").utf8)
        switch target {
        case .standardOutput(let isStamped):
            let bytes = isStamped ? stamped : Array((text + "\n").utf8)
            let count = bytes.count
            guard cp_can_write(1) == 1 else {
                lost += 1
                return
            }
            let written = bytes.withUnsafeBytes { cp_write(1, $0.baseAddress, count) }
            if written != Int64(count) { lost += 1 }
        case .file(let file, let path, let size):
            if size + Int64(stamped.count) > limit, size > 0, let fresh = Self.rotate(path) {
                return writeToFile(fresh, path, 0, stamped)
            }
            writeToFile(file, path, size, stamped)
        }
    }

    private mutating func writeToFile(
        _ file: FileDescriptor, _ path: String, _ size: Int64, _ bytes: [UInt8]
    ) {
        target = .file(file, path: path, size: size)
        guard size + Int64(bytes.count) <= limit, file.write(bytes) == .bytes(bytes.count) else {
            lost += 1
            return
        }
        target = .file(file, path: path, size: size + Int64(bytes.count))
    }

    /// Moves the file aside and opens a new one; nil where that fails, and lines are then lost
    /// rather than the limit.
    private static func rotate(_ path: String) -> FileDescriptor? {
        guard cp_rename(path, path + ".1") == 0 else { return nil }
        let number = cp_open_append(path)
        return number >= 0 ? FileDescriptor(owning: number) : nil
    }
}

/// Lines for people at the terminal.
public enum Terminal {
    /// A line to standard output.
    public static func say(_ text: String) { write(1, text) }

    /// A line to standard error.
    public static func complain(_ text: String) { write(2, text) }

    private static func write(_ number: Int32, _ text: String) {
        let bytes = Array((text + "\n").utf8)
        let count = bytes.count
        _ = bytes.withUnsafeBytes { cp_write(number, $0.baseAddress, count) }
    }

    /// Ends the process.
    public static func exit(_ status: Int32) -> Never { CPlatform.exit(status) }
}
