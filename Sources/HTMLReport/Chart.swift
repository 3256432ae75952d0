/// One point of a chart.
public struct ChartPoint: Sendable, Equatable {
    /// The greatest size of a value. Nothing that is measured comes near; what a host makes up must
    /// not lead arithmetic to its ends.
    static let valueMax = 1e15

    /// Seconds since 1970.
    public var time: Double
    /// The value; its least and greatest where several were made into one. Nil where it is known
    /// that it is not known.
    public var range: ClosedRange<Double>?

    /// A point; one whose value is no number, or beyond all measure, is an unknown one.
    public init(time: Double, value: Double?) {
        self.init(time: time, low: value, high: value)
    }

    /// A point of several readings.
    public init(time: Double, low: Double?, high: Double?) {
        self.time = time
        guard let low, let high, low <= high, low >= -Self.valueMax, high <= Self.valueMax else {
            return
        }
        range = low...high
    }
}

/// One line of a chart.
public struct ChartSeries: Sendable, Equatable {
    /// What it is, for the legend.
    public var name: String
    /// Oldest first.
    public var points: [ChartPoint]
    /// A pause that is longer is a gap, in seconds; nil to judge by the usual interval. Unknown
    /// points are gaps in any case.
    public var gapMax: Double?

    /// A line from its parts.
    public init(_ name: String, _ points: [ChartPoint], gapMax: Double? = nil) {
        self.name = name
        self.points = points
        self.gapMax = gapMax
    }

    /// Whether there is anything to draw.
    public var isEmpty: Bool { !points.contains { $0.range != nil } }
}

/// A time from … to, of which something takes a part.
public struct TimeSpan: Sendable, Equatable {
    /// Seconds since 1970.
    public var from: Double
    /// Seconds since 1970, after `from`.
    public var to: Double

    /// A span; a second long where it would be shorter.
    public init(_ from: Double, _ to: Double) {
        self.from = from
        self.to = max(to, from + 1)
    }

    /// How long it is, in seconds.
    public var seconds: Double { to - from }

    /// The part that is within another; nil where there is none.
    func within(_ other: TimeSpan) -> TimeSpan? {
        let (from, to) = (max(from, other.from), min(to, other.to))
        return from < to ? TimeSpan(from, to) : nil
    }
}

/// Lines over time.
public struct Chart: Sendable, Equatable {
    /// Most lines: as many as can be told apart.
    public static let seriesMax = 4

    /// What is drawn.
    public var title: String
    /// The unit of the values: `V`, `%`.
    public var unit: String
    /// The lines, at most `seriesMax`; those beyond are left out, and it is said.
    public var series: [ChartSeries]
    /// What the lower edge shows.
    public var span: TimeSpan
    /// What the left edge shows at least; nil to take it from the values alone.
    public var values: ClosedRange<Double>?
    /// Times to be set off, such as those in which the generator ran.
    public var bands: [TimeSpan] = []
    /// What the bands are.
    public var bandName = ""

    /// A chart from its parts.
    public init(
        _ title: String, unit: String, _ series: [ChartSeries], span: TimeSpan,
        values: ClosedRange<Double>? = nil
    ) {
        self.title = title
        self.unit = unit
        self.series = series
        self.span = span
        self.values = values
    }
}
