import Foundation
import RemoteOps
import Synchronization
import TestSupport
import Testing

@testable import ReleasePacker

/// How hard a transfer is compressed, by how fast the link takes it.
@Suite struct CompressionTests {
    private func level(produced: Int, waited: Int, chunks: Int) -> Int32 {
        var pace = CompressionPace()
        for _ in 0..<chunks {
            pace.note(produced: .milliseconds(produced), waited: .milliseconds(waited))
        }
        return pace.level
    }

    @Test func aSlowLinkGetsLessAndAFastOneSooner() {
        #expect(level(produced: 10, waited: 100, chunks: 20) == 6)
        #expect(level(produced: 10, waited: 0, chunks: 20) == 1)
        // As long as it takes anyway: nothing to win by either.
        #expect(level(produced: 10, waited: 10, chunks: 20) == 3)
        #expect(level(produced: 10, waited: 100, chunks: 1) == 3)
    }

    @Test func oneStutterChangesNothing() {
        var pace = CompressionPace()
        pace.note(produced: .milliseconds(10), waited: .milliseconds(25))
        pace.note(produced: .milliseconds(10), waited: .milliseconds(10))
        #expect(pace.level == 3)
    }

    /// This program's first 4 MiB, as they travel where each chunk is taken `pause` after the one
    /// before.
    private func sent(pause: Duration) async throws -> [UInt8] {
        let program = try #require(FileHandle(forReadingAtPath: "/proc/self/exe"))
        let bytes = [UInt8](try #require(try program.read(upToCount: 4 << 20)))
        let folder = try TemporaryFolder()
        try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/program"))
        let content = try ReleaseContent(try ReleaseContent.entries(at: folder.path))
        let file = try #require(content.manifest.files.first)
        let origin = try #require(content.origins[file.path])
        let passed = Mutex(Duration.zero)
        let stream = TransferStream([.init(path: "program", file: file, origin: origin)]) {
            ContinuousClock.now + passed.withLock { $0 }
        }
        var all: [UInt8] = []
        while let chunk = try await stream.source.next() {
            all += chunk
            passed.withLock { $0 += pause }
        }
        let tar = try await Shell.run(["sh", "-c", "gzip -dc | tar -xOf - program"], input: all)
        #expect(tar.status == 0 && tar.output == bytes, "\(tar.errorText)")
        return all
    }

    @Test func aStreamIsSmallerOnASlowLinkAndWholeOnBoth() async throws {
        let slow = try await sent(pause: .seconds(5))
        let fast = try await sent(pause: .zero)
        #expect(slow.count < fast.count * 98 / 100)
    }
}
