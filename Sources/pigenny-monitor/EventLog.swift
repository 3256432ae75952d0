import Platform
import SystemdNotify

/// What the operators read: systemd's journal, with fields, or standard output.
struct EventLog {
    private let isJournal = Journal.isConnected
    private var sink = LogSink()
    /// What every message goes with: `journalctl -u pigenny-monitor PIGENNY_STATE=RUNNING`.
    var fields: [Journal.Field] = []

    mutating func write(_ text: String, _ priority: Journal.Priority = .info) {
        if isJournal {
            Journal.send(text, priority, fields)
        } else {
            sink.write(text)
        }
    }
}
