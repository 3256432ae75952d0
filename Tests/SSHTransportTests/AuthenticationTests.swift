import Foundation
import LabSupport
import RemoteOps
import TestSupport
import Testing

@testable import SSHTransport

/// Every way in, against real servers.
@Suite(.lab, .sharesLab, .timeLimit(.minutes(10))) struct AuthenticationTests {
    @Test(arguments: [
        ["-t", "ed25519"], ["-t", "ecdsa", "-b", "256"], ["-t", "ecdsa", "-b", "384"],
        ["-t", "ecdsa", "-b", "521"], ["-t", "rsa", "-b", "2048"],
        ["-t", "rsa", "-b", "2048", "-m", "PEM"],
    ])
    func everyKindOfKeyOpensTheDoor(options: [String]) async throws {
        let key = try await Local.key(options)
        try await PrivateSSHD.with(["LogLevel DEBUG"], userKeys: key.line) { server in
            var settings = try server.settings()
            settings.identities = [key.path]
            try await LabLogin.with(settings) { host in
                try await host.expect("id -un", prints: "pi\n")
            }
            // RSA signs with SHA-2, never with SHA-1.
            if options.contains("rsa") {
                #expect(try await server.log().contains("RSA SHA256:"))
                #expect(try await !server.log().contains("signature algorithm ssh-rsa"))
            }
        }
    }

    @Test func theFirstKeyThatIsAcceptedIsTaken() async throws {
        let stranger = try await Local.key(["-t", "ed25519"])
        var settings = try LabLogin.settings()
        settings.identities.insert(stranger.path, at: 0)
        try await LabLogin.with(settings) { try await $0.expect() }
    }

    @Test func aRefusedKeyIsNamedWithWhatTheServerTakes() async throws {
        let stranger = try await Local.key(["-t", "ed25519"])
        var settings = try LabLogin.settings()
        settings.identities = [stranger.path]
        let error = try await LabLogin.refusal(settings)
        guard case .authenticationRefused(let tried, let offered) = error.code else {
            throw TestFailure("\(error)")
        }
        #expect(tried == ["key \(stranger.path)"])
        #expect(offered.contains("publickey"))
        #expect(error.effect == .nothingRan)
    }

    @Test func tooManyTriesAreARefusalToo() async throws {
        try await PrivateSSHD.with(["MaxAuthTries 2"]) { server in
            var settings = try server.settings()
            settings.identities = []
            for _ in 0..<4 {
                settings.identities.append(try await Local.key(["-t", "ed25519"]).path)
            }
            let error = try await LabLogin.refusal(settings)
            guard case .authenticationRefused = error.code else { throw TestFailure("\(error)") }
        }
    }

    @Test func theAgentIsAsked() async throws {
        let lab = try Lab.required()
        try await withAgent(adding: lab.ecdsaIdentityPath) { socket in
            var settings = try LabLogin.settings()
            settings.identities = []
            settings.usesAgent = true
            settings.agentSocket = socket
            try await LabLogin.with(settings) { try await $0.expect() }
        }
    }

    @Test func anEncryptedKeyNeedsTheAgentAndSaysSo() async throws {
        let key = try await Local.key(["-t", "ed25519"], passphrase: "pass phrase")
        try await PrivateSSHD.with(userKeys: key.line) { server in
            var settings = try server.settings()
            settings.identities = [key.path]
            let error = try await LabLogin.refusal(settings)
            #expect(error.code == .badSetting)
            #expect(error.detail.contains("passphrase") && error.detail.contains("ssh-add"))
            let lab = try Lab.required()
            // With an agent that holds other keys only, the refusal says what happened.
            try await withAgent(adding: lab.ecdsaIdentityPath) { socket in
                settings.usesAgent = true
                settings.agentSocket = socket
                try await LabLogin.with(settings) { try await $0.expect() }
            }
        }
    }

    @Test func anAgentThatNeverAnswersCostsTheTimeLimitOnly() async throws {
        let path = try TestFolder.make() + "/agent"
        // Listens and accepts nothing: libssh waits for such an agent without a limit.
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0 && listen(listener, 4) == 0)
        var settings = try LabLogin.settings()
        settings.identities = []
        settings.usesAgent = true
        settings.agentSocket = path
        settings.connectTimeout = .seconds(2)
        let start = ContinuousClock.now
        let error = try await LabLogin.refusal(settings)
        #expect(error.code == .connectTimedOut)
        #expect(.now - start < .seconds(6))
    }

    @Test func aKeyThatOthersCanReadIsNotUsed() async throws {
        let key = try await Local.key(["-t", "ed25519"])
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key.path)
        var settings = try LabLogin.settings()
        settings.identities = [key.path]
        let error = try await LabLogin.refusal(settings)
        #expect(error.code == .badSetting && error.detail.contains("chmod 600"))
    }

    @Test func aPasswordOpensTheDoorAndIsAskedForOnlyThen() async throws {
        let lab = try Lab.required()
        let password = try lab.password("operator")
        var settings = try LabLogin.settings(user: "operator")
        settings.identities = []
        settings.password = { password }
        try await LabLogin.with(settings) { try await $0.expect("id -un", prints: "operator\n") }
        settings.identities = [lab.identityPath]
        settings.password = { throw TestFailure("the password was asked for") }
        try await LabLogin.with(settings) { try await $0.expect() }
    }

    @Test func aWrongPasswordIsRefusedAndAppearsNowhere() async throws {
        var settings = try LabLogin.settings(user: "operator")
        settings.identities = []
        settings.password = { "wrong-Secret-77" }
        let error = try await LabLogin.refusal(settings)
        guard case .authenticationRefused(let tried, _) = error.code else {
            throw TestFailure("\(error)")
        }
        #expect(tried == ["password"])
        #expect(!"\(error)".contains("Secret-77"))
    }

    @Test func aSecretThatCannotBeHadIsItsOwnError() async throws {
        var settings = try LabLogin.settings(user: "operator")
        settings.identities = []
        settings.password = { throw TestFailure("env:NOWHERE is not set") }
        let error = try await LabLogin.refusal(settings)
        #expect(error.code == .secretUnavailable)
        #expect(error.detail.contains("NOWHERE"))
    }

    @Test func keyboardInteractiveTakesThePasswordOnce() async throws {
        let lines = ["PasswordAuthentication no", "KbdInteractiveAuthentication yes"]
        try await PrivateSSHD.with(lines) { server in
            let password = try Lab.required().password("operator")
            var settings = try server.settings(user: "operator")
            settings.identities = []
            settings.password = { password }
            try await LabLogin.with(settings) { try await $0.expect() }
            settings.password = { "wrong" }
            let error = try await LabLogin.refusal(settings)
            guard case .authenticationRefused(let tried, _) = error.code else {
                throw TestFailure("\(error)")
            }
            #expect(tried == ["password", "keyboard-interactive"])
        }
    }

    @Test func aServerMayWantKeyAndPassword() async throws {
        try await PrivateSSHD.with(["AuthenticationMethods publickey,password"]) { server in
            let password = try Lab.required().password("operator")
            var settings = try server.settings(user: "operator")
            settings.password = { password }
            try await LabLogin.with(settings) { try await $0.expect() }
        }
    }

    @Test func theConfigurationsHostNameAndIdentityCount() async throws {
        let lab = try Lab.required()
        let config = try TestFolder.make() + "/config"
        let text = """
            Host nickname
                HostName \(try lab.addressOf("pi"))
                IdentityFile \(lab.identityPath)
                StrictHostKeyChecking no
                ProxyJump nowhere.invalid
                User nobody
            """
        try text.write(toFile: config, atomically: true, encoding: .utf8)
        var settings = try LabLogin.settings()
        settings.address = "nickname"
        settings.identities = []
        settings.configFile = .file(config)
        try await LabLogin.with(settings) { host in
            try await host.expect("id -un", prints: "pi\n")
            #expect(host.ignoredProxy != nil)
        }
        // Its StrictHostKeyChecking does not.
        settings.knownHosts = "/dev/null"
        let error = try await LabLogin.refusal(settings)
        guard case .hostKeyUnknown = error.code else { throw TestFailure("\(error)") }
    }

    private func withAgent<Result>(
        adding key: String, _ body: (String) async throws -> Result
    ) async throws -> Result {
        let socket = try TestFolder.make() + "/agent"
        let agent = try Program(["ssh-agent", "-D", "-a", socket])
        defer { withExtendedLifetime(agent) {} }
        try await waitUntil("the agent listens") { FileManager.default.fileExists(atPath: socket) }
        try await Local.run(["ssh-add", "-q", key], environment: ["SSH_AUTH_SOCK": socket])
        return try await body(socket)
    }
}
