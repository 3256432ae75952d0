import Foundation
import Glibc

/// A program on this machine.
///
/// Not Foundation's Process, which knows a child's end by a socket that a daemon started beside it
/// may inherit; and with output into a file, since a pipe's end could leak the same way. The
/// waiting has a thread of its own.
enum Local {
    /// Runs a program to its end, which must be a success; what it printed.
    @discardableResult
    static func run(
        _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> String {
        let path = try TestFolder.make() + "/output"
        let child = try start(arguments, environment: environment, output: path)
        let status = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var status: Int32 = 0
                while waitpid(child, &status, 0) < 0, errno == EINTR {}
                continuation.resume(returning: status)
            }
        }
        guard status == 0 else { throw TestFailure("\(arguments) failed") }
        return try String(contentsOfFile: path, encoding: .utf8)
    }

    /// Starts a program; the caller ends it.
    static func start(
        _ arguments: [String], environment: [String: String] = [:], output: String = "/dev/null"
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(
            &actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Dispatch's threads block every signal, and a child would inherit that.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            all.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var child: pid_t = 0
        let code = posix_spawnp(&child, arguments[0], &actions, &attributes, &words, &variables)
        guard code == 0 else { throw TestFailure("\(arguments[0]): errno \(code)") }
        return child
    }

    /// A new key pair; the private key's path and the public key's line.
    static func key(_ options: [String], passphrase: String = "") async throws -> (
        path: String, line: String
    ) {
        let path = try TestFolder.make() + "/key"
        try await run(["ssh-keygen", "-q", "-N", passphrase, "-f", path] + options)
        return (path, try String(contentsOfFile: path + ".pub", encoding: .utf8))
    }
}
