import Foundation
import LabSupport
import TestSupport
import Testing

/// gen-server under a real systemd, with the unit that is deployed.
@Suite(.lab, .sharesLab) struct GenServerUnitTests {
    private static let services = """
        gen-server:
          host: d0
          product: gen-server
          args: [--bus, sim, --state, /run/gen-server.state, --counters,
            /var/lib/gen-server/counters, --cooldown, 0.2, --warm-up, 0.1, --stabilise, 0.1,
            --crank, 1, --sim-catch, 0.2, --coast, 0.6]
          ports: [9999]
          match: gen-server
          gate: generator-idle
          after_exit: [--relays-off, --bus, sim]
          health:
            - tcp: 9999
              send: PING
              expect: PONG
              within: 10s

        """

    /// Sends its argument to the server and prints the answer.
    private static let client = """
        import socket, sys
        s = socket.create_connection(("127.0.0.1", 9999), 20)
        f = s.makefile("rw")
        f.readline()
        f.write(sys.argv[1] + "\\n")
        f.flush()
        print(f.readline(), end="")
        """

    private func show(_ host: FreshHost, _ property: String) async throws -> String {
        try await host.sh("systemctl show -P \(property) gen-server.service")
    }

    @Test(.timeLimit(.minutes(10)))
    func systemdKnowsItsStateAndRestartsALoopThatHangs() async throws {
        try await FreshHost.with { host in
            try FileManager.default.copyItem(
                atPath: Site.project + "/Units/gen-server.service",
                toPath: host.site.folder.path + "/Units/gen-server.service")
            try host.site.services(Self.services.replacing("d0", with: host.name))
            let run = try await host.site.fleetctl(
                "deploy", "--yes", "-o", "json", timeout: 9 * 60)
            #expect(run.status == 0, "\(run)")
            #expect(try await show(host, "Type") == "notify")
            #expect(try await show(host, "StatusText") == "OFF")
            let exposure = try await HardeningTests.exposure(
                "gen-server.service", on: host.name, host.lab)
            #expect(exposure <= HardeningTests.exposureMax)

            let ask = "python3 -c '\(Self.client)' "
            let started = try await host.sh(ask + "START")
            #expect(started == "OK: Generator started and charger enabled")
            #expect(try await show(host, "StatusText") == "CHARGING")
            #expect(try await host.sh(ask + "STOP").hasPrefix("OK: Generator stopped"))
            #expect(try await host.sh("cat /var/lib/gen-server/counters").contains("starts=1"))

            let pid = try await show(host, "MainPID")
            try await host.sh("kill -STOP \(pid)")
            // The watchdog is 15 s; SIGABRT waits in a stopped process, SIGKILL follows.
            try await waitUntil("another process serves", deadline: .seconds(90)) {
                let now = try await show(host, "MainPID")
                guard now != pid, now != "0" else { return false }
                return try await show(host, "SubState") == "running"
            }
            #expect(try await host.sh(ask + "PING") == "PONG")
            // Behind the unit's walls the guard saw that the service had run, and let the command.
            let journal = "journalctl --sync; journalctl --no-pager -o cat -u gen-server.service"
            #expect(try await host.sh(journal).contains("gen-server: relays off (simulated)"))

            // Somebody else's controller on the port: named, and nothing is switched off under it.
            try await host.sh("systemctl stop gen-server.service")
            let offs = try await host.sh("\(journal) | grep -c 'relays off (sim'")
            try await host.sh(
                "systemd-run -q --unit other /opt/fleet/gen-server/current/gen-server --bus sim "
                    + "--state /run/other.state --port 9999")
            try await waitUntil("the other one serves", deadline: .seconds(30)) {
                try await host.lab.sh(host.name, ask + "PING").output == "PONG\n"
            }
            let start = try await host.lab.sh(host.name, "systemctl start gen-server.service")
            #expect(start.status != 0)
            try await host.sh("systemctl stop gen-server.service")
            #expect(try await host.sh(journal).contains("is held by other.service: process"))
            #expect(try await host.sh("\(journal) | grep -c 'relays off (sim'") == offs)
        }
    }
}
