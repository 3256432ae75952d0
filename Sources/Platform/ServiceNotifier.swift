import CPlatform

/// systemd's readiness protocol (sd_notify(3)) over its socket, without libsystemd: the static
/// build for the old board has no shared library to lean on. Outside systemd every call does
/// nothing.
public struct ServiceNotifier {
    private let socket: String?
    private let interval: Duration?
    private var lastSign: Duration = .zero

    /// Reads NOTIFY_SOCKET and WATCHDOG_USEC.
    public init() {
        socket = Environment.value("NOTIFY_SOCKET")
        let microseconds = Environment.value("WATCHDOG_USEC").flatMap { Int64($0) } ?? 0
        let isOurs = Environment.value("WATCHDOG_PID").map { $0 == "\(cp_process_id())" } ?? true
        interval = microseconds > 0 && isOurs ? .microseconds(microseconds) : nil
    }

    /// The service is up.
    public func ready() { send("READY=1") }

    /// What `systemctl status` shows: one line.
    public func status(_ text: String) { send("STATUS=" + text) }

    /// The service is on its way out.
    public func stopping() { send("STOPPING=1") }

    /// The loop goes round; systemd hears of it three times in its watchdog's interval.
    public mutating func alive(at now: Duration) {
        guard let interval, now - lastSign >= interval / 3 else { return }
        lastSign = now
        send("WATCHDOG=1")
    }

    private func send(_ text: String) {
        guard let socket else { return }
        let bytes = Array(text.utf8)
        let count = bytes.count
        // Nobody can be told that telling failed; the watchdog notices what matters.
        _ = bytes.withUnsafeBytes { cp_send_unix(socket, $0.baseAddress, count) }
    }
}

/// The variables that this process was started with.
public enum Environment {
    /// A variable's value; nil where it is not set.
    public static func value(_ name: String) -> String? {
        cp_variable(name).map { String(cString: $0) }
    }
}
