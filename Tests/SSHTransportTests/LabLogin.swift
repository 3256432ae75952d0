import Foundation
import LabSupport
import RemoteOps
import SSHTransport
import Testing

/// Settings for the lab's hosts, and the small things that the lab tests share.
enum LabLogin {
    /// A host behind no other: pi, renogy, x1…
    static func settings(_ host: String = "pi", user: String? = nil) throws -> SSHSettings {
        let lab = try Lab.required()
        var settings = SSHSettings(
            name: host, address: try lab.addressOf(host),
            user: user ?? (host == "renogy" ? "jorik" : "pi"))
        settings.configFile = .none
        settings.knownHosts = lab.knownHostsPath
        settings.identities = [lab.identityPath]
        settings.usesAgent = false
        settings.privilege = .passwordlessSudo
        return settings
    }

    /// The board behind pi: password only.
    static func olimex(port: Int = 22) throws -> SSHSettings {
        let lab = try Lab.required()
        var settings = try settings("olimex", user: "root")
        settings.port = port
        settings.identities = []
        let password = try lab.password("olimex")
        settings.password = { password }
        settings.privilege = .isRoot
        return settings
    }

    /// A connected pi, closed after `body`.
    static func withPi<Result>(
        _ change: (inout SSHSettings) -> Void = { _ in },
        _ body: (SSHHost) async throws -> Result
    ) async throws -> Result {
        var settings = try settings()
        change(&settings)
        return try await with(settings, body)
    }

    /// A connected host, closed after `body`.
    static func with<Result>(
        _ settings: SSHSettings, via jump: SSHHost? = nil,
        _ body: (SSHHost) async throws -> Result
    ) async throws -> Result {
        let host = try await SSHHost.connect(settings, via: jump)
        do {
            let result = try await body(host)
            await host.close()
            return result
        } catch {
            await host.close()
            throw error
        }
    }

    /// The error that a connection must end in.
    static func refusal(_ settings: SSHSettings, via jump: SSHHost? = nil) async throws
        -> RemoteError
    {
        do throws(RemoteError) {
            await (try SSHHost.connect(settings, via: jump)).close()
        } catch {
            return error
        }
        throw TestFailure("\(settings.name) let us in")
    }
}

extension SSHHost {
    /// Runs a line of sh and returns what it left.
    func sh(
        _ line: String, as identity: RemoteCommand.Identity = .login,
        input: ByteSource = .empty, deadline: Duration = .seconds(30)
    ) async throws -> CommandResult {
        try await run(
            RemoteCommand(["sh", "-c", line], as: identity), input: input,
            options: RunOptions(deadline: deadline))
    }

    /// Expects that a line of sh prints this and succeeds.
    func expect(
        _ line: String = "true", as identity: RemoteCommand.Identity = .login,
        prints text: String = "", sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let result = try await sh(line, as: identity)
        #expect(result.succeeded && result.text == text, sourceLocation: sourceLocation)
    }

    /// The error that a line of sh must end in.
    func failure(
        _ line: String, as identity: RemoteCommand.Identity = .login,
        input: ByteSource = .empty, deadline: Duration = .seconds(30)
    ) async throws -> RemoteError {
        try await remoteError {
            try await sh(line, as: identity, input: input, deadline: deadline)
        }
    }
}

/// The error that `body` must end in.
func remoteError<Value>(_ body: () async throws -> Value) async throws -> RemoteError {
    let value: Value
    do {
        value = try await body()
    } catch let error as RemoteError {
        return error
    }
    throw TestFailure("it did not fail: \(value)")
}

extension CommandResult {
    var text: String { String(decoding: output, as: UTF8.self) }
    var errorText: String { String(decoding: errorOutput, as: UTF8.self) }
}

/// An sshd of a test's own inside pi, on a port of its own.
struct PrivateSSHD: Sendable {
    let lab: Lab
    let port: Int
    let folder: String
    let knownHosts: String
    let hostKeyLines: [String]

    /// Starts one that listens for pi's users.
    ///
    /// - Parameters:
    ///   - lines: further lines of its configuration.
    ///   - userKeys: public keys that it accepts besides the lab's; nil accepts those alone.
    ///   - hostKeys: the types of its host keys.
    static func start(
        _ lines: [String] = [], userKeys: String = "", hostKeys: [String] = ["ed25519"]
    ) async throws -> PrivateSSHD {
        let lab = try Lab.required()
        let port = Int.random(in: 20_000...29_999)
        let folder = "/run/sshd-test-\(port)"
        let keyFiles = hostKeys.map { "HostKey \(folder)/key_\($0)" }
        let config = [
            "Port \(port)", "PidFile \(folder)/pid", "UsePAM yes", "StrictModes no",
            "UseDNS no", "AuthorizedKeysFile \(folder)/users .ssh/authorized_keys",
        ]
        let script = """
            set -e
            mkdir -p \(folder) /run/sshd
            for type in \(hostKeys.joined(separator: " ")); do
                ssh-keygen -q -t $type -N '' -f \(folder)/key_$type
            done
            cat >\(folder)/users
            printf '%s\\n' \((lines + config + keyFiles).map(ShellWord.quoted).joined(separator: " ")) \
                >\(folder)/config
            /usr/sbin/sshd -f \(folder)/config -E \(folder)/log
            cat \(folder)/*.pub
            """
        let result = try await lab.sh("pi", script, input: userKeys)
        guard result.status == 0 else { throw TestFailure("sshd: \(result.output)") }
        let address = try lab.addressOf("pi")
        let hostKeyLines = result.output.split(separator: "\n").map { line in
            let words = line.split(separator: " ")
            return "[\(address)]:\(port) \(words[0]) \(words[1])"
        }
        let knownHosts = try TestFolder.make() + "/known_hosts"
        let text = hostKeyLines.joined(separator: "\n") + "\n"
        try text.write(toFile: knownHosts, atomically: true, encoding: .utf8)
        return PrivateSSHD(
            lab: lab, port: port, folder: folder, knownHosts: knownHosts,
            hostKeyLines: hostKeyLines)
    }

    func settings(user: String = "pi") throws -> SSHSettings {
        var settings = try LabLogin.settings("pi", user: user)
        settings.port = port
        settings.knownHosts = knownHosts
        return settings
    }

    /// Writes another known_hosts for it.
    func know(_ lines: [String]) throws {
        try (lines.joined(separator: "\n") + "\n")
            .write(toFile: knownHosts, atomically: true, encoding: .utf8)
    }

    /// Ends the daemon and every process that serves a connection of it.
    func kill() async throws {
        try await lab.sh(
            "pi",
            "p=$(cat \(folder)/pid); c=$(pgrep -d , -P $p); g=$(pgrep -d ' ' -P $c); "
                + "kill -9 $p $(echo $c | tr , ' ') $g 2>/dev/null; true")
    }

    func log() async throws -> String { try await lab.sh("pi", "cat \(folder)/log").output }

    func end() async throws {
        try await lab.sh("pi", "kill $(cat \(folder)/pid) 2>/dev/null; rm -rf \(folder)")
    }

    /// Runs `body` with one, and ends it whatever happens.
    static func with<Result>(
        _ lines: [String] = [], userKeys: String = "", hostKeys: [String] = ["ed25519"],
        _ body: (PrivateSSHD) async throws -> Result
    ) async throws -> Result {
        let server = try await start(lines, userKeys: userKeys, hostKeys: hostKeys)
        do {
            let result = try await body(server)
            try await server.end()
            return result
        } catch {
            try await server.end()
            throw error
        }
    }
}
