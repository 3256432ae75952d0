import Foundation
import Testing

/// A mosquitto with one user, on a port of its own.
public final class MQTTBroker {
    /// One of the two that it knows; the other is the password.
    public static let user = "fleet"
    /// Worth quoting.
    public static let password = "it's a secret"

    /// Where it listens, on 127.0.0.1.
    public let port: Int
    private let folder: TemporaryFolder
    private let program: Program

    /// Waits until it listens.
    public init() async throws {
        folder = try TemporaryFolder()
        let socket = try ListeningSocket()
        port = socket.port
        socket.close()
        try folder.write(
            "mosquitto.conf",
            """
            listener \(port) 127.0.0.1
            allow_anonymous false
            password_file \(folder.path)/passwords
            user root

            """)
        try folder.write("passwords", "")
        let made = try await Shell.run([
            "mosquitto_passwd", "-b", folder.path + "/passwords", Self.user, Self.password,
        ])
        try #require(made.status == 0, "\(made.errorText)")
        let program = try Program([
            "mosquitto", "-c", folder.path + "/mosquitto.conf",
        ])
        self.program = program
        try await waitUntil("mosquitto listens: \(program.errorText)") {
            program.errorText.contains("running")
        }
    }

    /// What the broker keeps, "topic payload" each.
    public func retained(_ topic: String, count: Int) async throws -> [String] {
        let result = try await Shell.run([
            "mosquitto_sub", "-p", "\(port)", "-u", Self.user, "-P", Self.password, "-t", topic,
            "-C", "\(count)", "-W", "10", "-F", "%t %p",
        ])
        try #require(result.status == 0, "\(result.errorText)")
        return result.text.split(separator: "\n").map(String.init)
    }
}
