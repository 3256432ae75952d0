import Foundation

/// A metric's number for people; its name ends with its unit.
enum MetricNumber {
    private static let sizes = ["B", "KiB", "MiB", "GiB", "TiB"]
    private static let units = [
        "_seconds": "s", "_volts": "V", "_amperes": "A", "_watts": "W", "_celsius": "°C",
        "_hertz": "Hz",
    ]

    /// Whether its numbers are times, in seconds since 1970.
    static func isTime(_ name: String) -> Bool {
        name.hasSuffix("_timestamp_seconds") || name == "boot_time_seconds"
    }

    static func text(_ value: Double, _ name: String) -> String {
        if isTime(name) { return Date(timeIntervalSince1970: value).formatted(.iso8601) }
        if name.hasSuffix("_ratio") { return digits(value * 100) + " %" }
        if name.hasSuffix("_bytes") { return size(value) }
        let unit = units.first { name.hasSuffix($0.key) }?.value
        return digits(value) + (unit.map { " " + $0 } ?? "")
    }

    private static func size(_ bytes: Double) -> String {
        var value = bytes
        var index = 0
        while value.magnitude >= 1024, index < sizes.count - 1 {
            value /= 1024
            index += 1
        }
        return digits(value) + " " + sizes[index]
    }

    /// Four digits that count, and no fraction that is zero.
    private static func digits(_ value: Double) -> String {
        if value.magnitude >= 1000 { return String(format: "%.0f", value) }
        return String(format: "%.4g", value)
    }
}
