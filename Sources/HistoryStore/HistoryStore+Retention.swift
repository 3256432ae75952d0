import Foundation
import GRDB

extension HistoryStore {
    /// Time between two prunings, in seconds.
    static let pruneInterval = 3600.0
    /// Most rows that one transaction takes away: others wait for no longer.
    static let pruneBatch = 5000
    /// Most series that one transaction looks at.
    static let pruneSeries = 200
    /// Most rows of one pruning; the rest waits for the next.
    static let pruneMax = 200_000
    /// How long an end of a verdict is remembered, in seconds.
    static let episodesKept = 366.0 * 86_400

    /// Takes away what is older than its step is kept, in small transactions.
    ///
    /// - Returns: how many rows went.
    @discardableResult
    public func prune(now: Date) throws(HistoryError) -> Int {
        try access { queue throws in
            let ids = try queue.read { try Int64.fetchAll($0, sql: "SELECT id FROM series") }
            var removed = 0
            for step in MetricStep.allCases {
                let cutoff = Self.second(now) - step.kept
                var rest = ids[...]
                while !rest.isEmpty, removed < Self.pruneMax {
                    let result = try queue.write { database in
                        try Self.prune(database, rest, step, before: cutoff)
                    }
                    removed += result.removed
                    rest = rest.dropFirst(result.done)
                }
            }
            try queue.write { try Self.forget($0, now: now) }
            return removed
        }
    }

    /// Prunes where nobody has for an hour, whichever fleetctl it was.
    func pruneIfDue(now: Date) throws(HistoryError) {
        let isDue = try access { queue throws in
            try queue.write { database in
                let now = now.timeIntervalSince1970
                let last = try Double.fetchOne(
                    database, sql: "SELECT time FROM upkeep WHERE task = 'prune'")
                // A clock that was put back is no reason to wait for the old time.
                if let last, now >= last, now < last + Self.pruneInterval { return false }
                try database.execute(
                    sql: "INSERT OR REPLACE INTO upkeep VALUES ('prune', ?)", arguments: [now])
                return true
            }
        }
        if isDue { try prune(now: now) }
    }

    /// One transaction's share: how many rows went, and how many of the series are done with.
    private static func prune(
        _ database: Database, _ series: ArraySlice<Int64>, _ step: MetricStep, before cutoff: Int
    ) throws -> (removed: Int, done: Int) {
        let delete = try database.cachedStatement(
            sql: """
                DELETE FROM \(step.rawValue) WHERE series = ?1 AND time IN (
                    SELECT time FROM \(step.rawValue)
                    WHERE series = ?1 AND time < ?2 ORDER BY time LIMIT ?3)
                """)
        var removed = 0
        var done = 0
        for id in series.prefix(pruneSeries) {
            let room = pruneBatch - removed
            try delete.execute(arguments: [id, cutoff, room])
            removed += database.changesCount
            if database.changesCount == room { break }
            done += 1
        }
        return (removed, done)
    }

    /// Series of which nothing is left, and verdicts that ended long ago.
    private static func forget(_ database: Database, now: Date) throws {
        let empty = MetricStep.allCases.map { step in
            "NOT EXISTS (SELECT 1 FROM \(step.rawValue) WHERE series = series.id)"
        }
        try database.execute(
            sql: "DELETE FROM series WHERE " + empty.joined(separator: " AND "))
        try database.execute(
            sql: "DELETE FROM episodes WHERE ended < ?",
            arguments: [now.timeIntervalSince1970 - episodesKept])
    }
}
