import Foundation
import Health
import TestSupport
import Testing

@testable import HistoryStore

/// What goes on beside one fleetctl: others, a disk without room, damage.
@Suite struct HardTimesTests {
    @Test func threeProcessesLoseNothing() async throws {
        let folder = try HistoryFolder()
        let rounds = 60
        let writers = try (0..<3).map { number in
            try Program([
                HistoryFolder.probe, folder.path, "\(MetricTests.midnight + number * rounds)",
                "\(rounds)",
            ])
        }
        for writer in writers {
            #expect(try await writer.status(within: .seconds(60)) == 0, "\(writer.text)")
            #expect(
                writer.text == String(repeating: "kept\n", count: rounds), "\(writer.text)")
        }
        let store = try folder.store()
        #expect(store.setAside == nil)
        let all = try store.series(
            fleet: "f", name: "probe_number", since: MetricTests.date(MetricTests.midnight),
            until: MetricTests.date(MetricTests.midnight + 3600), step: .readings)
        #expect(all.count == 50)
        #expect(all.allSatisfy { $0.points.count == 3 * rounds })
        // Each of them is in the hour, too.
        let counts = try await folder.python(
            "print(c.execute('SELECT min(count), max(count) FROM hours').fetchone())")
        #expect(counts == "(\(3 * rounds), \(3 * rounds))\n")
    }

    /// On a file system of 4 MiB: what was kept stays, what does not fit is said, and once there is
    /// room again it goes on.
    @Test func aFullDiskIsSaidAndHarmsNothing() async throws {
        let folder = try TemporaryFolder()
        // A mount of its own, which ends with the shell.
        let script = """
            mount -t tmpfs -o size=4m none "$1" && cd "$1" || exit 70
            left() { df -k --output=avail . | tail -n 1; }
            "$0" "$1/history.sqlite" 1700000000 5
            head -c "$(( ($(left) - 300) * 1024 ))" /dev/zero >filler
            echo little; "$0" "$1/history.sqlite" 1700000100 100
            head -c 4m /dev/zero >more 2>/dev/null
            echo none; "$0" "$1/history.sqlite" 1700000200 5
            rm filler more
            echo much; "$0" "$1/history.sqlite" 1700000300 5
            python3 -c 'import sqlite3, sys
            c = sqlite3.connect(sys.argv[1])
            print(c.execute("PRAGMA integrity_check").fetchone()[0],
                c.execute("SELECT min(count), max(count) FROM hours").fetchone())' \
                "$1/history.sqlite"
            """
        let result = try await Shell.run([
            "unshare", "--map-root-user", "--mount", "sh", "-c", script, HistoryFolder.probe,
            folder.path,
        ])
        let lines = result.text.split(separator: "\n").map(String.init)
        let parts = lines.split { ["little", "none", "much"].contains($0) }
        try #require(parts.count == 4, "\(result.text)\(result.errorText)")
        let kept = parts.map { part in part.filter { $0 == "kept" }.count }
        let full = parts.map { part in part.filter { $0.contains("the disk is full") }.count }
        #expect(kept[0] == 5 && full[0] == 0)
        #expect(kept[1] > 0 && full[1] > 0 && kept[1] + full[1] == 100, "\(parts[1])")
        #expect(kept[2] == 0 && full[2] > 0, "\(parts[2])")
        #expect(kept[3] == 5 && full[3] == 0, "\(parts[3])")
        let all = kept.reduce(0, +)
        #expect(lines.last == "ok (\(all), \(all))")
    }

    /// A large history is read whole once a day, not each time; damage that shows meanwhile is said
    /// at once, and set aside by the next opening.
    @Test func damageOfALargeHistoryIsFoundWhenItShows() async throws {
        let folder = try HistoryFolder()
        let store = try folder.store()
        var large = HistoryStoreTests.record(0)
        large.detail = String(repeating: "x", count: CheckMark.smallMax + 1)
        try store.append(large)
        for second in 0..<100 { try Self.record(store, second) }
        try await folder.python("c.execute('PRAGMA wal_checkpoint(TRUNCATE)')")
        let mark = CheckMark(folder.path)
        #expect(!mark.isDue)
        mark.remove()
        #expect(mark.isDue)
        #expect(try folder.store().setAside == nil)
        #expect(!mark.isDue)

        let page = try await folder.python(
            "print(c.execute(\"SELECT rootpage FROM sqlite_master WHERE name = 'readings'\")"
                + ".fetchone()[0])")
        let number = try #require(Int(page.trimmingCharacters(in: .whitespacesAndNewlines)))
        try folder.damage(at: (number - 1) * 4096)
        let damaged = try folder.store()
        #expect(damaged.setAside == nil)
        let error = #expect(throws: HistoryError.self) { try Self.record(damaged, 1000) }
        #expect(error?.code == .damaged)
        #expect(mark.isDue)
        let aside = try #require(try folder.store().setAside)
        #expect(aside.hasPrefix(folder.path + ".corrupt-"))
        #expect(try folder.store().setAside == nil)
    }

    private static func record(_ store: HistoryStore, _ second: Int) throws {
        try store.record(
            round: MetricTests.round(MetricTests.midnight + second, [MetricTests.sample(0.5)]))
    }
}
