import Foundation
import RemoteOps
import TestSupport
import Testing

/// The lock's expiry, in the shells of the hosts: who has it for too long loses it, and is named.
@Suite struct LockScriptTests {
    /// Seconds since boot.
    private static func uptime() throws -> Int {
        let text = try String(contentsOfFile: "/proc/uptime", encoding: .utf8)
        return Int(try #require(text.split(separator: " ").first.flatMap { Double($0) }))
    }

    /// A host whose lock a process has that lives.
    private func host(heldBy pid: Int32, until expiry: Int) async throws -> FakeRoot {
        let host = try FakeRoot()
        let start = try await Shell.run(
            ["sh", "-c", "sed 's/.*) //' /proc/\(pid)/stat | awk '{ print $20 }'"])
        try host.root.write(
            "run/fleet/lock",
            "pid=\(pid)\nstart=\(start.text)boot=\(try FakeRoot.bootID())\nexpiry=\(expiry)\n"
                + "owner=eve@laptop\nreason=deploy\n")
        return host
    }

    @Test(arguments: Shell.shells)
    func aLockPastItsExpiryIsStaleAndSaysWhy(shell: [String]) async throws {
        let holder = try Program(["sleep", "1000"])
        defer { kill(holder.id, SIGKILL) }
        let host = try await host(heldBy: holder.id, until: try Self.uptime() - 1)
        let staging = try host.applying(steps: ["command 1 true"], undo: [])
        let result = try await host.run(shell, RemoteScripts.apply, staging)
        #expect(result.status == 0, "\(result)")
        #expect(
            result.text.contains(
                "note process \(holder.id) held the lock for longer than 7200 s; it is ended"),
            "\(result.text)")
        #expect(result.text.contains("the lock of process \(holder.id) is stale"))
        #expect(try await holder.status(within: .seconds(5)) == 128 + SIGTERM)
    }

    @Test(arguments: Shell.shells)
    func aLockInTimeIsKeptAndItsOwnerNamed(shell: [String]) async throws {
        let holder = try Program(["sleep", "1000"])
        defer { kill(holder.id, SIGKILL) }
        let host = try await host(heldBy: holder.id, until: try Self.uptime() + 600)
        let staging = try host.applying(steps: ["command 1 true"], undo: [])
        let result = try await host.run(shell, RemoteScripts.apply, staging)
        #expect(result.status == 75, "\(result)")
        #expect(result.text.contains("locked "), "\(result.text)")
        #expect(result.text.contains("owner=eve@laptop reason=deploy"), "\(result.text)")
        #expect(holder.isRunning)
    }
}
