import Foundation
import LabSupport
import TestSupport
import Testing

/// The daemons themselves: built for their boards, deployed, asked, and held back by the gate.
@Suite(.lab, .faultsLab, .serialized) struct ProductDeployTests {
    static func site(_ lab: Lab, arch: String = "armv5") throws -> Site {
        let site = try Site.piAndBoard(lab, arch: arch)
        for unit in ["gen-server.service", "pigenny-monitor.service"] {
            try FileManager.default.copyItem(
                atPath: Site.project + "/Units/" + unit,
                toPath: site.folder.path + "/Units/" + unit)
        }
        return site
    }

    private static func services(_ site: Site, idle: Int) throws {
        try site.services(
            """
            gen-server:
              host: olimex
              product: gen-server
              args: [--host, 0.0.0.0, --port, 9999, --bus, sim, --idle-timeout, \(idle),
                --warm-up, 0.1, --stabilise, 0.1, --cooldown, 0.2, --crank, 1, --sim-catch, 0.2,
                --coast, 0.6]
              environment:
                QEMU_CPU: arm926
              ports: [9999]
              gate: generator-idle
              health:
                - steady: 1s
                - tcp: 9999
                  send: PING
                  expect: PONG
                  within: 10s
            pigenny-monitor:
              host: pi
              product: pigenny-monitor
              args: [--inverter-port, /dev/ttySC1, --generator-host, 203.0.113.2, --poll, 5]
              health:
                - steady: 1s

            """)
    }

    /// Asks gen-server from the Pi, as the monitor does.
    private static func ask(_ lab: Lab, _ command: String) async throws -> String {
        try await lab.sh(
            "pi",
            """
            python3 -c 'import socket, sys
            s = socket.create_connection(("203.0.113.2", 9999), 20)
            f = s.makefile("rw", newline="\\n")
            f.readline()
            f.write(sys.argv[1] + "\\n"); f.flush()
            while True:
                line = f.readline()
                if not line: break
                print(line, end="")
                if line.strip() in ("END", "PONG") or line.startswith(("OK", "ERR", "START", "STOP")):
                    break' '\(command)'
            """
        ).output
    }

    private static func cleanUp(_ lab: Lab, rcLocal: String) async throws {
        try await lab.sh(
            "olimex",
            """
            pid=$(cut -d ' ' -f 1 /run/fleet/gen-server/process) && kill -CONT "$pid"
            /opt/fleet/gen-server/current/supervise stop
            rm -rf /opt/fleet /run/fleet /var/log/fleet /var/log/gen-server.log*
            rm -f /run/gen-server-*.state
            cat >/etc/rc.local
            """, input: rcLocal)
        try await lab.sh(
            "pi",
            """
            systemctl disable --now -q pigenny-monitor.service 2>/dev/null
            rm -rf /opt/fleet /run/fleet /var/log/fleet
            # It saves its state once more when it is stopped, and the next one would go on from there.
            rm -rf /var/lib/pigenny-monitor /var/log/pigenny /tmp/pigenny_force_*
            rm -f /etc/systemd/system/pigenny-monitor.service
            systemctl daemon-reload; systemctl reset-failed
            """)
    }

    /// Runs the body and takes away whatever it deployed.
    static func cleaningUp(_ body: (Lab) async throws -> Void) async throws {
        let lab = try Lab.required()
        let rcLocal = try await lab.sh("olimex", "cat /etc/rc.local").output
        try lab.restBoard()
        let outcome: Result<Void, any Error>
        do {
            try await body(lab)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try await cleanUp(lab, rcLocal: rcLocal)
        try outcome.get()
    }

    @Test(.timeLimit(.minutes(15))) func theDaemonsAreDeployedAndTheGateHolds() async throws {
        try await Self.cleaningUp { try await deployAndHoldTheGate($0, try Self.site($0)) }
    }

    @Test(.timeLimit(.minutes(15)))
    func theSupervisorClearsTheRelaysOfAServerThatWasKilledUnderLoad() async throws {
        try await Self.cleaningUp { lab in
            let site = try Self.site(lab, arch: "amd64")
            try site.services(
                """
                gen-server:
                  host: olimex
                  product: gen-server
                  args: [--bus, /dev/i2c-0, --unsafe-timings, --ignition, 0.4, --crank, 5,
                    --coast, 0.6, --warm-up, 0.2, --stabilise, 0.2, --cooldown, 1]
                  after_exit: [--relays-off]
                  ports: [9999]
                  health:
                    - tcp: 9999
                      send: PING
                      expect: PONG
                      within: 10s

                """)
            let plant = lab.plant()
            defer { plant.cancel() }
            let run = try await site.fleetctl("deploy", "--yes", "-o", "json", timeout: 14 * 60)
            #expect(run.status == 0, "\(run)")
            let started = try await Self.ask(lab, "START")
            #expect(started == "OK: Generator started and charger enabled\n")
            #expect(try lab.relays() == 0x0A)
            let recorded = "cut -d ' ' -f 1 /run/fleet/gen-server/process"
            let killed = try await lab.sh("olimex", "\(recorded); kill -KILL $(\(recorded))")
            try await waitUntil("the relays are off") { try lab.relays() == 0 }
            try await waitUntil("another process serves") {
                try await Self.ask(lab, "STATUS").contains("RELAYS: OFF (0x00)")
            }
            #expect(try await lab.sh("olimex", recorded).output != killed.output)
            #expect(try lab.relays() == 0)
        }
    }

    private func deployAndHoldTheGate(_ lab: Lab, _ site: Site) async throws {
        try Self.services(site, idle: 3600)
        // The first time this builds both daemons, one of them for the board.
        let first = try await site.fleetctl(
            "deploy", "--yes", "-o", "json", timeout: 14 * 60)
        #expect(first.status == 0, "\(first)")
        #expect(try first.host("olimex")["outcome"] as? String == "updated")
        #expect(try first.host("pi")["outcome"] as? String == "updated")
        let monitor = try await lab.sh("pi", "systemctl is-active pigenny-monitor").output
        #expect(monitor.trimmed == "active")

        let status = try await site.fleetctl("generator", "status", "-o", "json")
        #expect(status.status == 0, "\(status)")
        #expect(try status.json()["running"] as? String == "NO")

        try await gateHoldsWhileTheEngineRuns(lab, site)
        try await gateHoldsWhileTheServerIsSilent(lab, site)

        try Self.services(site, idle: 3602)
        let idle = try await site.deploy()
        #expect(try idle.host("olimex")["outcome"] as? String == "updated")
        let gap = try #require(try idle.host("olimex")["uncontrolledSeconds"] as? [String: Double])
        print("uncontrolled on the board, its programs emulated: \(gap)")
        let again = try await site.deploy()
        #expect(try again.host("olimex")["outcome"] as? String == "unchanged")
        #expect(try again.host("pi")["outcome"] as? String == "unchanged")
    }

    private func gateHoldsWhileTheEngineRuns(_ lab: Lab, _ site: Site) async throws {
        let started = try await Self.ask(lab, "START")
        let before = try await Self.ask(lab, "STATUS")
        #expect(before.contains("RUNNING: YES"), "\(started)\(before)")
        try Self.services(site, idle: 3601)
        let process = "cat /run/fleet/gen-server/process; readlink /opt/fleet/gen-server/current"
        let was = try await lab.sh("olimex", process)
        let run = try await site.deploy(75, "--service", "gen-server")
        let entry = try run.host("olimex")
        #expect(entry["outcome"] as? String == "deferred")
        #expect((entry["error"] as? String)?.contains("the engine runs") == true, "\(run)")
        #expect(try await lab.sh("olimex", process) == was)
        let relays = { (text: String) in text.split(separator: "\n").first { $0.contains("RELAYS") }
        }
        #expect(relays(try await Self.ask(lab, "STATUS")) == relays(before))
        #expect(try await lab.sh("olimex", "ls /opt/fleet/.staging").output == "")
        _ = try await Self.ask(lab, "STOP")
        try await waitUntil("the engine stands", deadline: .seconds(20)) {
            try await Self.ask(lab, "STATUS").contains("RUNNING: NO")
        }
    }

    private func gateHoldsWhileTheServerIsSilent(_ lab: Lab, _ site: Site) async throws {
        let pid = try await lab.sh("olimex", "cut -d ' ' -f 1 /run/fleet/gen-server/process")
            .output.trimmed
        try await lab.sh("olimex", "kill -STOP \(pid)")
        let run = try await site.deploy(75, "--service", "gen-server")
        let error = try run.host("olimex")["error"] as? String
        #expect(error?.contains("its state could not be read") == true, "\(run)")
        try await lab.sh("olimex", "kill -CONT \(pid)")
        let still = try await lab.sh("olimex", "cut -d ' ' -f 1 /run/fleet/gen-server/process")
        #expect(still.output.trimmed == pid)
    }
}
