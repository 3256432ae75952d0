import Foundation
import Inventory
import InventoryFile
import Testing

@Suite struct SecretResolverTests {
    static let text = "s3cr3t 'with' \"signs\" $x é"

    static func file(_ contents: String, mode: Int = 0o600) throws -> String {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("secret-\(UUID().uuidString)").path
        try contents.write(toFile: path, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    static func reason(
        _ reference: SecretReference, _ resolver: SecretResolver = SecretResolver()
    ) async -> String? {
        do {
            _ = try await resolver.resolve(reference)
            return nil
        } catch {
            #expect(error.reference == reference)
            #expect(!error.description.contains(text))
            return error.reason
        }
    }

    @Test func eachKindOfReferenceIsResolved() async throws {
        let path = try Self.file(Self.text + "\nsecond line\n")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let resolver = SecretResolver(environment: ["PW": Self.text, "PATH": "/usr/bin:/bin"])
        #expect(try await resolver.resolve(.environment("PW")).reveal() == Self.text)
        #expect(try await resolver.resolve(.file(path)).reveal() == Self.text)
        #expect(
            try await resolver.resolve(.command("printf '%s\\r\\n' \"$PW\"; echo more")).reveal()
                == Self.text)
    }

    @Test func aSecretNeverPrintsItself() {
        let secret = Secret(Self.text)
        var dumped = ""
        dump(secret, to: &dumped)
        dump([secret], to: &dumped)
        let shown = [
            "\(secret)", String(reflecting: secret), dumped, "\([secret])",
            "\(Optional(secret) as Any)", "\(["k": secret])", String(describing: (1, secret)),
        ]
        for text in shown {
            #expect(!text.contains("s3cr3t"))
            #expect(text.contains("<redacted>"))
        }
        #expect(Mirror(reflecting: secret).children.isEmpty)
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o601, 0o644, 0o777])
    func aFileThatOthersMayReadIsRefused(mode: Int) async throws {
        let path = try Self.file(Self.text, mode: mode)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let reason = await Self.reason(.file(path))
        let octal = String(mode, radix: 8)
        #expect(reason == "others may read the file (mode \(octal)); run chmod 600 on it")
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a file away"))
    func aFileOfSomebodyElseIsRefused() async throws {
        let path = try Self.file(Self.text)
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(chown(path, 12345, 12345) == 0)
        #expect(await Self.reason(.file(path))?.contains("belongs to another user") == true)
    }

    @Test func whatHoldsNoSecretIsSaid() async throws {
        #expect(
            await Self.reason(.environment("FLEET_NOT_SET"))
                == "the environment variable is not set")
        let empty = SecretResolver(environment: ["PW": ""])
        #expect(await Self.reason(.environment("PW"), empty) == "the first line is empty")
        #expect(await Self.reason(.file("/nonexistent")) == "No such file or directory")
        #expect(await Self.reason(.file("/tmp")) == "it is no ordinary file")
        #expect(await Self.reason(.file("/dev/zero")) == "it is no ordinary file")
        for (contents, reason) in [
            ("\n", "the first line is empty"), ("a\0b", "the first line is not text"),
            (String(repeating: "x", count: 5000), "the first line is longer than 4096 bytes"),
            (String(repeating: "x", count: 9000), "the file is too large for a secret"),
        ] {
            let path = try Self.file(contents)
            defer { try? FileManager.default.removeItem(atPath: path) }
            #expect(await Self.reason(.file(path)) == reason)
        }
    }

    @Test(arguments: [
        ("exit 3", "the command failed with exit code 3"),
        ("echo x; exit 1", "the command failed with exit code 1"),
        ("kill -9 $$", "the command failed with signal 9"),
        ("true", "the first line is empty"),
        ("nonexistent-command-of-no-one 2>/dev/null", "the command failed with exit code 127"),
        ("yes", "the command prints too much for a secret"),
        ("cat", "the first line is empty"),
    ])
    func aCommandThatFailsIsSaid(line: String, reason: String) async {
        #expect(await Self.reason(.command(line)) == reason)
    }

    /// The command's children end with it: they are of its process group.
    @Test func aCommandThatHangsIsEndedWithItsChildren() async throws {
        let path = try Self.file("")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let resolver = SecretResolver(timeout: .milliseconds(300))
        let reason = await Self.reason(
            .command("sleep 600 & echo $! >\(path); echo not yet; wait"), resolver)
        #expect(reason?.hasPrefix("the command did not end within") == true)
        let child = try #require(
            pid_t(
                String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(
                    in: .whitespacesAndNewlines)))
        #expect(await isGone(child))
    }

    @Test func aProcessLeftBehindIsNotWaitedFor() async throws {
        let path = try Self.file("")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let resolver = SecretResolver(timeout: .seconds(60))
        let secret = try await resolver.resolve(
            .command("sleep 600 & echo $! >\(path); echo secret"))
        #expect(secret.reveal() == "secret")
        let child = try #require(
            pid_t(
                String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(
                    in: .whitespacesAndNewlines)))
        kill(child, SIGKILL)
    }

    @Test func cancellationEndsTheCommand() async throws {
        let path = try Self.file("")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let task = Task {
            await Self.reason(.command("echo $$ >\(path); exec sleep 600"))
        }
        let deadline = ContinuousClock.now + .seconds(10)
        var child: pid_t?
        while child == nil, ContinuousClock.now < deadline {
            child = pid_t(
                (try String(contentsOfFile: path, encoding: .utf8)).trimmingCharacters(
                    in: .whitespacesAndNewlines))
            await Task.yield()
        }
        task.cancel()
        #expect(await task.value == "cancelled")
        #expect(await isGone(try #require(child)))
    }

    /// True once the process is gone or only waits to be reaped.
    private func isGone(_ process: pid_t) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
            guard let stat, !stat.contains(") Z ") else { return true }
            await Task.yield()
        }
        return false
    }
}
