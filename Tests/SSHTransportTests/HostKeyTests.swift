import Foundation
import LabSupport
import RemoteOps
import Testing

@testable import SSHTransport

/// No key is accepted that a pin or known_hosts does not know.
@Suite(.lab, .sharesLab, .timeLimit(.minutes(10))) struct HostKeyTests {
    @Test func anUnknownKeyIsShownAndRefused() async throws {
        var settings = try LabLogin.settings()
        settings.knownHosts = "/nonexistent/known_hosts"
        let error = try await LabLogin.refusal(settings)
        guard case .hostKeyUnknown(let presented) = error.code else {
            throw TestFailure("\(error)")
        }
        let lab = try Lab.required()
        let line = try await lab.sh("pi", "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub")
        #expect(line.output.contains(presented.sha256))
        #expect(presented.type == "ssh-ed25519")
    }

    @Test func aChangedKeyIsRefusedAndItsPlaceNamed() async throws {
        let other = try await Local.key(["-t", "ed25519"])
        try await PrivateSSHD.with { server in
            let words = other.line.split(separator: " ")
            let label = "[\(try server.lab.addressOf("pi"))]:\(server.port)"
            try server.know(["# first", "\(label) \(words[0]) \(words[1])"])
            let error = try await LabLogin.refusal(try server.settings())
            guard case .hostKeyChanged(_, let expected) = error.code else {
                throw TestFailure("\(error)")
            }
            #expect(expected.count == 1)
            #expect(error.detail.contains("\(server.knownHosts):2"))
        }
    }

    @Test func aKnownKeyOfAnotherTypeIsAskedFor() async throws {
        try await PrivateSSHD.with(hostKeys: ["ed25519", "ecdsa", "rsa"]) { server in
            for type in ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"] {
                try server.know(server.hostKeyLines.filter { $0.contains(" \(type) ") })
                try await LabLogin.with(try server.settings()) {
                    try await $0.expect()
                }
            }
        }
    }

    @Test func hashedAndPatternLinesAreKnown() async throws {
        try await PrivateSSHD.with { server in
            let hashed = server.knownHosts
            try await Local.run(["ssh-keygen", "-q", "-H", "-f", hashed])
            #expect(try String(contentsOfFile: hashed, encoding: .utf8).hasPrefix("|1|"))
            try await LabLogin.with(try server.settings()) {
                try await $0.expect()
            }
            let words = server.hostKeyLines[0].split(separator: " ")
            try server.know(["[198.51.100.*]:\(server.port) \(words[1]) \(words[2])"])
            try await LabLogin.with(try server.settings()) {
                try await $0.expect()
            }
        }
    }

    @Test func oddLinesAreNoWayInAndNoWayOut() async throws {
        try await PrivateSSHD.with { server in
            let label = "[\(try server.lab.addressOf("pi"))]:\(server.port)"
            let odd = [
                "\(label) ssh-future AAAA", "garbage", "@cert-authority * ssh-rsa AAAA",
                String(repeating: "x", count: 20_000), "\(label)", "\(label) ssh-ed25519 !!!!",
            ]
            try server.know(odd)
            let error = try await LabLogin.refusal(try server.settings())
            guard case .hostKeyUnknown = error.code else { throw TestFailure("\(error)") }
            try server.know(odd + server.hostKeyLines)
            try await LabLogin.with(try server.settings()) {
                try await $0.expect()
            }
        }
    }

    @Test func aRevokedKeyIsRefusedThoughKnown() async throws {
        try await PrivateSSHD.with { server in
            let words = server.hostKeyLines[0].split(separator: " ")
            try server.know(server.hostKeyLines + ["@revoked * \(words[1]) \(words[2])"])
            let error = try await LabLogin.refusal(try server.settings())
            guard case .hostKeyChanged = error.code else { throw TestFailure("\(error)") }
            #expect(error.detail.contains("@revoked"))
        }
    }

    @Test func pinsWinOverKnownHosts() async throws {
        var settings = try LabLogin.settings()
        let key = try await SSHTrust.hostKey(of: settings)
        #expect(key.standing == .known)
        settings.knownHosts = "/dev/null"
        settings.hostKeyPins = ["SHA256:" + String(repeating: "A", count: 43)]
        let error = try await LabLogin.refusal(settings)
        guard case .hostKeyChanged(let presented, let expected) = error.code else {
            throw TestFailure("\(error)")
        }
        #expect(presented == key.fingerprint)
        #expect(expected.map(\.sha256) == settings.hostKeyPins)
        settings.hostKeyPins.append(key.fingerprint.sha256)
        try await LabLogin.with(settings) { try await $0.expect() }
    }

    @Test func trustGoesFromUnknownToKnownAndNeverOverAChange() async throws {
        try await PrivateSSHD.with { server in
            try server.know([])
            let settings = try server.settings()
            let key = try await SSHTrust.hostKey(of: settings)
            #expect(key.standing == .unknown)
            try SSHTrust.remember(key, in: SSHTrust.knownHostsPath(settings))
            #expect(try await SSHTrust.hostKey(of: settings).standing == .known)
            try await LabLogin.with(settings) { try await $0.expect() }
            let other = try await Local.key(["-t", "ed25519"]).line.split(separator: " ")
            let label = "[\(try server.lab.addressOf("pi"))]:\(server.port)"
            try server.know(["\(label) \(other[0]) \(other[1])"])
            guard
                case .changed(let places, let expected) =
                    try await SSHTrust.hostKey(of: settings).standing
            else { throw TestFailure("the change was not seen") }
            #expect(places == ["\(server.knownHosts):1"] && expected.count == 1)
        }
    }

    @Test func noCommonAlgorithmSaysSo() async throws {
        try await PrivateSSHD.with(["KexAlgorithms diffie-hellman-group14-sha1"]) { server in
            var settings = try server.settings()
            let error = try await LabLogin.refusal(settings)
            #expect(error.code == .noCommonAlgorithm, "\(error)")
            settings.legacyAlgorithms.keyExchange = ["diffie-hellman-group14-sha1"]
            try await LabLogin.with(settings) { try await $0.expect() }
        }
    }

    @Test(arguments: ["no-such-algorithm", "", "ssh-rsa,", " "])
    func aMisspeltAlgorithmIsASettingThatCannotBeUsed(name: String) async throws {
        var settings = try LabLogin.settings()
        settings.legacyAlgorithms.keyExchange = [name]
        #expect(try await LabLogin.refusal(settings).code == .badSetting)
    }
}
