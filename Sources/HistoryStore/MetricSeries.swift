import Health

/// One number of one host over time.
public struct MetricSeries: Sendable, Equatable {
    /// The fleet's name.
    public var fleet: String
    /// The host's name in the inventory.
    public var host: String
    /// The number's name, such as `disk_used_ratio`.
    public var name: String
    /// What tells it from others of that name, such as `mount`.
    public var labels: [String: String]
    /// Oldest first. Those of hours and days stand at their beginnings, UTC.
    public var points: [MetricPoint]
}

/// How closely the history is kept, and for how long. Every reading goes into all three at once.
public enum MetricStep: String, Sendable, CaseIterable {
    /// Each reading, 14 days.
    case readings
    /// Least, greatest and mean of each hour, a year.
    case hours
    /// The same of each day, ten years.
    case days

    /// How long they are kept, in seconds.
    public var kept: Int {
        switch self {
        case .readings: 14 * 86_400
        case .hours: 366 * 86_400
        case .days: 3653 * 86_400
        }
    }

    /// The length of one point in seconds; 1 for readings, whose times are whole seconds.
    public var seconds: Int {
        switch self {
        case .readings: 1
        case .hours: 3600
        case .days: 86_400
        }
    }

    /// The closest that gives a chart's number of points for so many seconds.
    public static func fitting(_ seconds: Double) -> MetricStep {
        if seconds <= 2 * 86_400 { return .readings }
        return seconds <= 60 * 86_400 ? .hours : .days
    }
}
