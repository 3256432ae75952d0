import Foundation
import LabSupport
import TestSupport
import Testing

/// The gate on the board, counted at its relays: what is refused writes none of them and restarts
/// nothing, in every state in which the generator is not at rest.
@Suite(.lab, .faultsLab, .serialized, .timeLimit(.minutes(20))) struct GateBoardTests {
    private struct Board {
        let lab: Lab
        let site: Site
        private let stamp = Stamp()

        /// A number that makes each deploy one of another release.
        private final class Stamp: @unchecked Sendable {
            // One test at a time uses it, in one task.
            var next = 3_600
        }

        init(_ lab: Lab) throws {
            self.lab = lab
            site = try ProductDeployTests.site(lab, arch: "amd64")
        }

        func services(warmUp: String) throws {
            stamp.next += 1
            try site.services(
                """
                gen-server:
                  host: olimex
                  product: gen-server
                  args: [--bus, /dev/i2c-0, --unsafe-timings, --ignition, 0.4, --crank, 5,
                    --coast, 0.6, --warm-up, \(warmUp), --stabilise, 0.2, --cooldown, 25,
                    --rest, 0.05, --idle-timeout, \(stamp.next)]
                  after_exit: [--relays-off]
                  ports: [9999]
                  gate: generator-idle
                  health:
                    - steady: 1s

                """)
        }

        func deploy(_ expected: Int, _ flags: [String] = []) async throws -> Site.Run {
            let run = try await site.fleetctl(
                ["deploy", "--yes", "-o", "json"] + flags, timeout: 10 * 60)
            #expect(run.status == expected, "\(run)")
            return run
        }

        /// Says one thing to the server, which must be done.
        func ask(_ command: String) async throws {
            let answer = try await lab.sh(
                "pi",
                """
                exec bash -c 'exec 3<>/dev/tcp/203.0.113.2/9999
                    read -r line <&3; printf "%s\\n" "$0" >&3; read -r line <&3; echo "$line"' \
                    '\(command)'
                """
            ).output.trimmed
            try #require(answer.hasPrefix("OK: "), "\(command): \(answer)")
        }

        func reach(_ state: String) async throws {
            var last = ""
            do {
                try await waitUntil("the server is \(state)", deadline: .seconds(60)) {
                    last = "\(try await site.fleetctl("generator", "status", "-o", "kv"))"
                    return last.contains("\nstate=\(state)\n")
                }
            } catch {
                throw LabError(message: "\(error): \(last)")
            }
        }

        func process() async throws -> String {
            try await lab.sh("olimex", "cat /run/fleet/gen-server/process").output
        }

        /// Relay writes that the board has seen so far.
        func writes() throws -> Int {
            try String(contentsOfFile: lab.runFolder + "/hosts/olimex/i2c.log", encoding: .utf8)
                .components(separatedBy: " write 0x10 ").count
        }

        /// A deploy, and one that waits a moment, which change nothing and say why.
        func refuses(_ reason: String) async throws {
            let (process, writes) = (try await process(), try writes())
            for flags in [[], ["--wait=1s"]] {
                let run = try await deploy(75, flags)
                let error = try run.host("olimex")["error"] as? String ?? ""
                #expect(error.contains(reason), "\(error)")
            }
            #expect(try await self.process() == process, "\(reason)")
            #expect(try self.writes() == writes, "\(reason)")
        }
    }

    @Test func whatIsRefusedWritesNoRelay() async throws {
        try await ProductDeployTests.cleaningUp { lab in
            let board = try Board(lab)
            try board.services(warmUp: "200")
            let plant = lab.plant()
            defer { plant.cancel() }
            _ = try await board.deploy(0)
            try board.services(warmUp: "0.2")
            try await board.reach("OFF")

            try await board.ask("START NOWAIT")
            try await board.reach("WARMING_UP")
            try await board.refuses("a start is in progress")
            try await board.ask("STOP NOW")
            try await board.reach("OFF")
            try await board.ask("RELAY 08")
            try await board.refuses("relays are on")
            try await board.ask("RELAY 00")
            try await board.reach("OFF")
            try await board.ask("HOLD you@there 300 oil change")
            try await board.refuses("it is held by you@there")
            try await board.ask("RELEASE you@there")
            try lab.setDevice(.failing)
            try await board.refuses("unknown counts as running")
            try lab.setDevice(.working)
            try await board.reach("OFF")

            let idle = try await board.deploy(0)
            print(
                "uncontrolled on the board: \(try idle.host("olimex")["uncontrolledSeconds"] ?? 0)")
            try board.services(warmUp: "0.3")
            try await board.reach("OFF")
            try await board.ask("START NOWAIT")
            try await board.reach("CHARGING")
            #expect(try lab.relays() == 0x0A)
            try await board.refuses("the engine runs")
            #expect(try lab.relays() == 0x0A)
            try await board.ask("STOP NOWAIT")
            try await board.reach("COOLING_DOWN")
            try await board.refuses("the engine runs")
            #expect(try lab.relays() == 0x08)
            // The rest of the cooldown is waited for.
            let stopped = try await board.deploy(0, ["--stop-first"])
            #expect(stopped.talk.contains("stopping the generator first: cooling down"))
            #expect(try lab.relays() == 0)
        }
    }
}
