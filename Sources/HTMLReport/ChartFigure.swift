/// A chart as a figure: caption, drawing, legend, and the same as a table for those who cannot or
/// will not read a drawing.
struct ChartFigure {
    /// Rows of the table.
    static let rows = 12

    private let chart: Chart
    private let series: [ChartSeries]
    private let strokes: [[Thinning.Stroke]]
    private let frame: ChartFrame
    private let clock: ReportClock

    init(_ chart: Chart, _ clock: ReportClock) {
        self.chart = chart
        self.clock = clock
        let series = Array(chart.series.prefix(Chart.seriesMax))
        self.series = series
        strokes = series.map {
            Thinning.strokes($0, span: chart.span, columns: ChartFrame.columns)
        }
        let values = strokes.joined().joined().lazy.map(\.value)
        let range = values.min().flatMap { low in values.max().map { low...$0 } }
        frame = ChartFrame(span: chart.span, axis: ValueAxis(range, fixed: chart.values))
    }

    /// Writes the figure.
    func write(into html: inout HTMLWriter) {
        html.element("figure") { html in
            html.element("figcaption") { html in
                html.text(chart.title + " ")
                html.element("span", .class("faint"), text: "in " + chart.unit)
            }
            ChartFrame.draw(chart.title, description, into: &html) { html in
                drawBands(into: &html)
                frame.drawEdges(TimeAxis(chart.span, clock), into: &html)
                for index in series.indices { draw(index, into: &html) }
            }
            writeLegend(into: &html)
            writeTable(into: &html)
        }
        html.line()
    }

    /// What the drawing shows, in words.
    private var description: String {
        let times = "From \(clock.text(chart.span.from)) to \(clock.text(chart.span.to)). "
        let lines = zip(series, strokes).map { series, strokes in
            let points = strokes.joined()
            guard let low = points.map(\.value).min(), let high = points.map(\.value).max(),
                let last = strokes.last?.last
            else { return "\(series.name): nothing is known." }
            return
                "\(series.name): least \(text(low)), greatest \(text(high)), last \(text(last.value))"
                + " at \(clock.text(last.time))."
        }
        return times + lines.joined(separator: " ")
    }

    private func text(_ value: Double) -> String {
        frame.axis.text(value, more: 1) + " " + chart.unit
    }

    private func drawBands(into html: inout HTMLWriter) {
        for band in chart.bands.compactMap({ $0.within(chart.span) }) {
            let left = frame.x(band.from)
            html.shape(
                "rect", .class("band"), HTMLAttribute("x", NumberText.coordinate(left)),
                HTMLAttribute("y", "\(Int(ChartFrame.top))"),
                // A short run is seen as well.
                HTMLAttribute("width", NumberText.coordinate(max(frame.x(band.to) - left, 1))),
                HTMLAttribute("height", "\(Int(ChartFrame.bottom - ChartFrame.top))"))
        }
    }

    private func draw(_ index: Int, into html: inout HTMLWriter) {
        // A point alone has no length; its round ends make it a dot.
        let dots = strokes[index].filter { $0.count == 1 }.map { path($0) + "h0" }.joined()
        let lines = strokes[index].filter { $0.count > 1 }.map(path).joined()
        for (kind, path) in [("trace", lines), ("dot", dots)] where !path.isEmpty {
            html.shape("path", .class("\(kind) s\(index)"), HTMLAttribute("d", path))
        }
    }

    /// A stroke as the data of an SVG path: each point by its distance from the one before it, in
    /// tenths that do not add up to an error. Half as long as with coordinates.
    private func path(_ stroke: Thinning.Stroke) -> String {
        var path = ""
        var (lastX, lastY) = (0, 0)
        for (place, point) in stroke.enumerated() {
            let x = Int(frame.x(point.time).rounded()) * 10
            let y = Int((frame.y(point.value) * 10).rounded())
            let down = NumberText.tenths(y - lastY)
            path += place == 0 ? "M" : x == lastX ? "v" : "l"
            if place == 0 || x != lastX {
                path += NumberText.tenths(x - lastX) + (down.hasPrefix("-") ? "" : " ")
            }
            path += down
            (lastX, lastY) = (x, y)
        }
        return path
    }

    private func writeLegend(into html: inout HTMLWriter) {
        html.element("ul", .class("legend")) { html in
            for (index, series) in series.enumerated() {
                html.element("li") { html in
                    Self.sample("trace s\(index)", "M1 5H31", into: &html)
                    html.text(series.name + (strokes[index].isEmpty ? ": not known" : ""))
                }
            }
            if !chart.bands.isEmpty {
                html.element("li") { html in
                    Self.sample("band", "M0 0H32V10H0z", into: &html)
                    html.text(chart.bandName)
                }
            }
            if chart.series.count > series.count {
                html.element(
                    "li", text: "\(chart.series.count - series.count) more are not shown")
            }
        }
    }

    static func sample(_ classes: String, _ path: String, into html: inout HTMLWriter) {
        html.element(
            "svg", HTMLAttribute("viewBox", "0 0 32 10"), HTMLAttribute("aria-hidden", "true")
        ) { $0.shape("path", .class(classes), HTMLAttribute("d", path)) }
    }

    private func writeTable(into html: inout HTMLWriter) {
        let length = chart.span.seconds / Double(Self.rows)
        let ranges = strokes.map { spread($0, length) }
        let rows = (0..<Self.rows).map { row in
            let from = clock.text(chart.span.from + Double(row) * length)
            return (from: from, cells: ranges.map { $0[row].map(cell) ?? "not known" })
        }
        ChartTable(
            caption: "\(chart.title), least to greatest in \(chart.unit)",
            columns: series.map(\.name), rows: rows
        ).write(into: &html)
    }

    /// The least and the greatest value of each part of the time.
    private func spread(
        _ strokes: [Thinning.Stroke], _ length: Double
    ) -> [ClosedRange<Double>?] {
        var ranges = [ClosedRange<Double>?](repeating: nil, count: Self.rows)
        for point in strokes.joined() {
            let index = min(Int((point.time - chart.span.from) / length), Self.rows - 1)
            let known = ranges[index] ?? point.value...point.value
            ranges[index] = min(known.lowerBound, point.value)...max(known.upperBound, point.value)
        }
        return ranges
    }

    private func cell(_ range: ClosedRange<Double>) -> String {
        let low = frame.axis.text(range.lowerBound, more: 1)
        let high = frame.axis.text(range.upperBound, more: 1)
        return low == high ? low : "\(low) to \(high)"
    }
}
