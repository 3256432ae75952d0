import Foundation
import Health
import TestSupport
import Testing

@testable import Reports

@Suite struct PrometheusTextTests {
    static let hostile = "a\"b\\c\nd\u{1B}[31m\u{0}é# HELP x y"

    /// The whole text of a fleet of two hosts, one of which does not answer.
    @Test func aFleetAsText() throws {
        try Golden.expect("prometheus/fleet.prom", PrometheusText(Self.fleet()).rendered())
    }

    /// Whatever a host calls itself and its things, each line is one that promtool takes.
    @Test(.timeLimit(.minutes(1))) func promtoolFindsNothingWrong() async throws {
        // 3 is for names that promtool takes and does not like: words in them that are units.
        for (fleet, statuses) in [(Self.fleet(), [0]), (Self.hostileFleet(), [0, 3])] {
            let text = PrometheusText(fleet).rendered()
            let result = try await Shell.run(
                ["promtool", "check", "metrics"], input: Array(text.utf8))
            #expect(statuses.contains(Int(result.status)), "\(result.errorText)\n\(text)")
        }
    }

    /// promtool would have said so.
    @Test func promtoolFindsWhatIsWrong() async throws {
        let result = try await Shell.run(
            ["promtool", "check", "metrics"], input: Array("a{b=\"c} 1\n".utf8))
        #expect(result.status == 1)
    }

    @Test func hostileTextStaysInItsPlace() {
        let text = PrometheusText(Self.hostileFleet()).rendered()
        #expect(!text.contains("\u{1B}") && !text.contains("\u{0}"))
        #expect(text.contains(#"object="a\"b\\c\nd�[31m�é# HELP x y""#))
        for line in text.split(separator: "\n") {
            #expect(line.hasPrefix("#") || line.hasPrefix("fleet_"), "\(line)")
        }
    }

    @Test func numbersNamesAndDuplicates() {
        var text = PrometheusText()
        text.add("a b.c-1", help: "x", 1)
        text.add("9", .counter, help: "two\nlines \\", labels: [("1a", "x"), ("__b", "y")], 0.5)
        for (value, index) in zip([Double.nan, .infinity, -.infinity, 1e300, 1e-9, -3], 0...) {
            text.add("v", help: "", labels: [("i", "\(index)")], value)
        }
        text.add("v", help: "", labels: [("i", "0")], 7)
        text.add("v", help: "", labels: [("i", "8"), ("i", "9")], 7)
        #expect(
            text.rendered() == """
                # HELP a_b_c_1 x
                # TYPE a_b_c_1 gauge
                a_b_c_1 1
                # HELP _9 two\\nlines \\\\
                # TYPE _9 counter
                _9{_1a="x",x__b="y"} 0.5
                # HELP v\u{20}
                # TYPE v gauge
                v{i="0"} NaN
                v{i="1"} +Inf
                v{i="2"} -Inf
                v{i="3"} 1e+300
                v{i="4"} 1e-09
                v{i="5"} -3
                v{i="8"} 7

                """)
    }

    @Test func aFamilyIsBounded() {
        var text = PrometheusText()
        for index in 0..<PrometheusText.seriesMax + 5 {
            text.add("v", help: "x", labels: [("i", "\(index)")], 1)
        }
        #expect(text.rendered().split(separator: "\n").count == PrometheusText.seriesMax + 2)
    }

    static func fleet() -> FleetHealth {
        let time = Date(timeIntervalSince1970: 1_700_000_000)
        var service = ServiceHealth(service: "gen-server")
        service.state = .known("running")
        service.since = .known(time.addingTimeInterval(-3600))
        service.release = .known("5f072134124237c8")
        service.level = .ok
        let disk = Verdict(
            "disk-space", host: "pi", object: "/", .critical, "/ is 95 % full",
            since: time.addingTimeInterval(-60))
        let pi = HostHealth(
            host: "pi", answer: .answered, takenAt: time, seconds: 0.25,
            samples: [
                MetricSample("up", 1),
                MetricSample("disk_used_ratio", 0.95, labels: ["mount": "/"]),
                MetricSample("network_received_bytes_total", 12, labels: ["device": "eth0"]),
                MetricSample("disk_used_ratio", 0.5, labels: ["mount": "/boot"]),
                MetricSample("service_restarts_total", 2, labels: ["service": "gen-server"]),
                MetricSample("service_up", 1, labels: ["service": "gen-server"]),
            ],
            verdicts: [disk], services: [service])
        let answers = Verdict("answers", host: "olimex", .critical, "it does not answer")
        let olimex = HostHealth(
            host: "olimex", answer: .unreachable("timed out"), takenAt: time, seconds: 15,
            samples: [MetricSample("up", 0)], verdicts: [answers])
        return FleetHealth(fleet: "home", takenAt: time, hosts: [pi, olimex])
    }

    static func hostileFleet() -> FleetHealth {
        var fleet = fleet()
        fleet.fleet = hostile
        fleet.hosts[0].host = hostile
        fleet.hosts[0].services[0].service = hostile
        fleet.hosts[0].services[0].release = .known(hostile)
        fleet.hosts[0].samples += [
            MetricSample(hostile, .nan, labels: [hostile: hostile, "host": "other"]),
            MetricSample("", .infinity),
            MetricSample("disk_used_ratio", 1, labels: ["mount": hostile]),
            MetricSample("disk_used_ratio", 2, labels: ["mount": hostile]),
        ]
        fleet.hosts[0].verdicts.append(
            Verdict(hostile, host: "pi", service: hostile, object: hostile, .warning, hostile))
        return fleet
    }
}
