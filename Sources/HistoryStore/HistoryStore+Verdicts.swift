import Foundation
import GRDB
import Health

extension HistoryStore {
    /// Most episodes of one answer.
    public static let episodesMax = 10_000

    /// The episodes that touch the time since then, newest first; where nil, those that hold now.
    public func episodes(
        fleet: String, host: String? = nil, since: Date? = nil
    ) throws(HistoryError) -> [VerdictEpisode] {
        try access { queue throws in
            try queue.read { database in
                try EpisodeRow.fetchAll(
                    database,
                    sql: """
                        SELECT rowid, * FROM episodes
                        WHERE fleet = ?1 AND host = ifnull(?2, host)
                            AND (ended IS NULL OR ended >= ?3)
                        ORDER BY since DESC, rowid DESC LIMIT ?4
                        """,
                    arguments: [fleet, host, since?.timeIntervalSince1970, Self.episodesMax])
            }.map(\.episode)
        }
    }
}

/// Brings a host's open episodes up to what is said of it now, within a transaction.
struct EpisodeWriter {
    let database: Database
    let fleet: String
    let host: HostHealth

    private var now: Double { host.takenAt.timeIntervalSince1970 }

    func write() throws {
        var open = try openEpisodes()
        var said: Set<Verdict.Key> = []
        for verdict in host.verdicts where said.insert(verdict.key).inserted {
            try note(verdict, open.removeValue(forKey: verdict.key))
        }
        // A host that did not answer says nothing of what was wrong with it.
        guard case .answered = host.answer else { return }
        for row in open.values where row.seen <= now { try end(row) }
    }

    private func note(_ verdict: Verdict, _ row: EpisodeRow?) throws {
        if let row {
            // Another fleetctl looked later, and what it saw counts.
            if now < row.seen { return }
            if row.level == verdict.level.rawValue {
                try database.execute(
                    sql: "UPDATE episodes SET seen = ?, summary = ? WHERE rowid = ?",
                    arguments: [now, verdict.summary, row.rowid])
                return
            }
            try end(row)
        }
        try database.execute(
            sql: "INSERT INTO episodes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
            arguments: [
                fleet, host.host, verdict.check, verdict.service ?? "", verdict.object ?? "",
                verdict.level.rawValue, verdict.summary, now, now,
            ])
    }

    private func end(_ row: EpisodeRow) throws {
        try database.execute(
            sql: "UPDATE episodes SET ended = ? WHERE rowid = ?", arguments: [now, row.rowid])
    }

    private func openEpisodes() throws -> [Verdict.Key: EpisodeRow] {
        let rows = try EpisodeRow.fetchAll(
            database,
            sql: "SELECT rowid, * FROM episodes WHERE fleet = ? AND host = ? AND ended IS NULL",
            arguments: [fleet, host.host])
        return Dictionary(
            rows.map { ($0.episode.subject, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

private struct EpisodeRow: Decodable, FetchableRecord {
    var rowid: Int64
    var host, check, service, object, level, summary: String
    var since, seen: Double
    var ended: Double?

    var episode: VerdictEpisode {
        VerdictEpisode(
            subject: Verdict.Key(
                host: host, check: check, service: service.isEmpty ? nil : service,
                object: object.isEmpty ? nil : object),
            level: level, summary: summary, since: Date(timeIntervalSince1970: since),
            seen: Date(timeIntervalSince1970: seen),
            ended: ended.map { Date(timeIntervalSince1970: $0) })
    }
}
