import Foundation
import Testing

@testable import ArtifactBuilder

struct ChildProcessTests {
    private func shell(_ script: String, limit: Duration = .seconds(60)) -> ChildProcess {
        ChildProcess(
            executable: "/bin/sh", arguments: ["-c", script], environment: ["GREETING": "hello"],
            folder: "/", limit: limit)
    }

    @Test func outputIsCollectedWhileErrorsAreHeard() async throws {
        let outcome = try await shell("echo $GREETING; echo one >&2; pwd; echo two >&2; exit 3")
            .run(.collected)
        #expect(outcome.output == "hello\n/\n")
        #expect(outcome.tail == ["one", "two"])
        #expect(outcome.status == "exit 3")
        #expect(!outcome.isSuccess)
    }

    @Test func nothingIsLostOfWhatAProgramSaysLast() async throws {
        let outcome = try await shell("seq 1 100000; echo end >&2").run(.heard)
        #expect(outcome.tail.last == "end")
        #expect(outcome.tail.count == ChildProcess.tailLimit)
        #expect(outcome.tail.dropLast().last == "100000")
    }

    @Test func aSignalIsNamed() async throws {
        #expect(try await shell("kill -9 $$").run(.heard).status == "signal 9")
    }

    @Test func aProgramThatIsNotThereIsAnError() async {
        let child = ChildProcess(
            executable: "/nonexistent/program", arguments: [], folder: "/", limit: .seconds(10))
        await #expect(throws: ChildProcess.Failure.self) { try await child.run(.heard) }
    }

    @Test func whatTakesTooLongIsEnded() async {
        await #expect(throws: ChildProcess.Failure.self) {
            try await shell("exec sleep 600", limit: .milliseconds(200)).run(.heard)
        }
    }

    @Test(.timeLimit(.minutes(1))) func cancellingEndsTheProgram() async throws {
        let (started, signal) = AsyncStream.makeStream(of: Int32.self)
        let task = Task {
            try await shell("echo $$; exec sleep 600").run(.heard) { line in
                if let id = Int32(line) { signal.yield(id) }
            }
        }
        var ids = started.makeAsyncIterator()
        let id = try #require(await ids.next())
        #expect(kill(id, 0) == 0)
        task.cancel()
        await #expect(throws: ChildProcess.Failure.self) { try await task.value }
        #expect(kill(id, 0) == -1)
        #expect(errno == ESRCH)
    }
}
