/// Where a series goes, judged so that single wild points do not matter.
public struct Trend: Sendable, Equatable {
    /// Points that are compared; more are thinned out evenly.
    private static let pointsMax = 120

    /// Change for each second: the median of the slopes of all pairs (Theil–Sen).
    public var slope: Double
    /// Part of the pairs that rise, 0…1; pairs of equal values count as half.
    public var rising: Double
    /// Seconds from the first to the last point.
    public var span: Double
    /// The median of the first fifth of the points, and of the last.
    public var first: Double, last: Double

    /// The trend of some points, oldest first; nil where they are fewer than `pointsMin`, or do not
    /// span `spanMin` seconds.
    public init?(_ points: [MetricPoint], pointsMin: Int = 6, spanMin: Double) {
        let points = Self.thinned(points.filter { $0.value.isFinite && $0.time.isFinite })
        guard points.count >= max(2, pointsMin), let head = points.first, let tail = points.last,
            tail.time - head.time >= spanMin
        else { return nil }
        var slopes: [Double] = []
        var risen = 0.0
        for (index, early) in points.enumerated() {
            for late in points[(index + 1)...] where late.time > early.time {
                slopes.append((late.value - early.value) / (late.time - early.time))
                risen += late.value > early.value ? 1 : late.value == early.value ? 0.5 : 0
            }
        }
        guard !slopes.isEmpty else { return nil }
        slope = Self.median(slopes)
        rising = risen / Double(slopes.count)
        span = tail.time - head.time
        let fifth = max(1, points.count / 5)
        first = Self.median(points.prefix(fifth).map(\.value))
        last = Self.median(points.suffix(fifth).map(\.value))
    }

    /// Seconds until the value reaches a limit at this pace; nil where it does not go there.
    public func time(to limit: Double) -> Double? {
        guard slope != 0 else { return nil }
        let seconds = (limit - last) / slope
        return seconds.isFinite && seconds >= 0 ? seconds : nil
    }

    private static func thinned(_ points: [MetricPoint]) -> [MetricPoint] {
        guard points.count > pointsMax else { return points }
        let step = Double(points.count - 1) / Double(pointsMax - 1)
        return (0..<pointsMax).map { points[Int(Double($0) * step)] }
    }

    /// The middle of some values, of which there is at least one.
    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2)
            ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
