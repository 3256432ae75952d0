import Foundation
import GRDB

/// What fleetctl has done and seen, kept in SQLite on the operator's machine. Several fleetctls may
/// use it at once.
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
        try access { queue throws in try queue.write { try DeployRow(record).insert($0) } }
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
        try access { queue throws in
            try queue.read { database in
                var request = DeployRow.order(Column("started").desc, Column("rowid").desc)
                if let host { request = request.filter(Column("host") == host) }
                if let service { request = request.filter(Column("service") == service) }
                return try request.limit(max(0, min(limit, Self.recentLimit))).fetchAll(database)
            }.map(\.record)
        }
    }

    /// What every question to the database goes through. Damage that shows only now is found again,
    /// and set aside, by the next opening.
    func access<Value>(_ body: (DatabaseQueue) throws -> Value) throws(HistoryError) -> Value {
        do {
            return try body(queue)
        } catch {
            let error = HistoryError(error, path: path)
            if error.code == .damaged { CheckMark(path).remove() }
            throw error
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
            try check(queue, path)
            if try queue.read(migrator.hasBeenSuperseded) {
                throw HistoryError(.newer, path: path)
            }
            try migrator.migrate(queue)
            return queue
        } catch {
            throw HistoryError(error, path: path)
        }
    }

    /// Reads the whole file, unless it is large and was found whole a short while ago.
    private static func check(_ queue: DatabaseQueue, _ path: String) throws {
        let mark = CheckMark(path)
        guard mark.isDue else { return }
        let verdict = try queue.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
        guard verdict == "ok" else {
            throw HistoryError(.damaged, path: path, detail: verdict ?? "")
        }
        try mark.set()
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
        migrator.registerMigration("2 metrics and verdicts") { database in
            try database.execute(sql: metricsForm)
        }
        return migrator
    }

    /// Times are whole seconds since 1970, UTC; those of hours and days are their beginnings. An
    /// empty text stands for no service or object.
    private static let metricsForm = """
        CREATE TABLE series (
            id INTEGER PRIMARY KEY,
            fleet TEXT NOT NULL,
            host TEXT NOT NULL,
            name TEXT NOT NULL,
            labels TEXT NOT NULL,
            UNIQUE (fleet, host, name, labels)
        );
        CREATE TABLE readings (
            series INTEGER NOT NULL,
            time INTEGER NOT NULL,
            value REAL NOT NULL,
            PRIMARY KEY (series, time)
        ) WITHOUT ROWID;
        \(stepForm("hours"))
        \(stepForm("days"))
        CREATE TABLE episodes (
            fleet TEXT NOT NULL,
            host TEXT NOT NULL,
            "check" TEXT NOT NULL,
            service TEXT NOT NULL,
            object TEXT NOT NULL,
            level TEXT NOT NULL,
            summary TEXT NOT NULL,
            since REAL NOT NULL,
            seen REAL NOT NULL,
            ended REAL
        );
        CREATE UNIQUE INDEX episodes_open
            ON episodes (fleet, host, "check", service, object) WHERE ended IS NULL;
        CREATE INDEX episodes_by_end ON episodes (ended);
        CREATE TABLE upkeep (task TEXT PRIMARY KEY, time REAL NOT NULL);
        """

    private static func stepForm(_ table: String) -> String {
        """
        CREATE TABLE \(table) (
            series INTEGER NOT NULL,
            time INTEGER NOT NULL,
            minimum REAL NOT NULL,
            maximum REAL NOT NULL,
            mean REAL NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (series, time)
        ) WITHOUT ROWID;
        """
    }
}
