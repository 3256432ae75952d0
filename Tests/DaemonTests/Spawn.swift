// Starts programs without Foundation's Process, which takes one for running as long as anybody has
// a descriptor that its children inherit, the services of other tests included.

import Foundation
import LabSupport
import TestSupport
import Testing

/// How a program ended and what it said.
struct Ended {
    /// Its exit status; 128 + n where signal n ended it.
    var status: Int32
    /// Standard output.
    var text: String
    /// Standard error.
    var errorText: String
}

/// A program that was started, its outputs in files. Killed when nobody holds it any more.
final class Program {
    let id: pid_t
    private let folder: TemporaryFolder
    private var waited: Int32?

    init(_ argv: [String], environment: [String: String] = [:]) throws {
        folder = try TemporaryFolder()
        try folder.write("out", "")
        try folder.write("err", "")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, folder.path + "/out", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, folder.path + "/err", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The tests' threads may block signals, and a child would inherit that.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var words: [UnsafeMutablePointer<CChar>?] = argv.map { strdup($0) } + [nil]
        var settings: [UnsafeMutablePointer<CChar>?] =
            variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + settings).forEach { free($0) } }
        var child: pid_t = 0
        let error = posix_spawnp(&child, argv[0], &actions, &attributes, &words, &settings)
        guard error == 0 else { throw LabError(message: "\(argv[0]): error \(error)") }
        id = child
    }

    deinit {
        guard isRunning else { return }
        kill(id, SIGKILL)
        var status: Int32 = 0
        waitpid(id, &status, 0)
    }

    /// What it has said so far.
    var text: String { (try? folder.read("out")) ?? "" }
    /// What it has complained of so far.
    var errorText: String { (try? folder.read("err")) ?? "" }

    var isRunning: Bool {
        if waited != nil { return false }
        var status: Int32 = 0
        guard waitpid(id, &status, WNOHANG) == id else { return true }
        waited = status
        return false
    }

    /// Its exit status, 128 + n where signal n ended it, once it has ended.
    func status(within deadline: Duration) async throws -> Int32 {
        try await waitUntil("process \(id) ends", deadline: deadline) { !isRunning }
        let status = waited ?? 0
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }
}

/// Runs `argv` to its end; kills it where it takes too long.
func spawn(
    _ argv: [String], environment: [String: String] = [:], deadline: Duration = .seconds(60)
) async throws -> Ended {
    let program = try Program(argv, environment: environment)
    let status = try await program.status(within: deadline)
    return Ended(status: status, text: program.text, errorText: program.errorText)
}
