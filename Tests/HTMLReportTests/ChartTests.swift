import TestSupport
import Testing

@testable import HTMLReport

@Suite struct ChartTests {
    private static let span = TimeSpan(0, 1000)

    private func points(_ values: [(Double, Double?)]) -> [ChartPoint] {
        values.map { ChartPoint(time: $0.0, value: $0.1) }
    }

    /// Of any line at most two points a column stay, and its extremes are among them.
    @Test func peaksStay() {
        var random = SeededGenerator.fresh("peaksStay")
        for _ in 0..<50 {
            let count = Int.random(in: 1...5000, using: &random)
            let step = 1000 / Double(count)
            let all = (0..<count).map { index in
                ChartPoint(
                    time: Double(index) * step,
                    value: Double.random(in: -1000...1000, using: &random))
            }
            let strokes = Thinning.strokes(
                ChartSeries("", all), span: Self.span, columns: ChartFrame.columns)
            let kept = strokes.joined()
            let values = all.compactMap { $0.range?.lowerBound }
            #expect(kept.map(\.value).min() == values.min())
            #expect(kept.map(\.value).max() == values.max())
            #expect(kept.count <= 2 * ChartFrame.columns)
            #expect(zip(kept, kept.dropFirst()).allSatisfy { $0.time <= $1.time })
            let columns = kept.map { Int($0.time / 1000 * Double(ChartFrame.columns)) }
            for column in Set(columns) { #expect(columns.count { $0 == column } <= 2) }
        }
    }

    @Test func pausesAndUnknownsBreakTheLine() {
        let regular = stride(from: 0.0, to: 1000, by: 20).map { ($0, Double?(1)) }
        func count(_ all: [(Double, Double?)]) -> Int {
            Thinning.strokes(
                ChartSeries("", points(all)), span: Self.span, columns: ChartFrame.columns
            ).count
        }
        #expect(count(regular) == 1)
        // A pause of 100 s where 20 s are usual, and 90 s are none.
        #expect(count(regular.filter { $0.0 < 400 || $0.0 >= 480 }) == 2)
        #expect(count(regular.filter { $0.0 < 400 || $0.0 >= 460 }) == 1)
        #expect(count(regular.map { ($0.0, $0.0 == 500 ? nil : $0.1) }) == 2)
        #expect(count(regular.map { ($0.0, $0.0 == 500 ? .nan : $0.1) }) == 2)
        #expect(count(regular.map { ($0.0, nil) }) == 0)
        #expect(count([]) == 0)
    }

    /// What is thinned before it is drawn is drawn as it would be otherwise.
    @Test func thinningTwiceChangesNothing() {
        var random = SeededGenerator.fresh("thinningTwice")
        var time = 0.0
        var all: [ChartPoint] = []
        while time < 1000 {
            all.append(
                ChartPoint(
                    time: time,
                    value: Int.random(in: 0..<30, using: &random) == 0
                        ? nil : Double.random(in: 0...9, using: &random)))
            time += Double.random(in: 0...3, using: &random)
        }
        let once = Thinning.strokes(
            ChartSeries("", all), span: Self.span, columns: ChartFrame.columns)
        let twice = Thinning.strokes(
            ChartSeries("", all).thinned(Self.span), span: Self.span, columns: ChartFrame.columns)
        #expect(once == twice)
        #expect(once.count > 1)
    }

    @Test(
        arguments: [
            (0.0...100.0, nil, [0, 50, 100]), (51.9...52.6, nil, [51.8, 52, 52.2, 52.4, 52.6]),
            (52.0...52.0, nil, nil), (0.0...0.0, nil, nil), (-3.0...7.0, nil, [-5, 0, 5, 10]),
            (60...60, 0.0...100.0, [0, 50, 100]),
        ] as [(ClosedRange<Double>, ClosedRange<Double>?, [Double]?)])
    func valuesAreMarkedRound(
        values: ClosedRange<Double>, fixed: ClosedRange<Double>?, ticks: [Double]?
    ) {
        let axis = ValueAxis(values, fixed: fixed)
        #expect(axis.range.contains(values.lowerBound) && axis.range.contains(values.upperBound))
        #expect(axis.range.lowerBound < axis.range.upperBound)
        #expect((2...8).contains(axis.ticks.count))
        if let ticks {
            #expect(axis.ticks.map { ($0 * 1000).rounded() } == ticks.map { ($0 * 1000).rounded() })
        }
    }

    @Test(arguments: [
        1e-12...1e300, -1e300...1e300, 0.0...1e-300, -Double.greatestFiniteMagnitude...0.0,
    ])
    func noValueTraps(values: ClosedRange<Double>) {
        let points = [
            ChartPoint(time: 1, value: values.lowerBound),
            ChartPoint(time: 900, value: values.upperBound),
        ]
        var html = HTMLWriter()
        ChartFigure(
            Chart("", unit: "", [ChartSeries("", points)], span: Self.span), SampleReport.clock
        ).write(into: &html)
        let text = String(decoding: html.bytes, as: UTF8.self)
        #expect(!text.contains("nan") && !text.contains("inf"))
    }

    /// Marks of time are few, within the span, and of whole local units.
    @Test func timesAreMarkedWhole() {
        let clock = SampleReport.clock
        var random = SeededGenerator.fresh("timesAreMarked")
        for _ in 0..<2000 {
            let from = Double.random(in: 0...4e9, using: &random)
            let span = TimeSpan(
                from, from + Double.random(in: 1...9.4, using: &random).exponential)
            let ticks = TimeAxis(span, clock).ticks
            #expect(ticks.count <= 7)
            #expect(ticks.allSatisfy { $0.time >= span.from && $0.time <= span.to })
            #expect(ticks.allSatisfy { clock.local($0.time) % 60 == 0 })
        }
        // 2025-12-27T20:30 to 2025-12-29T10:00, UTC+1
        let ticks = TimeAxis(TimeSpan(1_766_867_400, 1_767_002_400), clock).ticks
        #expect(ticks.map(\.text) == ["28 Dec", "12:00", "29 Dec"])
    }
}

extension Double {
    fileprivate var exponential: Double {
        var result = 1.0
        for _ in 0..<Int(self) { result *= 10 }
        return result * (1 + truncatingRemainder(dividingBy: 1) * 9)
    }
}

@Suite struct PathTests {
    @Test(arguments: [
        (0, "0"), (10, "1"), (-10, "-1"), (4, ".4"), (-4, "-.4"), (123, "12.3"), (-1005, "-100.5"),
    ])
    func tenthsAreShort(count: Int, text: String) { #expect(NumberText.tenths(count) == text) }
}
