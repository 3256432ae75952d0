import Foundation
import LabSupport
import RemoteOps
import Synchronization
import TestSupport
import Testing

@testable import SSHTransport

/// Commands on a real sshd: results, streams, limits, cancellation.
@Suite(.lab, .sharesLab, .timeLimit(.minutes(10))) struct CommandTests {
    @Test(arguments: [
        ("exit 0", RemoteOps.ExitStatus.code(0)), ("exit 1", .code(1)), ("exit 127", .code(127)),
        ("exit 255", .code(255)), ("no-such-command-here", .code(127)),
        ("kill -TERM $$", .signal("TERM")), ("kill -KILL $$", .signal("KILL")),
    ])
    func aCommandEndsAsItEnds(line: String, expected: RemoteOps.ExitStatus) async throws {
        let result = try await LabLogin.withPi { try await $0.sh(line) }
        #expect(result.status == expected)
    }

    @Test func theStreamsAreKeptApartAndArgumentsArriveAsTheyAre() async throws {
        try await LabLogin.withPi { host in
            let result = try await host.sh("echo out; echo err >&2; exit 3")
            #expect(result.text == "out\n" && result.errorText == "err\n")
            #expect(result.status == .code(3))
            let odd = ["a b", "'", "$HOME", "*", "\n", "", "\\", "-n", "é\u{1F600}"]
            let echoed = try await host.run(RemoteCommand(["printf", "[%s]"] + odd))
            #expect(echoed.text == odd.map { "[\($0)]" }.joined())
        }
    }

    @Test func sixtyFourMebibytesGoBothWaysAtOnceUnchanged() async throws {
        try await LabLogin.withPi { host in
            let seed = UInt64.random(in: 0...UInt64.max)
            let sent = ChunkSource(seed: seed, chunks: 512)
            let received = ByteSum()
            var options = RunOptions(deadline: .seconds(120)) { channel, bytes in
                if channel == .output { received.add(bytes) }
            }
            options.outputLimit = 65 << 20
            let result = try await host.run(
                RemoteCommand(["cat"]), input: sent.source, options: options)
            #expect(result.succeeded, "seed \(seed)")
            #expect(received.value == sent.sum.value, "seed \(seed)")
            #expect(received.count == 64 << 20)
        }
    }

    @Test func theHostsOwnHashOfALargeInputIsOurs() async throws {
        try await LabLogin.withPi { host in
            let seed = UInt64.random(in: 0...UInt64.max)
            let path = try TestFolder.make() + "/data"
            let sent = ChunkSource(seed: seed, chunks: 64)
            var all: [UInt8] = []
            while let chunk = sent.next() { all += chunk }
            try Data(all).write(to: URL(fileURLWithPath: path))
            let expected = try await Local.run(["sha256sum", path]).prefix(64)
            let result = try await host.run(
                RemoteCommand(["sha256sum"]), input: .bytes(all),
                options: RunOptions(deadline: .seconds(60)))
            #expect(result.text.prefix(64) == expected, "seed \(seed)")
        }
    }

    @Test func theSourceIsPulledOnlyAsTheHostTakes() async throws {
        try await LabLogin.withPi { host in
            // The command reads nothing, so only the window and the prefetch may be asked for.
            let source = ChunkSource(seed: 1, chunks: 1_000_000)
            let error = try await host.failure(
                "sleep 3", input: source.source, deadline: .seconds(2))
            #expect(error.code == .commandTimedOut)
            #expect(source.asked.withLock { $0 } < (16 << 20) / ChunkSource.size)
        }
    }

    @Test func aCommandMayEndWithoutReadingItsInput() async throws {
        try await LabLogin.withPi { host in
            let source = ChunkSource(seed: 1, chunks: 1_000_000)
            let result = try await host.sh("exit 5", input: source.source)
            #expect(result.status == .code(5))
        }
    }

    @Test func outputOverTheLimitEndsTheCommand() async throws {
        try await LabLogin.withPi { host in
            var options = RunOptions()
            options.outputLimit = 1000
            let exact = try await host.run(
                RemoteCommand(["head", "-c", "1000", "/dev/zero"]), input: .empty,
                options: options)
            #expect(exact.output.count == 1000)
            await #expect {
                try await host.run(RemoteCommand(["yes"]), input: .empty, options: options)
            } throws: {
                ($0 as? RemoteError)?.code == .outputLimit
            }
            try await host.expect()
        }
    }

    @Test func theDeadlineIsKeptAndTheSessionGoesOn() async throws {
        try await LabLogin.withPi { host in
            let start = ContinuousClock.now
            let error = try await host.failure("sleep 60", deadline: .seconds(3))
            #expect(error.code == .commandTimedOut && error.effect == .mayHaveRun)
            #expect(.now - start < .seconds(20))
            try await host.expect("echo on", prints: "on\n")
        }
    }

    @Test func whatHoldsTheOutputOpenIsSaid() async throws {
        try await LabLogin.withPi { host in
            let error = try await host.failure("sleep 30 & exit 0", deadline: .seconds(1))
            #expect(error.code == .commandTimedOut)
            #expect(error.detail.contains("holds its output open"))
        }
    }

    @Test func cancellingClosesTheChannel() async throws {
        try await LabLogin.withPi { host in
            let mark = "mark-\(UInt32.random(in: 0...UInt32.max))"
            // It ends when its input does, which is when the channel is closed.
            let forever = ByteSource {
                try await Task.sleep(for: .seconds(600)); return nil
            }
            let task = Task { try await host.failure("cat; : \(mark)", input: forever).code }
            let lab = try Lab.required()
            func runs() async throws -> Bool {
                try await lab.sh("pi", "pgrep -f '[;] : \(mark)'").status == 0
            }
            try await waitUntil("the command runs") { try await runs() }
            task.cancel()
            #expect(try await task.value == .cancelled)
            try await waitUntil("the command ends") { try await !runs() }
            try await host.expect()
        }
    }

    @Test func aCancelledTaskRunsNothing() async throws {
        try await LabLogin.withPi { host in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await host.failure("true")
            }
            let error = try await task.value
            #expect(error.code == .cancelled && error.effect == .nothingRan)
        }
    }

    @Test func inputThatCannotBeReadEndsTheCommand() async throws {
        try await LabLogin.withPi { host in
            let error = try await host.failure(
                "cat", input: ByteSource { throw TestFailure("disk read error") })
            #expect(error.code == .inputFailed && error.detail.contains("disk read error"))
        }
    }

    @Test func manyCommandsShareASession() async throws {
        try await LabLogin.withPi { host in
            // More than sshd's MaxSessions of 10 at once: the rest wait their turn.
            let texts = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<40 {
                    group.addTask { try await host.sh("sleep 0.05; echo \(number)").text }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(texts.count == 40)
        }
    }

    @Test func aClosedSessionRefusesAndClosesTwice() async throws {
        let host = try await SSHHost.connect(try LabLogin.settings())
        async let pending = host.failure("sleep 60")
        try await waitUntil("the command runs") { true }
        await host.close()
        await host.close()
        let error = try await pending
        #expect(error.code == .cancelled)
        let late = try await host.failure("true")
        #expect(late.code == .cancelled && late.effect == .nothingRan)
    }

    @Test func aServerWithoutExecIsARefusedChannel() async throws {
        try await PrivateSSHD.with(["MaxSessions 0"]) { server in
            try await LabLogin.with(try server.settings()) { host in
                let error = try await host.failure("true")
                #expect(error.code == .channelRefused && error.effect == .nothingRan)
            }
        }
    }
}

/// Random bytes in chunks, with their sum; counts how often it was asked.
final class ChunkSource: Sendable {
    static let size = 128 << 10
    let asked = Mutex(0)
    let sum = ByteSum()
    private let state: Mutex<(generator: SeededGenerator, left: Int)>

    init(seed: UInt64, chunks: Int) { state = Mutex((SeededGenerator(seed: seed), chunks)) }

    func next() -> [UInt8]? {
        asked.withLock { $0 += 1 }
        let chunk = state.withLock { state -> [UInt8]? in
            guard state.left > 0 else { return nil }
            state.left -= 1
            let first = state.generator.next()
            return [UInt8](unsafeUninitializedCapacity: Self.size) { buffer, count in
                var value = first
                for index in 0..<Self.size {
                    value = value &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    buffer[index] = UInt8(truncatingIfNeeded: value >> 33)
                }
                count = Self.size
            }
        }
        if let chunk { sum.add(chunk) }
        return chunk
    }

    var source: ByteSource { ByteSource { self.next() } }
}

/// FNV-1a over everything added, in order.
final class ByteSum: Sendable {
    private let state = Mutex((hash: UInt64(0xcbf2_9ce4_8422_2325), count: 0))

    func add(_ bytes: [UInt8]) {
        state.withLock { state in
            var hash = state.hash
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
            state = (hash, state.count + bytes.count)
        }
    }

    var value: UInt64 { state.withLock { $0.hash } }
    var count: Int { state.withLock { $0.count } }
}
