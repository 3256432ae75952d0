/// The hours a day that the generator ran, as bars. A day of which nothing is known is hatched: it
/// is not a day without a run.
struct RunFigure {
    /// Most bars; more days than that share theirs.
    static let barsMax = 62
    private static let barWidthMax = 32.0

    private struct Bar {
        var span: TimeSpan
        var hours: Double?
    }

    private let span: TimeSpan
    private let clock: ReportClock
    private let bars: [Bar]
    private let daysPerBar: Int

    init(_ runs: GeneratorRuns, _ span: TimeSpan, _ clock: ReportClock) {
        let day = ReportClock.day
        let first = ReportClock.floorDivide(clock.local(span.from), day)
        let last = ReportClock.floorDivide(clock.local(span.to) - 1, day)
        let length = max(1, (last - first) / Self.barsMax + 1)
        daysPerBar = length
        self.clock = clock
        bars = stride(from: first, through: last, by: length).map { number in
            let whole = TimeSpan(
                clock.universal(number * day), clock.universal((number + length) * day))
            return Bar(span: whole, hours: runs.hours(in: whole.within(span) ?? whole))
        }
        self.span = TimeSpan(bars.first?.span.from ?? span.from, bars.last?.span.to ?? span.to)
    }

    private var title: String {
        daysPerBar == 1
            ? "Generator, hours a day" : "Generator, hours in each \(daysPerBar) days"
    }

    /// Writes the figure.
    func write(into html: inout HTMLWriter) {
        let known = bars.compactMap(\.hours)
        let axis = ValueAxis(known.max().map { 0...$0 }, fixed: 0...1)
        let frame = ChartFrame(span: span, axis: axis)
        html.element("figure") { html in
            html.element("figcaption", text: title)
            ChartFrame.draw(title, description, into: &html) { html in
                frame.drawEdges(TimeAxis(span, clock), into: &html)
                for bar in bars { draw(bar, frame, into: &html) }
            }
            html.element("ul", .class("legend")) { html in
                html.element("li") { html in
                    ChartFigure.sample("bar", "M0 0H32V10H0z", into: &html)
                    html.text("ran")
                }
                if known.count < bars.count {
                    html.element("li") { html in
                        ChartFigure.sample("gap", "M0 0H32V10H0z", into: &html)
                        html.text("not known")
                    }
                }
            }
            writeTable(into: &html)
        }
        html.line()
    }

    private var description: String {
        let known = bars.compactMap(\.hours)
        let unknown = bars.count - known.count
        return "From \(clock.text(span.from)) to \(clock.text(span.to)): "
            + NumberText.decimal(known.reduce(0, +), 1) + " hours in all."
            + (unknown == 0 ? "" : " Nothing is known of \(unknown) of \(bars.count) bars.")
    }

    private func draw(_ bar: Bar, _ frame: ChartFrame, into html: inout HTMLWriter) {
        let room = frame.x(bar.span.to) - frame.x(bar.span.from)
        // Two days are not two walls.
        let width = bar.hours == nil ? room : min(max(room - 1, 0.5), Self.barWidthMax)
        let left = frame.x(bar.span.from) + (room - width) / 2
        let top = bar.hours.map(frame.y) ?? ChartFrame.top
        // A day without a run is a line on the ground.
        let height = max(ChartFrame.bottom - top, 1)
        html.shape(
            "rect", .class(bar.hours == nil ? "gap" : "bar"),
            HTMLAttribute("x", NumberText.coordinate(left)),
            HTMLAttribute("y", NumberText.coordinate(ChartFrame.bottom - height)),
            HTMLAttribute("width", NumberText.coordinate(width)),
            HTMLAttribute("height", NumberText.coordinate(height)))
    }

    private func writeTable(into html: inout HTMLWriter) {
        let rows = bars.map { bar in
            let hours = bar.hours.map { NumberText.decimal($0, 1) } ?? "not known"
            return (from: clock.text(bar.span.from), cells: [hours])
        }
        ChartTable(caption: title, columns: ["Hours"], rows: rows).write(into: &html)
    }
}
