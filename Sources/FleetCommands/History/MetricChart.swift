import Health

/// A number over time as one line of text.
enum MetricChart {
    private static let bars = Array("▁▂▃▄▅▆▇█")

    /// One bar for each part of the time, from the least of all points to the greatest; a blank
    /// where there is no point.
    static func line(_ points: [MetricPoint], from start: Double, to end: Double, width: Int)
        -> String
    {
        guard let least = points.map(\.value).min(), let greatest = points.map(\.value).max(),
            end > start
        else { return "" }
        var sums = [(sum: Double, count: Int)](repeating: (0, 0), count: width)
        for point in points {
            let place = Int((point.time - start) / (end - start) * Double(width))
            let column = min(max(place, 0), width - 1)
            sums[column].sum += point.value
            sums[column].count += 1
        }
        return String(
            sums.map { part in
                guard part.count > 0 else { return " " }
                let height = (part.sum / Double(part.count) - least) / (greatest - least)
                // A number that never changes is a flat line.
                guard height.isFinite else { return bars[0] }
                return bars[min(Int(height * Double(bars.count)), bars.count - 1)]
            })
    }
}
