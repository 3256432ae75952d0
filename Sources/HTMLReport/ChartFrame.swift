/// Where things stand in a chart, in the units of its drawing: about a pixel each on a phone.
struct ChartFrame {
    static let width = 360.0
    static let height = 168.0
    static let left = 40.0
    static let right = 352.0
    static let top = 8.0
    static let bottom = 146.0
    /// Texts that stand closer look like one.
    private static let textGap = 8.0
    /// Columns of pixels between the edges.
    static let columns = Int(right - left)

    let span: TimeSpan
    let axis: ValueAxis

    /// The coordinate of a time.
    func x(_ time: Double) -> Double {
        Self.left + (time - span.from) / span.seconds * (Self.right - Self.left)
    }

    /// The coordinate of a value.
    func y(_ value: Double) -> Double {
        let share =
            (value - axis.range.lowerBound) / (axis.range.upperBound - axis.range.lowerBound)
        return Self.bottom - share * (Self.bottom - Self.top)
    }

    /// Writes a drawing as an image with a title and a description for those who cannot see it.
    static func draw(
        _ title: String, _ description: String, into html: inout HTMLWriter,
        content: (inout HTMLWriter) -> Void
    ) {
        let number = html.nextNumber()
        html.element(
            "svg", HTMLAttribute("viewBox", "0 0 \(Int(width)) \(Int(height))"),
            HTMLAttribute("role", "img"),
            HTMLAttribute("aria-labelledby", "t\(number) d\(number)")
        ) { html in
            html.element("title", HTMLAttribute("id", "t\(number)"), text: title)
            html.element("desc", HTMLAttribute("id", "d\(number)"), text: description)
            content(&html)
        }
    }

    /// Writes the marks of both edges.
    func drawEdges(_ times: TimeAxis, into html: inout HTMLWriter) {
        for tick in axis.ticks {
            let height = NumberText.coordinate(y(tick).rounded() + 0.5)
            html.shape(
                "path", .class("grid"),
                HTMLAttribute("d", "M\(Int(Self.left)) \(height)H\(Int(Self.right))"))
            html.element(
                "text", HTMLAttribute("x", "\(Int(Self.left) - 5)"),
                HTMLAttribute("y", NumberText.coordinate(y(tick) + 4)),
                HTMLAttribute("text-anchor", "end"), text: axis.text(tick))
        }
        var free = 0.0
        for tick in times.ticks { draw(tick, &free, into: &html) }
    }

    /// Writes a mark, and its text where that has room right of `free`, the end of the last one.
    private func draw(
        _ tick: TimeAxis.Tick, _ free: inout Double, into html: inout HTMLWriter
    ) {
        let place = x(tick.time)
        drawMark(place, into: &html)
        // About the width of the text: at the edges it must not be cut off.
        let width = Double(tick.text.utf8.count) * 7
        let left = min(max(place - width / 2, 0), Self.width - width)
        guard left >= free else { return }
        free = left + width + Self.textGap
        html.element(
            "text", HTMLAttribute("x", NumberText.coordinate(left + width / 2)),
            HTMLAttribute("y", "\(Int(Self.bottom) + 17)"), HTMLAttribute("text-anchor", "middle"),
            text: tick.text)
    }

    private func drawMark(_ place: Double, into html: inout HTMLWriter) {
        html.shape(
            "path", .class("grid"),
            HTMLAttribute(
                "d", "M\(NumberText.coordinate(place.rounded() + 0.5)) \(Int(Self.bottom))v4"))
    }
}
