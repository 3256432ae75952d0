import CSystemd

/// Tells systemd how the service is. Outside systemd every call does nothing.
public enum SystemdNotify {
    /// The service is up.
    public static func ready(_ status: String) { send("READY=1\nSTATUS=" + oneLine(status)) }

    /// What `systemctl status` shows.
    public static func status(_ status: String) { send("STATUS=" + oneLine(status)) }

    /// The loop goes round.
    public static func alive() { send("WATCHDOG=1") }

    /// The service is on its way out.
    public static func stopping() { send("STOPPING=1") }

    /// How often ``alive()`` must come; nil where there is no watchdog.
    public static var watchdogInterval: Duration? {
        let microseconds = csd_watchdog_us()
        return microseconds > 0 ? .microseconds(Int64(clamping: microseconds)) : nil
    }

    private static func oneLine(_ text: String) -> String {
        String(decoding: text.utf8.prefix { $0 != 0x0A }, as: UTF8.self)
    }

    private static func send(_ text: String) {
        // Nobody can be told that telling failed; the watchdog notices what matters.
        _ = csd_notify(text)
    }
}
