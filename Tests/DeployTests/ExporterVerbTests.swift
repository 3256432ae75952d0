import Foundation
import LabSupport
import TestSupport
import Testing

/// `fleetctl exporter` and what `fleetctl health` passes on, over real hosts.
@Suite(.lab, .sharesLab) struct ExporterVerbTests {
    /// The body of an answer; nil where there is none.
    private static func get(_ port: String, _ path: String) async throws -> String? {
        let script = """
            import sys, urllib.request
            url = 'http://127.0.0.1:%s%s' % (sys.argv[1], sys.argv[2])
            sys.stdout.write(urllib.request.urlopen(url, timeout=10).read().decode())
            """
        let result = try await Shell.run(["python3", "-c", script, port, path])
        return result.status == 0 ? result.text : nil
    }

    @Test(.timeLimit(.minutes(5))) func whatTheHostsSayIsServedAndKept() async throws {
        let site = try Site.pi(try Lab.required())
        try site.services("{}")
        let state = ["XDG_STATE_HOME": site.folder.path + "/state"]
        let exporter = try site.running(
            ["exporter", "--listen", "127.0.0.1:0", "--interval", "5s"], environment: state)
        try await exporter.says("serving http://127.0.0.1:")
        let port = try #require(
            exporter.talk.firstMatch(of: /127\.0\.0\.1:([0-9]+)\/metrics/)?.output.1)
        try await waitUntil("two rounds are told", deadline: .seconds(60)) {
            let text = try await Self.get(String(port), "/metrics") ?? ""
            return text.contains("\nfleet_exporter_rounds_total 2\n")
                && text.contains("\nfleet_up{host=\"pi\"} 1\n")
        }
        let metrics = try #require(try await Self.get(String(port), "/metrics"))
        let check = try await Shell.run(
            ["promtool", "check", "metrics"], input: Array(metrics.utf8))
        #expect(check.status == 0 && check.errorText.isEmpty, "\(check.errorText)")
        #expect(try await Self.get(String(port), "/healthz")?.hasPrefix("the last round") == true)
        exporter.interrupt()
        #expect(try await exporter.end() == 130)
        let history = try await Shell.run(
            [Site.program, "history", "--metric", "up", "-o", "json"], environment: state)
        #expect(history.text.contains("\"host\" : \"pi\""), "\(history.text)")
    }

    @Test(.timeLimit(.minutes(5))) func aPortThatIsTakenEndsIt() async throws {
        let site = try Site.pi(try Lab.required())
        try site.services("{}")
        let taken = try ListeningSocket()
        let run = try await site.fleetctl("exporter", "--listen", "127.0.0.1:\(taken.port)")
        #expect(run.status == 1, "\(run)")
        #expect(run.talk.contains("cannot listen on 127.0.0.1 port \(taken.port)"))
    }

    @Test(.timeLimit(.minutes(5))) func healthPassesItsRoundOn() async throws {
        let site = try Site.pi(try Lab.required())
        try site.services("{}")
        let broker = try await MQTTBroker()
        try site.folder.write("password", MQTTBroker.password + "\n", mode: 0o600)
        let file = site.folder.path + "/fleet.prom"
        let health = try site.running(
            [
                "health", "--prometheus", file, "--mqtt", "127.0.0.1:\(broker.port)",
                "--mqtt-user", MQTTBroker.user, "--mqtt-password",
                "file:\(site.folder.path)/password",
            ], environment: ["XDG_STATE_HOME": site.folder.path + "/state"])
        let status = try await health.end()
        #expect(status == 0 || status == 5, "\(health.talk)")
        #expect(try site.folder.read("fleet.prom").contains("\nfleet_up{host=\"pi\"} 1\n"))
        let state = try await broker.retained("fleetctl/tests/pi/state", count: 1)
        #expect(state.first?.contains("\"answers\":\"ON\"") == true, "\(state)")
    }
}
