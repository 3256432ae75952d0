import Platform

/// What the operators read: the journal, or standard output.
struct EventLog {
    /// How urgent a line is, as syslog(3) counts.
    enum Priority: Int32 {
        case alert = 1
        case warning = 4
        case notice = 5
        case info = 6
    }

    private var sink = LogSink()

    mutating func write(_ text: String, _ priority: Priority = .info) { sink.write(text) }
}
