import Foundation
import Health
import MetricsServer
import Synchronization
import TestSupport
import Testing

@testable import FleetCommands

@Suite struct ExporterPageTests {
    static let start = ContinuousClock.now

    static func health(_ answer: HostHealth.Answer = .answered) -> FleetHealth {
        let time = Date(timeIntervalSince1970: 1_700_000_000)
        let host = HostHealth(
            host: "pi", answer: answer, takenAt: time, seconds: 1,
            samples: [
                MetricSample("load1", 0.5), MetricSample("up", answer == .answered ? 1 : 0),
            ])
        return FleetHealth(fleet: "home", takenAt: time, hosts: [host])
    }

    static func page(rounds: Int, isRecorded: Bool = true) -> ExporterPage {
        var page = ExporterPage(interval: .seconds(60))
        for _ in 0..<rounds {
            page.finish(
                health(), at: start, duration: .seconds(2), isRecorded: isRecorded)
        }
        return page
    }

    @Test func beforeTheFirstRoundItSaysOnlyThatItIsThere() throws {
        let page = Self.page(rounds: 0)
        let metrics = try #require(page.reply(to: "/metrics", now: Self.start))
        #expect(metrics.status == 200)
        #expect(metrics.body.contains("\nfleet_exporter_rounds_total 0\n"))
        #expect(!metrics.body.contains("fleet_host") && !metrics.body.contains("round_age"))
        #expect(page.reply(to: "/healthz", now: Self.start)?.status == 503)
        #expect(page.reply(to: "/etc/passwd", now: Self.start) == nil)
        #expect(page.reply(to: "/", now: Self.start)?.status == 200)
    }

    @Test func theLastRoundIsToldWithItsAge() throws {
        let page = Self.page(rounds: 2, isRecorded: false)
        let now = Self.start + .seconds(30)
        let metrics = try #require(page.reply(to: "/metrics", now: now))
        #expect(metrics.contentType == "text/plain; version=0.0.4; charset=utf-8")
        for line in [
            "fleet_exporter_rounds_total 2", "fleet_exporter_rounds_unrecorded_total 2",
            "fleet_exporter_round_age_seconds 30", "fleet_exporter_round_duration_seconds 2",
            "fleet_load1{host=\"pi\"} 0.5",
        ] {
            #expect(metrics.body.contains("\n\(line)\n"), "\(line)")
        }
        #expect(page.reply(to: "/healthz", now: now)?.status == 200)
    }

    /// An old number would hide what has happened since.
    @Test func whatIsStaleIsNotToldAsThePresent() throws {
        let page = Self.page(rounds: 1)
        let last = Self.start + .seconds(186)
        #expect(try #require(page.reply(to: "/metrics", now: last)).body.contains("fleet_load1"))
        #expect(page.reply(to: "/healthz", now: last)?.status == 200)
        let late = last + .seconds(1)
        let metrics = try #require(page.reply(to: "/metrics", now: late))
        #expect(!metrics.body.contains("fleet_load1") && !metrics.body.contains("fleet_host"))
        #expect(metrics.body.contains("\nfleet_exporter_round_age_seconds 187\n"))
        #expect(page.reply(to: "/healthz", now: late)?.status == 503)
    }

    @Test(.timeLimit(.minutes(1))) func promtoolTakesIt() async throws {
        let page = Self.page(rounds: 1)
        let text = try #require(page.reply(to: "/metrics", now: Self.start)).body
        let result = try await Shell.run(
            ["promtool", "check", "metrics"], input: Array(text.utf8))
        #expect(result.status == 0 && result.errorText.isEmpty, "\(result.errorText)")
    }
}

@Suite struct ExporterLoopTests {
    /// What goes on at once, and how much of it there ever was.
    private struct Rounds {
        var begun = 0
        var open = 0
        var mostOpen = 0
    }

    @Test(.timeLimit(.minutes(1))) func oneRoundAtATimeAndEachIsRecorded() async throws {
        let rounds = Mutex(Rounds())
        let recorded = Mutex(0)
        let loop = ExporterLoop(
            interval: .milliseconds(1),
            round: {
                rounds.withLock {
                    $0.begun += 1
                    $0.open += 1
                    $0.mostOpen = max($0.mostOpen, $0.open)
                }
                await Task.yield()
                rounds.withLock { $0.open -= 1 }
                return ExporterPageTests.health()
            },
            record: { _ in
                recorded.withLock {
                    $0 += 1
                    return $0 != 1
                }
            })
        let task = Task { await loop.run() }
        try await waitUntil("three rounds") { recorded.withLock { $0 } >= 3 }
        task.cancel()
        await task.value
        #expect(rounds.withLock { $0.mostOpen } == 1)
        let body = try #require(loop.reply(to: "/metrics")).body
        #expect(body.contains("\nfleet_exporter_rounds_unrecorded_total 1\n"))
    }

    /// A round that a Ctrl-C cut short says hosts do not answer that would have.
    @Test(.timeLimit(.minutes(1))) func aRoundThatWasCutShortIsNoRound() async throws {
        let begun = Mutex(false)
        let loop = ExporterLoop(
            interval: .seconds(1),
            round: {
                begun.withLock { $0 = true }
                // Until it is cancelled.
                try? await Task.sleep(for: .seconds(600))
                return ExporterPageTests.health()
            }, record: { _ in true })
        let task = Task { await loop.run() }
        try await waitUntil("the round begins") { begun.withLock { $0 } }
        task.cancel()
        await task.value
        let body = try #require(loop.reply(to: "/metrics")).body
        #expect(body.contains("\nfleet_exporter_rounds_total 0\n"))
    }
}

/// A real Prometheus, with the alert rules that come with fleetctl.
@Suite struct PrometheusTests {
    @Test(.timeLimit(.minutes(3))) func prometheusScrapesAndJudges() async throws {
        let loop = ExporterLoop(
            interval: .seconds(3600), round: { ExporterPageTests.health(.unreachable("cut")) },
            record: { _ in true })
        let rounds = Task { await loop.run() }
        defer { rounds.cancel() }
        let server = try await MetricsServer(host: "127.0.0.1", port: 0) { loop.reply(to: $0) }
        defer { Task { await server.stop() } }
        let prometheus = try await Prometheus(scraping: server.port)
        try await prometheus.answers("fleet_load1{host=\"pi\",fleet=\"home\"}", "0.5")
        try await prometheus.answers("up{job=\"fleetctl\"}", "1")
        try await prometheus.answers(
            "ALERTS{alertname=\"FleetHostSilent\",alertstate=\"pending\",host=\"pi\"}", "1")
    }
}

/// A Prometheus from Debian on a port of its own, which scrapes every second.
final class Prometheus {
    private let folder: TemporaryFolder
    private let program: Program
    private let port: Int

    init(scraping target: Int) async throws {
        folder = try TemporaryFolder()
        let rules = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Documentation/prometheus/fleet-alerts.yml").path
        try folder.write(
            "prometheus.yml",
            """
            global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
            rule_files: ["\(rules)"]
            scrape_configs:
              - job_name: fleetctl
                file_sd_configs: [{ files: [targets.json] }]

            """)
        try folder.write(
            "targets.json",
            "[{\"targets\": [\"127.0.0.1:\(target)\"], \"labels\": {\"fleet\": \"home\"}}]")
        let socket = try ListeningSocket()
        port = socket.port
        socket.close()
        program = try Program([
            "prometheus", "--config.file=\(folder.path)/prometheus.yml",
            "--storage.tsdb.path=\(folder.path)/data", "--web.listen-address=127.0.0.1:\(port)",
        ])
        let program = program
        try await waitUntil("Prometheus serves", deadline: .seconds(60)) {
            try #require(program.isRunning, "\(program.errorText)")
            return program.errorText.contains("ready to receive web requests")
        }
    }

    /// Waits until a query has this one value as its answer.
    func answers(_ query: String, _ value: String) async throws {
        let script = """
            import json, sys, urllib.parse, urllib.request
            url = 'http://127.0.0.1:%s/api/v1/query?' % sys.argv[1]
            url += urllib.parse.urlencode({'query': sys.argv[2]})
            result = json.load(urllib.request.urlopen(url, timeout=10))['data']['result']
            print(' '.join(one['value'][1] for one in result))
            """
        try await waitUntil("\(query) is \(value)", deadline: .seconds(60)) {
            let result = try await Shell.run(["python3", "-c", script, "\(port)", query])
            return result.text == value + "\n"
        }
    }
}
