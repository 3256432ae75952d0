import Foundation
import RemoteOps
import Testing

@testable import SSHTransport

/// The transport's files and texts: known_hosts written, keys told apart, dpkg read, remote text
/// cleaned.
@Suite struct FilesTests {
    private let folder: String

    init() throws {
        folder = try TestFolder.make()
    }

    private func presented(_ line: String) -> PresentedHostKey {
        PresentedHostKey(
            fingerprint: HostKeyFingerprint(type: "ssh-ed25519", sha256: "SHA256:x"),
            standing: .unknown, knownHostsLine: line)
    }

    @Test func aMissingKnownHostsIsMadeForItsOwnerAlone() throws {
        let path = folder + "/new/known_hosts"
        try SSHTrust.remember(presented("pi ssh-ed25519 AAAA"), in: path)
        try SSHTrust.remember(presented("far ssh-ed25519 BBBB"), in: path)
        #expect(
            try String(contentsOfFile: path, encoding: .utf8)
                == "pi ssh-ed25519 AAAA\nfar ssh-ed25519 BBBB\n")
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/new").count == 1)
    }

    @Test func aLineIsAddedToAFileWithoutLineEndAndThroughALink() throws {
        let real = folder + "/real"
        try "old ssh-rsa CCCC".write(toFile: real, atomically: false, encoding: .utf8)
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/link", withDestinationPath: real)
        try SSHTrust.remember(presented("pi ssh-ed25519 AAAA"), in: folder + "/link")
        #expect(
            try String(contentsOfFile: real, encoding: .utf8)
                == "old ssh-rsa CCCC\npi ssh-ed25519 AAAA\n")
    }

    @Test func aFailedWriteLeavesTheFileAsItWas() throws {
        let blocked = folder + "/file"
        try "x".write(toFile: blocked, atomically: false, encoding: .utf8)
        #expect(throws: SSHTrust.WriteError.self) {
            try SSHTrust.remember(presented("pi a b"), in: blocked + "/known_hosts")
        }
        #expect(try String(contentsOfFile: blocked, encoding: .utf8) == "x")
    }

    @Test(arguments: [
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAA\n", false),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHI\n", true),
        ("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: A\n", true),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n", false),
        ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIE\n", true),
        ("", false),
    ])
    func passphrasesAreSeenInTheFile(text: String, expected: Bool) {
        #expect(Identity.isEncrypted(text) == expected)
    }

    @Test func aPackageIsFoundInDpkgsStatus() {
        let status = """
            Package: libssh-40
            Version: 9

            Package: libssh-4
            Status: install ok installed
            Version: 0.10.6-0+deb12u3

            Package: zlib
            """
        #expect(DebianPackage.version(of: "libssh-4", inStatus: status) == "0.10.6-0+deb12u3")
        #expect(DebianPackage.version(of: "libssh", inStatus: status) == nil)
    }

    @Test(arguments: [
        ("plain", "plain"), ("a\u{1B}[2Jb\r\nc", "a [2Jb  c"), ("\u{202E}evil", "evil"),
        ("tail\n", "tail"),
        (String(repeating: "x", count: 700), String(repeating: "x", count: 600) + "…"),
    ])
    func remoteTextIsFitForATerminal(text: String, expected: String) {
        #expect(Printable.text(text) == expected)
    }

    @Test func labelsAreAsKnownHostsHasThem() {
        #expect(KnownHosts.label(host: "Pi.Example", port: 22) == "pi.example")
        #expect(KnownHosts.label(host: "pi", port: 2201) == "[pi]:2201")
    }

    @Test func theLibraryIsFitForUse() {
        #expect(SSHLibrary.problem == nil)
        #expect(SSHLibrary.version.hasPrefix("0.1"))
    }
}

/// A folder of a test's own.
enum TestFolder {
    static func make() throws -> String {
        let path = NSTemporaryDirectory() + "/ssh-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}
