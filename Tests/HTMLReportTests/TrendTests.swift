import Health
import Testing

@testable import HTMLReport

@Suite struct TrendTests {
    private static let span = TimeSpan(0, 86_400 * 1826)

    private func series(_ name: String, _ labels: [String: String], _ value: Double)
        -> TrendCharts.Series
    {
        TrendCharts.Series(
            name: name, labels: labels,
            points: (0..<1826).map {
                MetricPoint(
                    time: Double($0) * 86_400, value: value, min: value / 2,
                    max: $0 == 900 ? value * 3 : value)
            })
    }

    /// Ratios become percent, bytes MiB; a short peak of years ago is there still.
    @Test func unitsAreThoseOfPeople() throws {
        let charts = TrendCharts.charts(
            [
                series("memory_available_bytes", [:], 10_485_760),
                series("disk_used_ratio", ["mount": "/"], 0.25), series("up", [:], 1),
            ], span: Self.span)
        #expect(charts.map(\.title) == ["Disk used", "Memory available"])
        #expect(charts.map(\.unit) == ["%", "MiB"])
        #expect(charts[0].series.map(\.name) == ["/"])
        let ranges = charts.flatMap(\.series).map { $0.points.compactMap(\.range) }
        #expect(ranges[0].map(\.upperBound).max() == 75)
        #expect(ranges[0].map(\.lowerBound).min() == 12.5)
        #expect(ranges[1].map(\.upperBound).max() == 30)
        #expect(ranges.allSatisfy { $0.count <= 2 * ChartFrame.columns })
    }

    /// Of more file systems than lines the fullest are drawn, and the page says how many are not.
    @Test func theFullestAreDrawn() {
        let charts = TrendCharts.charts(
            (1...6).map { series("disk_used_ratio", ["mount": "/\($0)"], Double($0) / 10) },
            span: Self.span)
        var html = HTMLWriter()
        ChartFigure(charts[0], SampleReport.clock).write(into: &html)
        let text = String(decoding: html.bytes, as: UTF8.self)
        #expect(text.contains("/6<") && text.contains("/3<") && !text.contains("/2<"))
        #expect(text.contains("2 more are not shown"))
    }

    @Test func noHistoryIsNoChart() {
        #expect(TrendCharts.charts([], span: Self.span).isEmpty)
        let empty = TrendCharts.Series(name: "disk_used_ratio", labels: [:], points: [])
        #expect(TrendCharts.charts([empty], span: Self.span).isEmpty)
    }
}
