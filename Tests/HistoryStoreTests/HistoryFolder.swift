import Foundation
import TestSupport
import Testing

@testable import HistoryStore

/// A folder for one history, and what other programs do to it.
struct HistoryFolder {
    private let folder: TemporaryFolder
    /// The database's path; its folder is made by the store.
    var path: String { folder.path + "/state/history.sqlite" }

    init() throws { folder = try TemporaryFolder() }

    func store() throws -> HistoryStore { try HistoryStore(path: path) }

    /// The program that records rounds in a process of its own, as it was built with the tests.
    static let probe = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("history-probe").path

    /// Runs statements of Python's sqlite3 on `c`, the open database; returns what was printed.
    @discardableResult
    func python(_ statements: String) async throws -> String {
        let script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1])\n" + statements
        let result = try await Shell.run(["python3", "-c", script, path])
        try #require(result.status == 0, "\(result.errorText)")
        return result.text
    }

    /// Overwrites bytes of the database.
    func damage(at offset: Int, count: Int = 4096) throws {
        let handle = try #require(FileHandle(forUpdatingAtPath: path))
        try handle.seek(toOffset: UInt64(offset))
        try handle.write(contentsOf: Data(repeating: 0xA5, count: count))
        try handle.close()
    }
}
