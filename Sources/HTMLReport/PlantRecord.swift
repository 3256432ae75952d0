import MonitorLog

/// What the monitor's CSV files say of battery, power and generator. Files of any length: what is
/// kept of them is bounded, and no peak is lost.
public struct PlantRecord: Sendable {
    /// One number of the rows.
    public enum Quantity: Sendable, CaseIterable {
        case stateOfCharge, batteryVolts, panelWatts, loadWatts, chargeWatts, dischargeWatts
    }

    /// Most lines that are named because they are no rows.
    public static let skippedMax = 20

    private let clock: ReportClock
    private var lines: [Quantity: PointBuckets] = [:]
    private var last: Double?
    /// When the generator ran.
    public private(set) var runs = GeneratorRuns()
    /// From the first row to the last; nil before there is one.
    public private(set) var span: TimeSpan?
    /// How many rows were taken.
    public private(set) var rows = 0
    /// How many lines or rows were not, and what the first of them were.
    public private(set) var skipped: (count: Int, texts: [String]) = (0, [])

    /// Nothing was read yet. Rows that have no other time have that of this clock.
    public init(_ clock: ReportClock) { self.clock = clock }

    /// Takes a file, name for the complaints and bytes; of its rows those within `times`, in
    /// seconds since 1970. Files come in the order of their times.
    public mutating func add(
        _ file: String, _ bytes: some Sequence<UInt8>,
        within times: ClosedRange<Double> = -.infinity...(.infinity)
    ) {
        var reader = MonitorLogReader()
        for byte in bytes {
            if let element = reader.push(byte) { take(element, file, times) }
        }
        if let element = reader.finish() { take(element, file, times) }
    }

    /// The time of the first row; nil where there is none. What files are put in order by.
    public static func begin(_ bytes: some Sequence<UInt8>, _ clock: ReportClock) -> Double? {
        var reader = MonitorLogReader()
        for byte in bytes {
            if case .row(let row)? = reader.push(byte), let time = time(of: row, clock) {
                return time
            }
        }
        return nil
    }

    /// The line of a number; nil where no row has it.
    public func series(_ quantity: Quantity, _ name: String) -> ChartSeries? {
        let points = lines[quantity]?.points ?? []
        let series = ChartSeries(name, points)
        return series.isEmpty ? nil : series
    }

    private mutating func take(
        _ element: MonitorLogReader.Element, _ file: String, _ times: ClosedRange<Double>
    ) {
        switch element {
        case .skipped(let line, let refusal): skip("\(file), line \(line): \(refusal.text)")
        case .row(let row):
            guard let time = Self.time(of: row, clock) else {
                return skip("\(file): a row's time is none of the calendar's")
            }
            guard time >= times.lowerBound else { return }
            // A clock that went ahead once must not hide what was before and after.
            guard time <= times.upperBound else {
                return skip("\(file): \(clock.text(time)) has not come yet")
            }
            // What lies before the last row is there twice, or a clock was set back.
            if let last, time <= last {
                return skip("\(file): \(clock.text(time)) is not after the row before it")
            }
            take(row, time)
        }
    }

    private mutating func take(_ row: MonitorRow, _ time: Double) {
        rows += 1
        last = time
        span = TimeSpan(span?.from ?? time, time)
        for quantity in Quantity.allCases {
            let value = row.value(quantity)
            lines[quantity, default: PointBuckets()].add(ChartPoint(time: time, value: value))
        }
        runs.add(time: time, isRunning: row.generatorRuns)
    }

    private mutating func skip(_ text: String) {
        skipped.count += 1
        if skipped.texts.count < Self.skippedMax { skipped.texts.append(text) }
    }

    private static func time(of row: MonitorRow, _ clock: ReportClock) -> Double? {
        row.unixSeconds.map(Double.init) ?? clock.seconds(stamp: row.timestamp)
    }
}

extension MonitorRow {
    fileprivate func value(_ quantity: PlantRecord.Quantity) -> Double? {
        switch quantity {
        case .stateOfCharge: stateOfChargePercent.map(Double.init)
        case .batteryVolts: batteryMillivolts.map { Double($0) / 1000 }
        case .panelWatts: photovoltaicWatts.map(Double.init)
        case .loadWatts: loadWatts.map(Double.init)
        case .chargeWatts: chargeWatts.map(Double.init)
        case .dischargeWatts: dischargeWatts.map(Double.init)
        }
    }
}

/// Points in bounded memory: where there are too many, those of one stretch of time become one with
/// their least and greatest value, and the stretches become longer.
struct PointBuckets: Sendable {
    /// Most points: far more than a chart has columns.
    static let pointsMax = 20_000

    private(set) var points: [ChartPoint] = []
    /// Seconds of one stretch; 0 while every point is kept.
    private var stretch = 0.0

    /// Adds a point; times never go back.
    mutating func add(_ point: ChartPoint) {
        if stretch > 0, let last = points.last, bucket(last.time) == bucket(point.time) {
            points[points.count - 1] = Self.merged(last, point)
            return
        }
        points.append(point)
        if points.count > Self.pointsMax { widen() }
    }

    private mutating func widen() {
        guard let first = points.first, let last = points.last else { return }
        stretch = max(stretch * 2, (last.time - first.time) / Double(Self.pointsMax / 2))
        let all = points
        points = []
        for point in all {
            if let last = points.last, bucket(last.time) == bucket(point.time) {
                points[points.count - 1] = Self.merged(last, point)
            } else {
                points.append(point)
            }
        }
    }

    private func bucket(_ time: Double) -> Double { (time / stretch).rounded(.down) }

    private static func merged(_ first: ChartPoint, _ second: ChartPoint) -> ChartPoint {
        guard let left = first.range, let right = second.range else {
            return first.range == nil ? second : first
        }
        return ChartPoint(
            time: first.time, low: min(left.lowerBound, right.lowerBound),
            high: max(left.upperBound, right.upperBound))
    }
}
