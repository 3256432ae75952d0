import Foundation

/// Amounts as people read them.
public enum Amount {
    /// `95 %`
    public static func percent(_ ratio: Double) -> String { "\(whole(ratio * 100)) %" }

    /// `310 MiB`
    public static func bytes(_ count: Int) -> String {
        var value = Double(count)
        for unit in ["bytes", "KiB", "MiB", "GiB"] {
            if value < 1024 || unit == "GiB" {
                return unit == "bytes" || value >= 10
                    ? "\(whole(value)) \(unit)" : "\(tenths(value)) \(unit)"
            }
            value /= 1024
        }
        return "\(count) bytes"
    }

    /// `40 s`, `12 min`, `5 h`, `3 d`
    public static func time(_ seconds: Double) -> String {
        let seconds = abs(seconds)
        if seconds < 10 { return "\(tenths(seconds)) s" }
        if seconds < 120 { return "\(whole(seconds)) s" }
        if seconds < 7200 { return "\(whole(seconds / 60)) min" }
        if seconds < 172_800 { return "\(whole(seconds / 3600)) h" }
        return "\(whole(seconds / 86_400)) d"
    }

    /// With one digit behind the point.
    public static func tenths(_ value: Double) -> String { String(format: "%.1f", value) }

    /// With up to three digits behind the point.
    public static func thousandths(_ value: Double) -> String {
        let text = String(format: "%.3f", value)
        let end = text.lastIndex { $0 != "0" } ?? text.startIndex
        return String(text[end] == "." ? text[..<end] : text[...end])
    }

    /// Rounded; what is too large for a number is left as it is.
    public static func whole(_ value: Double) -> String { String(format: "%.0f", value) }
}
