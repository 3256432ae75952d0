import Foundation
import TestSupport
import Testing

@testable import HistoryStore

@Suite struct HistoryStoreTests {
    static func temporaryPath() -> String {
        FileManager.default.temporaryDirectory
            .appendingPathComponent("history-\(UUID().uuidString)/state/history.sqlite").path
    }

    static func remove(_ path: String) {
        let folder = (path as NSString).deletingLastPathComponent
        try? FileManager.default.removeItem(
            atPath: (folder as NSString).deletingLastPathComponent)
    }

    static func record(
        _ number: Int, host: String = "pi", service: String = "gen",
        outcome: DeployRecord.Outcome = .deployed
    ) -> DeployRecord {
        let start = Date(timeIntervalSince1970: 1_700_000_000 + Double(number))
        return DeployRecord(
            started: start, finished: start.addingTimeInterval(2.5), fleet: "f", host: host,
            service: service, release: "r\(number)", previous: number > 0 ? "r\(number - 1)" : nil,
            outcome: outcome, detail: "it's \"fine\"; DROP TABLE deploys", user: "u",
            commit: nil, clientVersion: "0.1.0")
    }

    static func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    @Test func recordsComeBackNewestFirstAndAsTheyWere() throws {
        let path = Self.temporaryPath()
        defer { Self.remove(path) }
        let store = try HistoryStore(path: path)
        let outcomes: [DeployRecord.Outcome] = [
            .deployed, .failed, .rolledBack, .deferred, .unknown, .other("postponed"),
        ]
        let records = outcomes.enumerated().map { Self.record($0, outcome: $1) }
        for record in records { try store.append(record) }
        #expect(try store.recent() == records.reversed())
        #expect(try store.recent(limit: 2) == [records[5], records[4]])
        #expect(try store.recent(limit: -1).isEmpty)
        #expect(try HistoryStore(path: path).recent() == records.reversed())
    }

    @Test func recentNarrowsToHostAndService() throws {
        let path = Self.temporaryPath()
        defer { Self.remove(path) }
        let store = try HistoryStore(path: path)
        let records = [
            Self.record(0), Self.record(1, host: "olimex"), Self.record(2, service: "monitor"),
        ]
        for record in records { try store.append(record) }
        #expect(try store.recent(host: "pi") == [records[2], records[0]])
        #expect(try store.recent(host: "pi", service: "gen") == [records[0]])
        #expect(try store.recent(host: "' OR 1=1 --").isEmpty)
    }

    @Test func onlyTheOwnerMayReadIt() throws {
        let path = Self.temporaryPath()
        defer { Self.remove(path) }
        let store = try HistoryStore(path: path)
        try store.append(Self.record(0))
        #expect(try Self.mode((path as NSString).deletingLastPathComponent) == 0o700)
        for suffix in ["", "-wal", "-shm", ".lock"] {
            #expect(try Self.mode(path + suffix) == 0o600, "\(suffix)")
        }
    }

    @Test func aRecordIsNeverWrittenTwice() throws {
        let path = Self.temporaryPath()
        defer { Self.remove(path) }
        let store = try HistoryStore(path: path)
        let record = Self.record(0)
        try store.append(record)
        #expect(throws: HistoryError.self) { try store.append(record) }
        #expect(try store.recent() == [record])
    }

    @Test func manyAtOnceLoseNothing() async throws {
        let path = Self.temporaryPath()
        defer { Self.remove(path) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<16 {
                group.addTask {
                    let store = try HistoryStore(path: path)
                    #expect(store.setAside == nil)
                    try store.append(Self.record(number))
                }
            }
            try await group.waitForAll()
        }
        #expect(try HistoryStore(path: path).recent().count == 16)
    }

    /// Another process holds a transaction for a while; this one's write waits for its end.
    @Test func anotherProcessIsWaitedFor() async throws {
        let path = Self.temporaryPath()
        defer { Self.remove(path) }
        let store = try HistoryStore(path: path)
        let script = """
            import sqlite3, sys, time
            c = sqlite3.connect(sys.argv[1], isolation_level=None)
            c.execute('BEGIN IMMEDIATE')
            c.execute("INSERT INTO deploys VALUES ('x',0,0,'','','','',NULL,'deployed','','',NULL,'')")
            sys.stdout.write('holding\\n'); sys.stdout.flush()
            time.sleep(0.4)
            print(time.clock_gettime(time.CLOCK_MONOTONIC), flush=True)
            c.execute('COMMIT')
            """
        let other = try Program(["python3", "-c", script, path])
        try await waitUntil("the other holds the file") { other.text.hasPrefix("holding\n") }
        try store.append(Self.record(0))
        let end = ProcessInfo.processInfo.systemUptime
        #expect(try await other.status(within: .seconds(10)) == 0)
        let text = other.text.split(separator: "\n").last ?? ""
        let released = try #require(Double(text))
        #expect(end >= released)
        #expect(try store.recent().count == 2)
    }

    static let damages: [(name: String, damage: @Sendable (String) throws -> Void)] = [
        (
            "text",
            { try "no database, far from it".write(toFile: $0, atomically: false, encoding: .utf8) }
        ),
        (
            "a page of noise",
            { path in
                let handle = try #require(FileHandle(forUpdatingAtPath: path))
                try handle.seek(toOffset: 4096)
                try handle.write(contentsOf: Data(repeating: 0xA5, count: 8192))
                try handle.close()
            }
        ),
        (
            "cut short",
            { path in
                let handle = try #require(FileHandle(forUpdatingAtPath: path))
                try handle.truncate(atOffset: 5000)
                try handle.close()
            }
        ),
    ]

    @Test(arguments: [0, 1, 2])
    func aDamagedFileIsSetAsideAndSaidSo(index: Int) throws {
        let path = Self.temporaryPath()
        defer { Self.remove(path) }
        for number in 0..<50 { try HistoryStore(path: path).append(Self.record(number)) }
        // Nobody holds it now: the log has been written back.
        #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
        try Self.damages[index].damage(path)
        let damaged = try Data(contentsOf: URL(fileURLWithPath: path))

        let store = try HistoryStore(path: path)
        let aside = try #require(store.setAside)
        #expect(aside.hasPrefix(path + ".corrupt-"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: aside)) == damaged)
        #expect(try Self.mode(aside) == 0o600)
        try store.append(Self.record(99))
        #expect(try store.recent().count == 1)
        #expect(try HistoryStore(path: path).setAside == nil)
    }

    @Test func aNewerFormIsLeftAlone() async throws {
        let path = Self.temporaryPath()
        defer { Self.remove(path) }
        _ = try HistoryStore(path: path)
        try await python(
            path,
            "c.execute(\"INSERT INTO grdb_migrations VALUES ('9 from the future')\"); c.commit()")
        let error = #expect(throws: HistoryError.self) { try HistoryStore(path: path) }
        #expect(error?.code == .newer)
        #expect(
            try FileManager.default.contentsOfDirectory(
                atPath: (path as NSString).deletingLastPathComponent
            ).allSatisfy { !$0.contains("corrupt") })
    }

    @Test func aFolderThatCannotBeMadeIsSaid() {
        let error = #expect(throws: HistoryError.self) {
            try HistoryStore(path: "/proc/nowhere/history.sqlite")
        }
        #expect(error?.code == .failed)
        #expect(error.map { "\($0)".contains("/proc/nowhere") } == true)
    }

    @Test func thePlaceFollowsTheEnvironment() {
        #expect(
            HistoryStore.defaultPath(environment: ["HOME": "/h", "XDG_STATE_HOME": "/s"])
                == "/s/fleetctl/history.sqlite")
        #expect(
            HistoryStore.defaultPath(environment: ["HOME": "/h", "XDG_STATE_HOME": "relative"])
                == "/h/.local/state/fleetctl/history.sqlite")
    }

    private func python(_ path: String, _ statement: String) async throws {
        let script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); " + statement
        let result = try await Shell.run(["python3", "-c", script, path])
        try #require(result.status == 0, "\(result.errorText)")
    }
}
