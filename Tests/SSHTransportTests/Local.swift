import Foundation
import TestSupport

/// Programs on this machine.
enum Local {
    /// Runs a program to its end, which must be a success; what it printed.
    @discardableResult
    static func run(
        _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> String {
        let ended = try await spawn(arguments, environment: environment)
        guard ended.status == 0 else { throw TestFailure("\(arguments): \(ended.errorText)") }
        return ended.text
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
