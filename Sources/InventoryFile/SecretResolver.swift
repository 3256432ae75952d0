import Foundation
import Inventory

/// Why a secret could not be had. Names the reference, never what was found there.
public struct SecretFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was asked for.
    public var reference: SecretReference
    /// Why it could not be had, as a sentence without a full stop.
    public var reason: String

    /// The reference and the reason.
    public var description: String { "\(reference): \(reason)" }
}

/// Fetches secrets from where the inventory says they are.
public struct SecretResolver: Sendable {
    /// Longest secret, in bytes.
    public static let lengthLimit = 4096
    /// Time that a command gets by default: enough for someone to unlock a key store.
    public static let commandTimeout = Duration.seconds(60)

    private let environment: [String: String]
    private let timeout: Duration

    /// A resolver over an environment, fleetctl's own by default.
    ///
    /// - Parameter timeout: time that a `command:` may take.
    public init(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        timeout: Duration = SecretResolver.commandTimeout
    ) {
        self.environment = environment
        self.timeout = timeout
    }

    /// The secret: the variable's value, or the first line of the file or of what the command
    /// prints.
    ///
    /// - Throws: where there is none, where it is empty or longer than `lengthLimit`, where a
    ///   file is open to others, where a command fails, takes too long or the task is cancelled.
    public func resolve(_ reference: SecretReference) async throws(SecretFailure) -> Secret {
        do throws(SecretFault) {
            switch reference {
            case .environment(let name):
                guard let value = environment[name] else {
                    throw SecretFault("the environment variable is not set")
                }
                return try Self.firstLine(of: Array(value.utf8))
            case .file(let path):
                return try Self.firstLine(of: Self.contents(of: path))
            case .command(let line):
                let command = ShellCommand(
                    line: line, environment: environment, outputLimit: Self.lengthLimit * 2,
                    timeout: timeout)
                return try Self.firstLine(of: await command.output())
            }
        } catch {
            throw SecretFailure(reference: reference, reason: error.reason)
        }
    }

    private static func contents(of path: String) throws(SecretFault) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SecretFault(FileBytes.reason(errno)) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SecretFault(FileBytes.reason(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw SecretFault("it is no ordinary file")
        }
        guard status.st_uid == geteuid() else {
            throw SecretFault("the file belongs to another user; it must be your own")
        }
        guard status.st_mode & 0o077 == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw SecretFault("others may read the file (mode \(mode)); run chmod 600 on it")
        }
        do throws(FileFault) {
            return try FileBytes.read(descriptor, limit: lengthLimit * 2)
        } catch {
            switch error {
            case .system(let reason): throw SecretFault(reason)
            case .tooLarge: throw SecretFault("the file is too large for a secret")
            }
        }
    }

    private static func firstLine(of bytes: [UInt8]) throws(SecretFault) -> Secret {
        var line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
        guard !line.isEmpty else { throw SecretFault("the first line is empty") }
        guard line.count <= lengthLimit else {
            throw SecretFault("the first line is longer than \(lengthLimit) bytes")
        }
        guard !line.contains(0), let text = String(validating: line, as: UTF8.self) else {
            throw SecretFault("the first line is not text")
        }
        return Secret(text)
    }
}

/// A reason without its reference.
struct SecretFault: Error {
    var reason: String
    init(_ reason: String) { self.reason = reason }
}
