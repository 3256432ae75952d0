import Foundation
import Testing

/// How a program ended and what it said.
public struct Ended: Sendable {
    /// Its exit status; 128 + n where signal n ended it.
    public var status: Int32
    /// Standard output.
    public var text: String
    /// Standard error.
    public var errorText: String
}

/// A program that was started, its outputs in files. Killed when nobody holds it any more.
public final class Program {
    /// Its process id.
    public let id: pid_t
    private let folder: TemporaryFolder
    private var waited: Int32?

    /// Starts it, with these variables beside those of this process.
    public init(_ argv: [String], environment: [String: String] = [:]) throws {
        folder = try TemporaryFolder()
        var settings = ChildSettings()
        settings.output = .file(folder.path + "/out")
        settings.errorOutput = .file(folder.path + "/err")
        settings.environment = environment
        id = try startChild(argv, settings)
    }

    deinit {
        guard isRunning else { return }
        kill(id, SIGKILL)
        var status: Int32 = 0
        waitpid(id, &status, 0)
    }

    // A file that cannot be read says nothing: the test that waits for words then fails by name.

    /// What it has said so far.
    public var text: String { (try? folder.read("out")) ?? "" }
    /// What it has complained of so far.
    public var errorText: String { (try? folder.read("err")) ?? "" }

    /// Whether it has not ended yet.
    public var isRunning: Bool {
        if waited != nil { return false }
        var status: Int32 = 0
        guard waitpid(id, &status, WNOHANG) == id else { return true }
        waited = status
        return false
    }

    /// Its exit status, 128 + n where signal n ended it, once it has ended.
    public func status(within deadline: Duration) async throws -> Int32 {
        try await waitUntil("process \(id) ends", deadline: deadline) { !isRunning }
        let status = waited ?? 0
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }
}

/// Runs `argv` to its end; kills it where it takes too long.
public func spawn(
    _ argv: [String], environment: [String: String] = [:], deadline: Duration = .seconds(60)
) async throws -> Ended {
    let program = try Program(argv, environment: environment)
    let status = try await program.status(within: deadline)
    return Ended(status: status, text: program.text, errorText: program.errorText)
}
