import Foundation
import GRDB

/// What fleetctl has done, kept in SQLite on the operator's machine. Several fleetctls may use it
/// at once.
public final class HistoryStore: Sendable {
    /// Time to wait for another fleetctl's transaction, in seconds.
    static let busyTimeout: TimeInterval = 10
    /// Most records of one answer.
    public static let recentLimit = 10_000

    /// Where a damaged history was moved when this one was opened; nil where all was well. Worth
    /// saying to whoever runs fleetctl.
    public let setAside: String?
    /// The database's file.
    public let path: String

    private let queue: DatabaseQueue

    /// The usual place: `$XDG_STATE_HOME/fleetctl/history.sqlite`, `~/.local/state` where the
    /// variable is not an absolute path.
    public static func defaultPath(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> String {
        func absolute(_ name: String) -> String? {
            environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        let home = absolute("HOME") ?? NSHomeDirectory()
        return (absolute("XDG_STATE_HOME") ?? home + "/.local/state") + "/fleetctl/history.sqlite"
    }

    /// Opens the history, or makes an empty one. A file that is damaged is moved aside, never
    /// deleted; `setAside` then says where.
    ///
    /// - Throws: where the folder or file cannot be made, another fleetctl keeps it locked for too
    ///   long, or a newer fleetctl has changed its form.
    public init(path: String = HistoryStore.defaultPath()) throws(HistoryError) {
        self.path = path
        try PrivateFiles.makeFolder((path as NSString).deletingLastPathComponent)
        // One at a time through opening, setting aside and migrating.
        let lock = try FileLock(path + ".lock", timeout: .seconds(Self.busyTimeout))
        defer { lock.release() }
        do throws(HistoryError) {
            queue = try Self.open(path)
            setAside = nil
        } catch {
            guard case .damaged = error.code else { throw error }
            setAside = try PrivateFiles.setAside(path)
            queue = try Self.open(path)
        }
    }

    /// Adds a record.
    public func append(_ record: DeployRecord) throws(HistoryError) {
        do {
            try queue.write { try DeployRow(record).insert($0) }
        } catch {
            throw HistoryError(error, path: path)
        }
    }

    /// The latest records, newest first.
    ///
    /// - Parameters:
    ///   - host: only of this host.
    ///   - service: only of this service.
    ///   - limit: at most so many, at most `recentLimit`.
    public func recent(
        host: String? = nil, service: String? = nil, limit: Int = 20
    ) throws(HistoryError) -> [DeployRecord] {
        do {
            return try queue.read { database in
                var request = DeployRow.order(Column("started").desc, Column("rowid").desc)
                if let host { request = request.filter(Column("host") == host) }
                if let service { request = request.filter(Column("service") == service) }
                return try request.limit(max(0, min(limit, Self.recentLimit))).fetchAll(database)
            }.map(\.record)
        } catch {
            throw HistoryError(error, path: path)
        }
    }

    // MARK: Opening

    private static func open(_ path: String) throws(HistoryError) -> DatabaseQueue {
        // SQLite gives its -wal and -shm files the mode of the database's.
        try PrivateFiles.makeFile(path)
        var configuration = Configuration()
        configuration.busyMode = .timeout(busyTimeout)
        configuration.prepareDatabase { database in
            try database.execute(
                sql:
                    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF"
            )
        }
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let verdict = try queue.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
            guard verdict == "ok" else {
                throw HistoryError(.damaged, path: path, detail: verdict ?? "")
            }
            if try queue.read(migrator.hasBeenSuperseded) {
                throw HistoryError(.newer, path: path)
            }
            try migrator.migrate(queue)
            return queue
        } catch {
            throw HistoryError(error, path: path)
        }
    }

    /// The database's form, step by step. A step that has been published is never changed.
    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 deploys") { database in
            try database.execute(
                sql: """
                    CREATE TABLE deploys (
                        id TEXT NOT NULL UNIQUE,
                        started REAL NOT NULL,
                        finished REAL NOT NULL,
                        fleet TEXT NOT NULL,
                        host TEXT NOT NULL,
                        service TEXT NOT NULL,
                        release TEXT NOT NULL,
                        previous TEXT,
                        outcome TEXT NOT NULL,
                        detail TEXT NOT NULL,
                        user TEXT NOT NULL,
                        "commit" TEXT,
                        client_version TEXT NOT NULL
                    );
                    CREATE INDEX deploys_by_place ON deploys (host, service, started);
                    """)
        }
        return migrator
    }
}

/// A record as the table holds it; times are seconds since 1970, UTC.
private struct DeployRow: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "deploys"

    var id: String
    var started, finished: Double
    var fleet, host, service, release: String
    var previous: String?
    var outcome, detail, user: String
    var commit: String?
    var clientVersion: String

    enum CodingKeys: String, CodingKey {
        case id, started, finished, fleet, host, service, release, previous, outcome, detail, user
        case commit
        case clientVersion = "client_version"
    }

    init(_ record: DeployRecord) {
        id = record.id.uuidString
        started = record.started.timeIntervalSince1970
        finished = record.finished.timeIntervalSince1970
        fleet = record.fleet
        host = record.host
        service = record.service
        release = record.release
        previous = record.previous
        outcome = record.outcome.word
        detail = record.detail
        user = record.user
        commit = record.commit
        clientVersion = record.clientVersion
    }

    var record: DeployRecord {
        DeployRecord(
            id: UUID(uuidString: id) ?? UUID(), started: Date(timeIntervalSince1970: started),
            finished: Date(timeIntervalSince1970: finished), fleet: fleet, host: host,
            service: service, release: release, previous: previous,
            outcome: DeployRecord.Outcome(outcome), detail: detail, user: user, commit: commit,
            clientVersion: clientVersion)
    }
}
