import Foundation
import Health
import HistoryStore
import Reports

/// Numbers over time, as `history --metric` prints them.
struct MetricReport: Encodable {
    /// Columns of a chart.
    private static let chartWidth = 32

    struct Series: Encodable {
        var fleet, host, name: String
        var labels: [String: String]
        /// `readings`, `hours` or `days`: what one point stands for.
        var step: String
        var points: [Point]
    }

    struct Point: Encodable {
        var time: String
        var value, min, max: Double
    }

    private let all: [MetricSeries]
    private let step: MetricStep
    private let start, end: Date

    init(_ all: [MetricSeries], step: MetricStep, from start: Date, to end: Date) {
        self.all = all
        self.step = step
        self.start = start
        self.end = end
    }

    func encode(to encoder: any Encoder) throws {
        try all.map { series in
            Series(
                fleet: series.fleet, host: series.host, name: series.name, labels: series.labels,
                step: step.rawValue,
                points: series.points.map { point in
                    Point(
                        time: Date(timeIntervalSince1970: point.time).formatted(.iso8601),
                        value: point.value, min: point.min, max: point.max)
                })
        }.encode(to: encoder)
    }

    /// A line for each series.
    func table() -> [String] {
        var table = TextTable([
            .init("HOST"), .init("OF"), .init("POINTS", .right), .init("LEAST", .right),
            .init("GREATEST", .right), .init("LAST", .right), .init("CHART"),
        ])
        for series in all {
            func text(_ value: Double?) -> String {
                value.map { MetricNumber.text($0, series.name) } ?? "-"
            }
            table.add(
                series.host, Self.labels(series.labels), "\(series.points.count)",
                text(series.points.map(\.min).min()), text(series.points.map(\.max).max()),
                text(series.points.last?.value),
                MetricChart.line(
                    series.points, from: start.timeIntervalSince1970,
                    to: end.timeIntervalSince1970, width: Self.chartWidth))
        }
        return table.lines()
    }

    /// The values, in the order of their names; what they are called is clear from them.
    static func labels(_ labels: [String: String]) -> String {
        labels.sorted { $0.key < $1.key }.map(\.value).joined(separator: " ")
    }
}

/// What numbers there are, as `history --metric` prints it.
struct MetricList: Encodable {
    struct Row: Encodable {
        var fleet, host, name: String
        var labels: [String: String]
    }

    private let rows: [Row]

    init(_ all: [MetricSeries]) {
        rows = all.map { Row(fleet: $0.fleet, host: $0.host, name: $0.name, labels: $0.labels) }
    }

    func encode(to encoder: any Encoder) throws { try rows.encode(to: encoder) }

    func table() -> [String] {
        var table = TextTable("METRIC", "HOST", "OF")
        for row in rows { table.add(row.name, row.host, MetricReport.labels(row.labels)) }
        return table.lines()
    }
}
