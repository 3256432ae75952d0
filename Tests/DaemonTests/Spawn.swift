// Runs a program that leaves others behind. Foundation's Process takes one for running as long as
// anything that it started is: it waits for the end of a descriptor that they inherit.

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

/// Runs `argv` to its end; kills it where it takes too long.
func spawn(
    _ argv: [String], environment: [String: String] = [:], deadline: Duration = .seconds(30)
) async throws -> Ended {
    let scratch = try TemporaryFolder()
    try scratch.write("out", "")
    try scratch.write("err", "")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, scratch.path + "/out", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, scratch.path + "/err", O_WRONLY, 0)
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
    var status: Int32 = 0
    do {
        try await waitUntil("\(argv.joined(separator: " ")) ends", deadline: deadline) {
            waitpid(child, &status, WNOHANG) == child
        }
    } catch {
        kill(child, SIGKILL)
        waitpid(child, &status, 0)
        throw error
    }
    let signal = status & 0x7F
    return Ended(
        status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, text: try scratch.read("out"),
        errorText: try scratch.read("err"))
}
