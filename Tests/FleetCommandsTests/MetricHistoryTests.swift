import Foundation
import Health
import HistoryStore
import TestSupport
import Testing

@testable import FleetCommands

@Suite struct MetricHistoryTests {
    @Test(
        arguments: [
            ("7d", 604_800), ("12h", 43_200), ("1h30m", 5400), ("3653d", 315_619_200), ("0d", nil),
            ("d", nil), ("-1d", nil), ("+1d", nil), ("3654d", nil), ("0s", nil), ("7", nil),
            ("", nil),
            ("99999999999999999999d", nil),
        ] as [(String, Double?)])
    func spansAreRead(text: String, seconds: Double?) {
        #expect(HistorySpan(argument: text)?.seconds == seconds)
    }

    @Test(
        arguments: [
            (0.953, "disk_used_ratio", "95.3 %"), (310 * 1_048_576, "memory_free_bytes", "310 MiB"),
            (52.1, "battery_volts", "52.1 V"), (1023, "x_bytes", "1023 B"),
            (-3.5, "t_celsius", "-3.5 °C"),
            (123_456, "uptime_seconds", "123456 s"), (0, "load1", "0"), (7, "threads", "7"),
            (1_700_000_000, "boot_time_seconds", "2023-11-14T22:13:20Z"),
        ] as [(Double, String, String)])
    func numbersHaveTheirUnits(value: Double, name: String, text: String) {
        #expect(MetricNumber.text(value, name) == text)
    }

    @Test func aChartShowsGapsAndEnds() {
        let points = [(0.0, 0.0), (10, 5), (99, 10)].map { MetricPoint(time: $0.0, value: $0.1) }
        #expect(MetricChart.line(points, from: 0, to: 100, width: 10) == "▁▅       █")
        let flat = [MetricPoint(time: 0, value: 3), MetricPoint(time: 50, value: 3)]
        #expect(MetricChart.line(flat, from: 0, to: 100, width: 4) == "▁ ▁ ")
        #expect(MetricChart.line([], from: 0, to: 100, width: 4) == "")
        // Before and behind the time shown is at its ends.
        let outside = [MetricPoint(time: -50, value: 0), MetricPoint(time: 500, value: 1)]
        #expect(MetricChart.line(outside, from: 0, to: 100, width: 3) == "▁ █")
    }

    /// Whatever starts it: a test's rounds are nothing that its user's fleet went through.
    @Test(.timeLimit(.minutes(1))) func aTestLeavesItsUsersHistoryAlone() async throws {
        let home = try TemporaryFolder()
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("fleetctl").path
        let run = try await Shell.run(
            [program, "history", "--metric"], environment: ["HOME": home.path])
        #expect(run.status == 0, "\(run.errorText)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.path) == [])
        let own = try await spawn(
            [program, "history", "--metric"],
            environment: ["HOME": home.path, "XDG_STATE_HOME": home.path + "/state"])
        #expect(own.status == 0 && home.has("state/fleetctl/history.sqlite"), "\(own)")
    }

    /// The built fleetctl, on a history that the store wrote.
    @Test(.timeLimit(.minutes(1))) func theVerbShowsWhatWasRecorded() async throws {
        let folder = try TemporaryFolder()
        let store = try HistoryStore(path: folder.path + "/fleetctl/history.sqlite")
        for minute in 0..<10 {
            try store.record(round: Self.round(minutesAgo: 10 - minute, used: Double(minute) / 10))
        }
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("fleetctl").path
        func fleetctl(_ arguments: String...) async throws -> Shell.Result {
            try await Shell.run(
                [program, "history"] + arguments, environment: ["XDG_STATE_HOME": folder.path])
        }
        let list = try await fleetctl("--metric")
        let rows = list.text.split(separator: "\n").map { line in
            line.split(separator: " ").map(String.init)
        }
        #expect(
            rows == [
                ["METRIC", "HOST", "OF"], ["disk_used_ratio", "pi", "/�[31m"],
                ["service_memory_bytes", "pi", "gen-server"],
            ], "\(list.text)\(list.errorText)")
        let table = try await fleetctl("--metric", "disk_used_ratio", "--since", "1h")
        let row = try #require(table.text.split(separator: "\n").last)
        #expect(
            row.hasPrefix("pi    /�[31m      10    0 %      90 %  90 %  "), "\(table.text)")
        #expect(row.hasSuffix("█"))
        let json = try await fleetctl("--metric", "fleet_disk_used_ratio", "-o", "json")
        let all = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output)) as? [[String: Any]])
        #expect(all.count == 1 && all[0]["step"] as? String == "hours")
        #expect(all[0]["labels"] as? [String: String] == ["mount": "/\u{1B}[31m"])
        let service = try await fleetctl("--metric", "--service", "gen-server")
        #expect(!service.text.contains("disk_used_ratio"))
        let other = try await fleetctl("--metric", "disk_used_ratio", "--host", "nobody")
        #expect(other.status == 0 && other.text.split(separator: "\n").count == 1)
        #expect(try await fleetctl("--since", "1h").status == 64)
        #expect(try await fleetctl("--metric", "x", "--since", "soon").status == 64)
    }

    static func round(minutesAgo: Int, used: Double) -> FleetHealth {
        let time = Date().addingTimeInterval(-60 * Double(minutesAgo))
        let host = HostHealth(
            host: "pi", answer: .answered, takenAt: time, seconds: 1,
            samples: [
                MetricSample("disk_used_ratio", used, labels: ["mount": "/\u{1B}[31m"]),
                MetricSample("service_memory_bytes", 1, labels: ["service": "gen-server"]),
            ])
        return FleetHealth(fleet: "f", takenAt: time, hosts: [host])
    }
}
