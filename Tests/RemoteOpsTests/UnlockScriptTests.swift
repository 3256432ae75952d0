import Foundation
import RemoteOps
import TestSupport
import Testing

/// The script that shows and removes a host's lock, in the shells of the hosts, over a made-up root.
@Suite struct UnlockScriptTests {
    private struct Host {
        let root: TemporaryFolder
        let shell: [String]

        init(_ shell: [String]) throws {
            self.shell = shell
            root = try TemporaryFolder()
            try root.write("proc/sys/kernel/random/boot_id", "this-boot\n")
            try root.write("proc/uptime", "1000.50 2000.00\n")
            let fields = (1...18).map { String($0) }.joined(separator: " ")
            try root.write("proc/7/stat", "7 (a) b) S \(fields) 555 0\n")
            try root.write("proc/7/cmdline", "sh\0./apply.sh\0")
        }

        func run(_ words: String...) async throws -> LockFacts {
            let result = try await Shell.run(
                shell + ["-s", "--"] + words, input: RemoteScripts.unlock,
                environment: ["FLEET_PREFIX": root.path, "FLEET_PROC": root.path + "/proc"])
            #expect(result.errorText == "")
            return try #require(LockFacts(result.output), "\(result.text)")
        }
    }

    static let locks: [(String, LockFacts.Verdict)] = [
        ("pid=7\nstart=555\n", .alive("its process 7 runs: sh ./apply.sh ")),
        (
            "pid=7\nstart=555\nboot=this-boot\nexpiry=5000\n",
            .alive("its process 7 runs: sh ./apply.sh ")
        ),
        (
            "pid=7\nstart=555\nboot=this-boot\nexpiry=900\n",
            .alive("its process 7 runs, and should have ended before now")
        ),
        ("pid=7\nstart=554\n", .stale("its process 7 is gone")),
        ("pid=8\nstart=555\n", .stale("its process 8 is gone")),
        ("pid=7\nstart=555\nboot=other\n", .stale("it was taken before the host booted")),
        ("", .unknown("it does not say which process holds it")),
        ("pid=7\n", .unknown("it does not say which process holds it")),
        ("pid=../7\nstart=555\n", .unknown("it does not say which process holds it")),
    ]

    @Test(arguments: Shell.shells, locks.indices)
    func whetherALockCanBeInUseIsTold(shell: [String], row: Int) async throws {
        let host = try Host(shell)
        let (text, verdict) = Self.locks[row]
        try host.root.write("run/fleet/lock", text + "owner=o@m\nreason=a b\n")
        let facts = try await host.run("show")
        #expect(facts.verdict == verdict)
        #expect(facts.owner == "o@m" && facts.reason == "a b")
        #expect(facts.identity?.count == 16 && facts.since != nil && facts.clock != nil)
    }

    @Test(arguments: Shell.shells)
    func onlyTheLockThatWasShownIsRemoved(shell: [String]) async throws {
        let host = try Host(shell)
        #expect(try await host.run("show").identity == nil)
        #expect(
            try await host.run("remove", "0", "\"a\":1").removal
                == .changed("there is no lock any more"))
        try host.root.write("run/fleet/lock", "pid=7\nowner=first\n")
        let shown = try #require(try await host.run("show").identity)
        try host.root.write("run/fleet/lock", "pid=9\nowner=second\n")
        #expect(
            try await host.run("remove", shown, "\"a\":1").removal
                == .changed("somebody else holds it by now"))
        #expect(try host.root.read("run/fleet/lock") == "pid=9\nowner=second\n")
        let second = try #require(try await host.run("show").identity)
        #expect(try await host.run("remove", second, "\"a\":1").removal == .removed("yes"))
        #expect(!host.root.has("run/fleet/lock"))
        let log = try host.root.read("var/log/fleet/audit.jsonl")
        #expect(
            log.hasPrefix("{\"time\":1") && log.hasSuffix(",\"outcome\":\"unlocked\",\"a\":1}\n"))
    }
}
