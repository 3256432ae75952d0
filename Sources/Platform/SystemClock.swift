import CPlatform

/// The clocks.
public enum SystemClock {
    /// Time since some arbitrary moment; never goes back, never jumps.
    public static func monotonic() -> Duration { .nanoseconds(cp_monotonic_ns()) }

    /// Time since the boot of this machine; never goes back, never jumps (CLOCK_BOOTTIME).
    public static func sinceBoot() -> Duration { .nanoseconds(cp_boottime_ns()) }

    /// The wall clock as `2026-01-31T12:00:00Z`: for the eye only, never for a decision.
    public static func utcText() -> String {
        var text = [CChar](repeating: 0, count: 32)
        cp_utc_text(&text)
        let length = text.firstIndex(of: 0) ?? 0
        return String(decoding: text[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Waits without doing anything; for waits of milliseconds that hardware demands.
    public static func pause(microseconds: Int64) { cp_sleep_us(microseconds) }
}

extension Duration {
    /// Whole milliseconds, rounded up, at least 0, as poll takes them.
    public var wholeMilliseconds: Int32 {
        let parts = components
        let (milliseconds, overflow) = parts.seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return Int32.max }
        let total = milliseconds + (parts.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(clamping: max(0, total))
    }
}
