import Foundation
import Testing

@testable import HTMLReport

@Suite struct PlantRecordTests {
    private static let clock = SampleReport.clock
    private static let fixtures = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/monitor")

    private func record(
        _ text: String, within times: ClosedRange<Double> = -.infinity...(.infinity)
    ) -> PlantRecord {
        var record = PlantRecord(Self.clock)
        record.add("log.csv", Array(text.utf8), within: times)
        return record
    }

    /// Both old column sets of the site, and one file after the other.
    @Test func theSitesFilesAreRead() throws {
        var record = PlantRecord(Self.clock)
        for name in ["data_dec27b.csv", "data_dec28.csv"] {
            record.add(name, try Data(contentsOf: Self.fixtures.appendingPathComponent(name)))
        }
        #expect(record.rows == 83 + 273)
        #expect(record.skipped.count == 0)
        let charge = try #require(record.series(.stateOfCharge, ""))
        #expect(charge.points.first?.range == 38...38)
        let volts = try #require(record.series(.batteryVolts, "")).points.compactMap(\.range)
        #expect(volts.allSatisfy { (45...60).contains($0.lowerBound) })
        // No column says what the house takes, or whether the generator runs.
        #expect(record.series(.loadWatts, "") == nil)
        #expect(record.runs.known.isEmpty && record.runs.runs.isEmpty)
    }

    @Test func unknownIsNoValue() throws {
        let record = record(
            "timestamp_unix,soc_pct,load_power_w\n1000,50,\n1030,None,7\n1060,52,8\n")
        let charge = try #require(record.series(.stateOfCharge, ""))
        #expect(charge.points.map(\.range) == [50...50, nil, 52...52])
    }

    @Test func rowsOfBeforeAndOfAgainAreLeftOut() {
        let text = "timestamp_unix,soc_pct\n1000,50\n1001,51\n1001,52\n999,53\nx,54\n1002,55\n"
        let record = record(text)
        #expect(record.rows == 3)
        #expect(record.skipped.count == 3)
        #expect(self.record(text, within: 1001...2000).rows == 2)
        // A row of a clock that went ahead, once, hides none of the others.
        let ahead = self.record(
            "timestamp_unix,soc_pct\n1000,50\n9000,51\n1002,52\n", within: 0...2000)
        #expect(ahead.rows == 2 && ahead.skipped.count == 1)
        #expect(ahead.span == TimeSpan(1000, 1002))
    }

    /// Five years a minute apart are kept in a few points, with the one that matters.
    @Test func aLongLogNeedsLittle() throws {
        var buckets = PointBuckets()
        for index in 0..<500_000 {
            buckets.add(
                ChartPoint(time: Double(index) * 60, value: index == 333_333 ? 61.5 : 52))
        }
        #expect(buckets.points.count <= PointBuckets.pointsMax)
        #expect(buckets.points.compactMap { $0.range?.upperBound }.max() == 61.5)
        #expect(buckets.points.compactMap { $0.range?.lowerBound }.min() == 52)
    }
}

@Suite struct GeneratorRunTests {
    private func runs(_ rows: [(Double, Bool?)]) -> GeneratorRuns {
        var runs = GeneratorRuns()
        for (time, isRunning) in rows { runs.add(time: time, isRunning: isRunning) }
        return runs
    }

    @Test func runsHaveBeginAndEnd() {
        let runs = runs([(0, false), (600, true), (1200, true), (1800, false), (2400, false)])
        #expect(
            runs.runs == [.init(span: TimeSpan(600, 1800), isBeginSeen: true, isEndSeen: true)])
        #expect(runs.known == [TimeSpan(0, 2400)])
    }

    /// A pause ends what is known: the run before it and the one after it are two.
    @Test func pausesAreNotFilled() {
        let runs = runs([(0, true), (600, true), (9000, true), (9600, nil), (10_200, false)])
        #expect(
            runs.runs == [
                .init(span: TimeSpan(0, 600), isBeginSeen: false, isEndSeen: false),
                .init(span: TimeSpan(9000, 10_200), isBeginSeen: false, isEndSeen: true),
            ])
        #expect(runs.hours(in: TimeSpan(2000, 8000)) == nil)
        #expect(runs.hours(in: TimeSpan(0, 9000)) == 1.0 / 6)
    }

    @Test func theNumberKeptIsBounded() {
        var runs = GeneratorRuns()
        for index in 0..<50_000 {
            runs.add(time: Double(index) * 600, isRunning: index % 2 == 0)
            runs.add(time: Double(index) * 600 + 10, isRunning: index % 2 == 0)
        }
        #expect(runs.runs.count == GeneratorRuns.runsMax)
    }
}
