import CPlatform

/// A moment as the clock on the wall shows it where the machine is. For names, for the eye and for
/// hours of the day that people chose; what is measured is measured by ``SystemClock/monotonic()``.
public struct LocalTime: Sendable, Equatable {
    /// Such as 2026; 1970 on a board without a clock that nobody has told the time.
    public var year: Int
    /// 1 to 12.
    public var month: Int
    /// 1 to 31.
    public var day: Int
    /// 0 to 23.
    public var hour: Int
    /// 0 to 59.
    public var minute: Int
    /// 0 to 60.
    public var second: Int
    /// Seconds since 1970.
    public var unixSeconds: Int64

    /// The time of a moment. The beginning of 1970 stands for one that the C library cannot tell.
    public init(unixSeconds: Int64) {
        var parts: [Int32] = [1970, 1, 1, 0, 0, 0]
        _ = cp_local_time(unixSeconds, &parts)
        year = Int(parts[0])
        month = Int(parts[1])
        day = Int(parts[2])
        hour = Int(parts[3])
        minute = Int(parts[4])
        second = Int(parts[5])
        self.unixSeconds = unixSeconds
    }

    /// `20260131`.
    public var dateText: String {
        Self.padded(year, to: 4) + Self.padded(month) + Self.padded(day)
    }

    /// `2026-01-31T12:00:00`.
    public var timestampText: String {
        Self.padded(year, to: 4) + "-" + Self.padded(month) + "-" + Self.padded(day) + "T"
            + Self.padded(hour) + ":" + Self.padded(minute) + ":" + Self.padded(second)
    }

    /// Minutes since midnight by the clock, 0 to 1439.
    public var minuteOfDay: Int { hour * 60 + minute }

    private static func padded(_ number: Int, to width: Int = 2) -> String {
        let digits = "\(max(0, number))"
        var text = ""
        for _ in 0..<max(0, width - digits.utf8.count) { text += "0" }
        return text + digits
    }
}

extension SystemClock {
    /// What the clock on the wall shows now.
    public static func local() -> LocalTime { LocalTime(unixSeconds: cp_unix_time()) }
}
