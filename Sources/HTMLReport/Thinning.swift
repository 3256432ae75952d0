/// Makes a line of any number of points into one that a screen can show: at most two points in each
/// column of pixels, the least and the greatest value of that time, so that no peak is lost. Where
/// nothing was known for longer than a column is wide, the line is broken.
struct Thinning {
    /// A point that is drawn.
    struct Point: Equatable {
        var time: Double
        var value: Double
    }

    /// A line without a gap.
    typealias Stroke = [Point]

    private struct Column {
        var index: Int
        var low: Point
        var high: Point

        init(_ index: Int, _ time: Double, _ range: ClosedRange<Double>) {
            self.index = index
            low = Point(time: time, value: range.lowerBound)
            high = Point(time: time, value: range.upperBound)
        }

        mutating func take(_ time: Double, _ range: ClosedRange<Double>) {
            if range.lowerBound < low.value { low = Point(time: time, value: range.lowerBound) }
            if range.upperBound > high.value { high = Point(time: time, value: range.upperBound) }
        }

        /// The two in the order of time; one where they are the same.
        var points: [Point] {
            low.value == high.value ? [low] : low.time <= high.time ? [low, high] : [high, low]
        }
    }

    /// A pause of so many usual intervals is a gap.
    static let gapIntervals = 3.0
    /// No pause is a gap that is shorter, in seconds.
    static let gapMin = 90.0

    /// The strokes of a line over a span of so many columns.
    static func strokes(_ series: ChartSeries, span: TimeSpan, columns: Int) -> [Stroke] {
        precondition(columns > 0, "a chart has a width")
        let gapMax = series.gapMax ?? gap(series.points)
        var strokes: [Stroke] = []
        var stroke: Stroke = []
        var column: Column?
        var lastKnown = -Double.infinity
        var isBroken = false
        for point in series.points where point.time >= span.from && point.time <= span.to {
            guard let range = point.range else {
                isBroken = true
                continue
            }
            if point.time - lastKnown > gapMax { isBroken = true }
            lastKnown = point.time
            let share = (point.time - span.from) / span.seconds
            let index = min(Int(share * Double(columns)), columns - 1)
            if column?.index == index {
                // A gap within a column is narrower than what can be drawn.
                column?.take(point.time, range)
            } else {
                stroke += column?.points ?? []
                if isBroken, !stroke.isEmpty {
                    strokes.append(stroke)
                    stroke = []
                }
                column = Column(index, point.time, range)
            }
            isBroken = false
        }
        stroke += column?.points ?? []
        return stroke.isEmpty ? strokes : strokes + [stroke]
    }

    /// The longest pause that is none, in seconds: three usual intervals.
    static func gap(_ points: [ChartPoint]) -> Double {
        let intervals = zip(points, points.dropFirst()).map { $1.time - $0.time }.filter { $0 > 0 }
        guard !intervals.isEmpty else { return gapMin }
        return max(gapMin, gapIntervals * intervals.sorted()[intervals.count / 2])
    }
}

extension ChartSeries {
    /// The same line with no more points than a chart shows. What waits to be drawn needs little
    /// memory then, however long the history is.
    public func thinned(_ span: TimeSpan) -> ChartSeries {
        let strokes = Thinning.strokes(self, span: span, columns: ChartFrame.columns)
        var kept: [ChartPoint] = []
        for stroke in strokes {
            // An unknown point keeps the gap.
            if let last = kept.last { kept.append(ChartPoint(time: last.time, value: nil)) }
            kept += stroke.map { ChartPoint(time: $0.time, value: $0.value) }
        }
        // What was thinned has no usual interval any more; its gaps are marked.
        return ChartSeries(name, kept, gapMax: .infinity)
    }
}
