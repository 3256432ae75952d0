/// One number at one time, as the history and Prometheus take it. The host and the time are said
/// by what holds it.
public struct MetricSample: Sendable, Equatable {
    /// The name in Prometheus' form without the prefix, its unit last: `disk_used_ratio`.
    public var name: String
    /// Labels beside the host: `mount` is `/`, `service` is `gen-server`.
    public var labels: [String: String]
    /// In base units: seconds, bytes, a ratio of 0…1, volts, amperes, celsius. Finite.
    public var value: Double

    /// A sample from its parts.
    public init(_ name: String, _ value: Double, labels: [String: String] = [:]) {
        self.name = name
        self.labels = labels
        self.value = value
    }
}

/// One number of the past: what a trend is judged by.
public struct MetricPoint: Sendable, Equatable {
    /// Seconds since 1970, by the clock of the machine that asked.
    public var time: Double
    /// The value; the mean where several were made into one.
    public var value: Double
    /// The least of those that were made into one.
    public var min: Double
    /// The greatest of them.
    public var max: Double

    /// A point from its parts; one reading is its own minimum and maximum.
    public init(time: Double, value: Double, min: Double? = nil, max: Double? = nil) {
        self.time = time
        self.value = value
        self.min = min ?? value
        self.max = max ?? value
    }
}
