import Foundation
import GRDB
import Health

extension HistoryStore {
    /// Most numbers that are kept of one host: a host that makes up names does not fill the disk.
    public static let seriesPerHostMax = 2000
    /// Longest name or set of labels, in bytes; longer ones are left out.
    public static let labelBytesMax = 1024
    /// Most points of one series in one answer; the oldest are left out.
    public static let pointsMax = 50_000

    /// Adds a round in one transaction: the samples and verdicts of every host. A second reading of
    /// the same second counts for nothing. Of a host that did not answer the verdicts that cannot be
    /// judged now go on. Takes away what is too old, once an hour.
    ///
    /// - Returns: how many samples were left out: no number, or over a limit.
    @discardableResult
    public func record(round health: FleetHealth) throws(HistoryError) -> Int {
        let leftOut = try access { queue throws in
            try queue.write { database in
                var leftOut = 0
                for host in health.hosts {
                    let writer = try MetricWriter(
                        database, fleet: health.fleet, second: Self.second(host.takenAt))
                    leftOut += try writer.add(host)
                    try EpisodeWriter(database: database, fleet: health.fleet, host: host).write()
                }
                return leftOut
            }
        }
        try pruneIfDue(now: health.takenAt)
        return leftOut
    }

    /// The numbers that were ever read and are still kept, without their points; of every fleet
    /// where nil.
    public func metrics(
        fleet: String? = nil, host: String? = nil, name: String? = nil
    ) throws(HistoryError) -> [MetricSeries] {
        try access { queue throws in
            try queue.read { database in
                try SeriesRow.matching(database, fleet: fleet, host: host, name: name)
                    .map { $0.series(points: []) }
            }
        }
    }

    /// A number over time, of every host or one, of every set of labels or one.
    ///
    /// - Parameter step: how closely; what fits the time where nil.
    public func series(
        fleet: String? = nil, host: String? = nil, name: String, labels: [String: String]? = nil,
        since: Date, until: Date = Date(), step: MetricStep? = nil
    ) throws(HistoryError) -> [MetricSeries] {
        let step = step ?? .fitting(until.timeIntervalSince(since))
        let from = Self.second(since)
        let to = Self.second(until)
        return try access { queue throws in
            try queue.read { database in
                try SeriesRow.matching(database, fleet: fleet, host: host, name: name)
                    .filter { labels == nil || $0.decodedLabels == labels }
                    .map { row in
                        let points = try MetricPoint.fetch(
                            database, series: row.id, step: step,
                            // The hour or day that has begun by then counts.
                            seconds: (from - from % step.seconds)...max(from, to))
                        return row.series(points: points)
                    }
                    .filter { !$0.points.isEmpty }
            }
        }
    }

    /// Whole seconds since 1970.
    static func second(_ date: Date) -> Int { Int(date.timeIntervalSince1970.rounded(.down)) }
}

/// Adds readings of one second within a transaction.
private struct MetricWriter {
    private let database: Database
    private let fleet: String
    private let second: Int
    private let sample: Statement
    private let rollUps: [(statement: Statement, start: Int)]

    init(_ database: Database, fleet: String, second: Int) throws {
        self.database = database
        self.fleet = fleet
        self.second = second
        sample = try database.cachedStatement(
            sql: "INSERT INTO readings VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
        rollUps = try [MetricStep.hours, .days].map { step in
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO \(step.rawValue) VALUES (?1, ?2, ?3, ?3, ?3, 1)
                    ON CONFLICT DO UPDATE SET
                        minimum = min(minimum, excluded.minimum),
                        maximum = max(maximum, excluded.maximum),
                        mean = mean + (excluded.mean - mean) / (count + 1),
                        count = count + 1
                    """)
            return (statement, second - second % step.seconds)
        }
    }

    /// Adds a host's numbers; returns how many were left out.
    func add(_ host: HostHealth) throws -> Int {
        var known = try SeriesRow.ids(database, fleet: fleet, host: host.host)
        var leftOut = 0
        for reading in host.samples {
            guard reading.value.isFinite, let key = SeriesKey(reading),
                let id = try known[key] ?? begin(key, host: host.host, known: known.count)
            else {
                leftOut += 1
                continue
            }
            known[key] = id
            try sample.execute(arguments: [id, second, reading.value])
            guard database.changesCount > 0 else { continue }
            for (statement, start) in rollUps {
                try statement.execute(arguments: [id, start, reading.value])
            }
        }
        return leftOut
    }

    /// A new series; nil where the host has too many.
    private func begin(_ key: SeriesKey, host: String, known: Int) throws -> Int64? {
        guard known < HistoryStore.seriesPerHostMax else { return nil }
        try database.execute(
            sql: "INSERT INTO series (fleet, host, name, labels) VALUES (?, ?, ?, ?)",
            arguments: [fleet, host, key.name, key.labels])
        return database.lastInsertedRowID
    }
}

/// What tells one number of a host from another.
private struct SeriesKey: Hashable {
    var name: String
    /// As JSON with sorted keys, so that equal labels are equal texts.
    var labels: String

    init(name: String, labels: String) {
        self.name = name
        self.labels = labels
    }

    /// Nil where it is too long to be kept.
    init?(_ sample: MetricSample) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let labels = try? encoder.encode(sample.labels),  // text always encodes
            max(labels.count, sample.name.utf8.count) <= HistoryStore.labelBytesMax
        else { return nil }
        self.init(name: sample.name, labels: String(decoding: labels, as: UTF8.self))
    }
}

private struct SeriesRow: Decodable, FetchableRecord {
    var id: Int64
    var fleet, host, name, labels: String

    /// None where another program wrote something else there.
    var decodedLabels: [String: String] {
        (try? JSONDecoder().decode([String: String].self, from: Data(labels.utf8))) ?? [:]
    }

    func series(points: [MetricPoint]) -> MetricSeries {
        MetricSeries(
            fleet: fleet, host: host, name: name, labels: decodedLabels, points: points)
    }

    static func matching(
        _ database: Database, fleet: String?, host: String?, name: String?
    ) throws -> [SeriesRow] {
        // Only what is asked for stands in the condition: an `ifnull` in it would hide the index.
        let given = [("fleet", fleet), ("host", host), ("name", name)].filter { $0.1 != nil }
        let condition = given.map { "\($0.0) = ?" }.joined(separator: " AND ")
        return try fetchAll(
            database,
            sql: """
                SELECT id, fleet, host, name, labels FROM series
                WHERE \(condition.isEmpty ? "true" : condition)
                ORDER BY fleet, name, host, labels
                """,
            arguments: StatementArguments(given.map(\.1)))
    }

    static func ids(
        _ database: Database, fleet: String, host: String
    ) throws -> [SeriesKey: Int64] {
        let rows = try matching(database, fleet: fleet, host: host, name: nil)
        return Dictionary(
            rows.map { (SeriesKey(name: $0.name, labels: $0.labels), $0.id) },
            uniquingKeysWith: { first, _ in first })
    }
}

extension MetricPoint {
    fileprivate static func fetch(
        _ database: Database, series: Int64, step: MetricStep, seconds: ClosedRange<Int>
    ) throws -> [MetricPoint] {
        let columns =
            step == .readings ? "value, value, value" : "mean, minimum, maximum"
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT time, \(columns) FROM \(step.rawValue)
                WHERE series = ? AND time BETWEEN ? AND ? ORDER BY time DESC LIMIT ?
                """,
            arguments: [
                series, seconds.lowerBound, seconds.upperBound, HistoryStore.pointsMax,
            ])
        return rows.reversed().map { row in
            MetricPoint(time: row[0], value: row[1], min: row[2], max: row[3])
        }
    }
}
