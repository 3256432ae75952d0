import Foundation
import Health
import TestSupport
import Testing

@testable import HistoryStore

@Suite struct MetricTests {
    /// A midnight, UTC.
    static let midnight = 1_700_006_400
    static let used = "disk_used_ratio"

    static func date(_ second: Int) -> Date { Date(timeIntervalSince1970: TimeInterval(second)) }

    static func round(
        _ second: Int, _ samples: [MetricSample], host: String = "pi", fleet: String = "f"
    ) -> FleetHealth {
        let health = HostHealth(
            host: host, answer: .answered, takenAt: date(second), seconds: 1, samples: samples)
        return FleetHealth(fleet: fleet, takenAt: date(second), hosts: [health])
    }

    static func sample(_ value: Double, mount: String = "/") -> MetricSample {
        MetricSample(used, value, labels: ["mount": mount])
    }

    /// The one series of that name.
    static func only(
        _ store: HistoryStore, _ step: MetricStep, since: Int = midnight, until: Int? = nil
    ) throws -> MetricSeries {
        let all = try store.series(
            fleet: "f", name: used, since: date(since),
            until: date(until ?? since + 400 * 86_400), step: step)
        try #require(all.count == 1)
        return all[0]
    }

    @Test func everyReadingIsInTheHourAndTheDay() throws {
        let folder = try HistoryFolder()
        let store = try folder.store()
        // Two a day and hour: 0.0 to 0.5 every half hour from the first midnight.
        for number in 0..<6 {
            let second = Self.midnight + number * 1800
            try store.record(round: Self.round(second, [Self.sample(Double(number) / 10)]))
        }
        try store.record(round: Self.round(Self.midnight + 86_400 + 7, [Self.sample(1)]))
        #expect(
            try Self.only(store, .readings).points.map(\.value) == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 1])
        let hours = try Self.only(store, .hours).points
        #expect(
            hours.map(\.time) == [0, 3600, 7200, 86_400].map { TimeInterval(Self.midnight + $0) })
        #expect(hours.map(\.min) == [0, 0.2, 0.4, 1])
        #expect(hours.map(\.max) == [0.1, 0.3, 0.5, 1])
        #expect(hours.map { ($0.value * 100).rounded() } == [5, 25, 45, 100])
        let days = try Self.only(store, .days).points
        #expect(days.map(\.min) == [0, 1] && days.map(\.max) == [0.5, 1])
        #expect(days.map { ($0.value * 100).rounded() } == [25, 100])
        // The hour that had begun by then counts.
        #expect(try Self.only(store, .hours, since: Self.midnight + 1801).points.count == 4)
        #expect(
            try Self.only(store, .readings, since: Self.midnight + 1, until: Self.midnight + 1800)
                .points.map(\.value) == [0.1])
    }

    @Test func theSameSecondCountsOnce() throws {
        let folder = try HistoryFolder()
        let store = try folder.store()
        for value in [0.25, 0.75] {
            try store.record(round: Self.round(Self.midnight, [Self.sample(value)]))
        }
        for step in MetricStep.allCases {
            let points = try Self.only(store, step).points
            #expect(points.map(\.value) == [0.25] && points.map(\.max) == [0.25], "\(step)")
        }
    }

    @Test func namesHostsLabelsAndFleetsAreKeptApart() throws {
        let folder = try HistoryFolder()
        let store = try folder.store()
        let both = [Self.sample(0.1), Self.sample(0.2, mount: "/var")]
        try store.record(round: Self.round(Self.midnight, both))
        try store.record(round: Self.round(Self.midnight, both, host: "olimex"))
        try store.record(round: Self.round(Self.midnight, both, fleet: "other"))
        try store.record(round: Self.round(Self.midnight, [MetricSample("load1", 1)]))
        let metrics = try store.metrics(fleet: "f")
        #expect(metrics.map(\.name) == Array(repeating: Self.used, count: 4) + ["load1"])
        #expect(try store.metrics().map(\.fleet).filter { $0 == "other" }.count == 2)
        #expect(metrics.map(\.host) == ["olimex", "olimex", "pi", "pi", "pi"])
        #expect(
            try store.series(
                fleet: "f", host: "' OR 1=1 --", name: Self.used, since: Self.date(0)
            ).isEmpty)
    }

    /// The mean of an hour in which a host was started anew is neither of its two times.
    @Test func checksAreToldTheReadingsOfTheLastHours() throws {
        let folder = try HistoryFolder()
        let store = try folder.store()
        let now = HistoryStore.second(Date())
        let older = now - 3 * 86_400
        // Two of one hour, well before this one.
        let recent = now / 3600 * 3600 - 4 * 3600
        for second in [older, older + 1, recent, recent + 60] {
            let samples = [Self.sample(Double(second)), Self.sample(7, mount: "/var")]
            try store.record(round: Self.round(second, samples))
        }
        let history = FleetHistory(store, fleet: "f")
        func values(_ mount: String, since: Int) throws -> [Double] {
            try history.series(
                host: "pi", name: Self.used, labels: ["mount": mount], since: Self.date(since)
            ).map(\.value)
        }
        let all = try values("/", since: now - 7 * 86_400)
        #expect(all.suffix(2) == [Double(recent), Double(recent + 60)])
        // One hour, or two where the seconds fall on both sides of a turn.
        #expect((3...4).contains(all.count) && all[0] >= Double(older), "\(all)")
        #expect(try values("/", since: recent) == all.suffix(2))
        #expect(try values("/var", since: recent) == [7, 7])
        #expect(try values("/home", since: now - 7 * 86_400).isEmpty)
    }

    @Test func whatIsNoNumberOrTooMuchIsLeftOut() throws {
        let folder = try HistoryFolder()
        let store = try folder.store()
        let long = String(repeating: "x", count: HistoryStore.labelBytesMax)
        let bad = [
            MetricSample("a", .nan), MetricSample("b", .infinity), Self.sample(1, mount: long),
            MetricSample(long + "x", 1),
        ]
        #expect(try store.record(round: Self.round(Self.midnight, bad)) == 4)
        let many = (0..<HistoryStore.seriesPerHostMax + 3).map {
            Self.sample(1, mount: "/\($0)")
        }
        #expect(try store.record(round: Self.round(Self.midnight, many)) == 3)
        #expect(try store.record(round: Self.round(Self.midnight, many, host: "x1")) == 3)
        #expect(try store.metrics(fleet: "f", host: "pi").count == HistoryStore.seriesPerHostMax)
    }

    /// Two years with two readings an hour; each step keeps what it promises, down to the hour.
    @Test func whatIsTooOldGoes() async throws {
        let folder = try HistoryFolder()
        let store = try folder.store()
        try store.record(round: Self.round(Self.midnight, [Self.sample(1)]))
        try store.record(round: Self.round(Self.midnight, [MetricSample("gone", 1)]))
        let years = 2 * 366
        try await folder.python(
            """
            first = \(Self.midnight)
            for table, step in (('readings', 1800), ('hours', 3600), ('days', 86400)):
                rest = (0.5,) if table == 'readings' else (0.5, 0.5, 0.5, 1)
                c.executemany(
                    'INSERT OR REPLACE INTO %s VALUES (1, ?%s)' % (table, ', ?' * len(rest)),
                    ((second, *rest) for second in range(first, first + \(years) * 86400, step)))
            for table in ('readings', 'hours', 'days'):
                c.execute('DELETE FROM %s WHERE series = 2' % table)
            c.commit()
            """)
        let now = Self.midnight + years * 86_400
        var removed = 0
        for _ in 0..<3 { removed += try store.prune(now: Self.date(now)) }
        #expect(removed == (years - 14) * 48 + 366 * 24)
        let readings = try Self.only(store, .readings, since: 0, until: now).points
        #expect(readings.count == 14 * 48)
        #expect(readings.first?.time == TimeInterval(now - 14 * 86_400))
        #expect(try Self.only(store, .hours, since: 0, until: now).points.count == 366 * 24)
        #expect(try Self.only(store, .days, since: 0, until: now).points.count == years)
        #expect(try store.metrics(fleet: "f").map(\.name) == [Self.used])
    }

    @Test func aRecordingPrunesOnceAnHour() throws {
        let folder = try HistoryFolder()
        let store = try folder.store()
        let old = Self.midnight - 20 * 86_400
        func readings() throws -> Int {
            try store.series(
                fleet: "f", name: Self.used, since: Self.date(old),
                until: Self.date(Self.midnight + 86_400), step: .readings
            ).flatMap(\.points).count
        }
        try store.record(round: Self.round(Self.midnight, [Self.sample(0)]))
        // A clock that stands in the past prunes by that past.
        try store.record(round: Self.round(old, [Self.sample(0)]))
        #expect(try readings() == 2)
        try store.record(round: Self.round(Self.midnight + 60, [Self.sample(0)]))
        #expect(try readings() == 2)
        // Within the hour nothing is pruned again.
        try store.record(round: Self.round(old + 1, [Self.sample(0)]))
        try store.record(round: Self.round(old + 2, [Self.sample(0)]))
        #expect(try readings() == 4)
        try store.record(round: Self.round(Self.midnight + 3700, [Self.sample(0)]))
        #expect(try readings() == 3)
    }

    @Test func theStepFitsTheTime() {
        #expect(MetricStep.fitting(86_400) == .readings)
        #expect(MetricStep.fitting(7 * 86_400) == .hours)
        #expect(MetricStep.fitting(365 * 86_400) == .days)
    }

    /// A history of the first form, as published, keeps its deploys.
    @Test func theFirstFormIsBroughtUpToDate() async throws {
        let folder = try HistoryFolder()
        _ = try folder.store()
        try await folder.python(
            """
            for table in ('series', 'readings', 'hours', 'days', 'episodes', 'upkeep'):
                c.execute('DROP TABLE ' + table)
            c.execute("DELETE FROM grdb_migrations WHERE identifier LIKE '2 %'")
            c.execute("INSERT INTO deploys VALUES ('x',0,0,'','pi','','','',NULL,'','',NULL,'')"
                .replace(",NULL,''", ",'deployed',''", 1))
            c.commit()
            """)
        let store = try folder.store()
        #expect(store.setAside == nil)
        #expect(try store.recent().map(\.host) == ["pi"])
        try store.record(round: Self.round(Self.midnight, [Self.sample(1)]))
        #expect(try Self.only(store, .days).points.count == 1)
    }
}
