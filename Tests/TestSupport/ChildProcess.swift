// Starts programs without Foundation's Process, which takes one for running as long as anybody has
// a descriptor that its children inherit, the services of other tests included.

import Foundation
import Glibc

/// Where one standard stream of a child leads.
public enum ChildStream {
    /// /dev/null.
    case null
    /// A file that is written from its beginning.
    case file(String)
    /// A descriptor of this process.
    case descriptor(Int32)
}

/// What a child gets besides its words.
public struct ChildSettings {
    /// Standard input, output and error.
    public var input = ChildStream.null
    /// Standard output.
    public var output = ChildStream.null
    /// Standard error; nil for that of this process.
    public var errorOutput: ChildStream?
    /// Variables beside those that every child of a test gets.
    public var environment: [String: String] = [:]
    /// Whether the child leads a process group of its own.
    public var leadsGroup = false

    /// Nothing in, nothing out.
    public init() {}
}

/// A child could not be started.
public struct ChildFailure: Error, CustomStringConvertible {
    /// Its first word and the reason.
    public let description: String
}

/// Starts a program (posix_spawnp), looked for on the child's own PATH first; the caller ends it and
/// waits for it.
public func startChild(_ words: [String], _ settings: ChildSettings) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    lead(STDIN_FILENO, to: settings.input, O_RDONLY, &actions)
    lead(STDOUT_FILENO, to: settings.output, O_WRONLY | O_CREAT | O_TRUNC, &actions)
    if let errorOutput = settings.errorOutput {
        lead(STDERR_FILENO, to: errorOutput, O_WRONLY | O_CREAT | O_TRUNC, &actions)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Dispatch's threads block every signal, and a child would inherit that.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    let group = settings.leadsGroup ? POSIX_SPAWN_SETPGROUP : 0
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | group))
    let all = ChildEnvironment.with(settings.environment)
    let program = ChildEnvironment.located(words[0], path: all["PATH"] ?? "")
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] =
        all.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (arguments + variables).forEach { free($0) } }
    var child: pid_t = 0
    let code = posix_spawnp(&child, program, &actions, &attributes, &arguments, &variables)
    guard code == 0 else {
        throw ChildFailure(description: "\(words[0]): \(String(cString: strerror(code)))")
    }
    return child
}

private func lead(
    _ descriptor: Int32, to stream: ChildStream, _ mode: Int32,
    _ actions: inout posix_spawn_file_actions_t
) {
    switch stream {
    case .null: posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    case .file(let path):
        posix_spawn_file_actions_addopen(&actions, descriptor, path, mode, 0o600)
    case .descriptor(let other): posix_spawn_file_actions_adddup2(&actions, other, descriptor)
    }
}
