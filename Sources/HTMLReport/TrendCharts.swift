import Health

/// Which numbers of the history a report draws, and how.
public enum TrendCharts {
    /// One series of a host's history.
    public struct Series: Sendable {
        /// Its name, as in `MetricSample`.
        public var name: String
        /// What tells it from others of that name.
        public var labels: [String: String]
        /// Oldest first.
        public var points: [MetricPoint]

        /// A series from its parts.
        public init(name: String, labels: [String: String], points: [MetricPoint]) {
            self.name = name
            self.labels = labels
            self.points = points
        }
    }

    private struct Kind {
        var name: String
        var title: String
        var unit: String
        /// What a value is multiplied by.
        var factor: Double
        /// What its left edge shows at least, in its unit.
        var values: ClosedRange<Double>?
    }

    private static let mebibyte = 1.0 / 1_048_576
    private static let kinds = [
        Kind(name: "disk_used_ratio", title: "Disk used", unit: "%", factor: 100, values: 0...100),
        Kind(
            name: "memory_available_bytes", title: "Memory available", unit: "MiB",
            factor: mebibyte, values: 0...1),
        Kind(
            name: "service_memory_bytes", title: "Memory of services", unit: "MiB",
            factor: mebibyte, values: 0...1),
        Kind(
            name: "battery_charge_ratio", title: "State of charge", unit: "%", factor: 100,
            values: 0...100),
        Kind(name: "battery_volts", title: "Battery voltage", unit: "V", factor: 1),
    ]

    /// The names of the series that are drawn.
    public static var names: [String] { kinds.map(\.name) }

    /// The charts of one host: of each name one, a line for each set of labels, thinned to what a
    /// chart shows. Where there are more lines than a chart takes, those of the greatest last values.
    public static func charts(_ series: [Series], span: TimeSpan) -> [Chart] {
        kinds.compactMap { kind in
            let lines = series.filter { $0.name == kind.name }
                .map { line($0, kind).thinned(span) }
                .filter { !$0.isEmpty }.sorted { last($0) > last($1) }
            guard !lines.isEmpty else { return nil }
            return Chart(
                kind.title, unit: kind.unit, lines, span: span, values: kind.values)
        }
    }

    private static func line(_ series: Series, _ kind: Kind) -> ChartSeries {
        let labels = series.labels.sorted { $0.key < $1.key }.map(\.value)
        return ChartSeries(
            labels.isEmpty ? kind.title.lowercased() : labels.joined(separator: ", "),
            series.points.map { point in
                ChartPoint(
                    time: point.time, low: point.min * kind.factor, high: point.max * kind.factor)
            })
    }

    private static func last(_ series: ChartSeries) -> Double {
        series.points.last { $0.range != nil }?.range?.upperBound ?? 0
    }
}
