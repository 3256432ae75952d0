import Foundation
import LabSupport
import TestSupport
import Testing

/// The whole of it on the lab: the monitor on pi and gen-server on the board, both deployed by
/// fleetctl, and the plant behind the board's relays and pi's serial line. Four simulated minutes
/// pass in a second.
final class PlantSite: Sendable {
    let lab: Lab
    let plant: LabPlantSim
    private let site: Site

    private static let programs = URL(fileURLWithPath: Site.program).deletingLastPathComponent()

    /// By pi's clock; what its journal says of earlier is others'.
    private let began: String

    private init(_ lab: Lab, _ plant: LabPlantSim, _ site: Site, began: String) {
        self.site = site
        self.lab = lab
        self.plant = plant
        self.began = began
    }

    /// Deploys, waits until the battery has enough and all is quiet, and runs `body`.
    static func with(_ body: @Sendable (PlantSite) async throws -> Void) async throws {
        try await ProductDeployTests.cleaningUp { lab in
            let site = try ProductDeployTests.site(lab, arch: "amd64")
            try site.services(services)
            let plant = try await lab.plantSim(
                programs.appendingPathComponent("plant-sim").path,
                ["--soc", "43", "--load", "300", "--sun", "0", "--speed", "0"])
            let began = try await lab.sh("pi", "date +%s.%N").output.trimmed
            let outcome: Result<Void, any Error>
            do {
                let run = try await site.fleetctl("deploy", "--yes", "-o", "json", timeout: 600)
                try #require(run.status == 0, "\(run)")
                let here = PlantSite(lab, plant, site, began: began)
                try await here.reach("IDLE", "wait-enough")
                try await plant.tell("speed 240")
                try await body(here)
                outcome = .success(())
            } catch {
                let log = try await lab.sh("pi", "journalctl -q -n 60 -o short -u pigenny-monitor")
                let server = try await lab.sh("olimex", "tail -n 30 /var/log/gen-server.log")
                Issue.record("pi: \(log.output)\nboard: \(server.output)")
                outcome = .failure(error)
            }
            try await plant.end()
            try outcome.get()
        }
    }

    private static let services = """
        gen-server:
          host: olimex
          product: gen-server
          args: [--bus, /dev/i2c-0, --unsafe-timings, --reset, 0.3, --ignition, 0.4, --crank, 5,
            --glow-crank, 1, --coast, 0.6, --warm-up, 3, --stabilise, 1, --cooldown, 4, --rest, 1]
          after_exit: [--relays-off]
          ports: [9999]
          gate: generator-idle
          health:
            - steady: 1s
        pigenny-monitor:
          host: pi
          product: pigenny-monitor
          user: pi
          args: [--inverter-port, /dev/ttySC1, --generator-host, 203.0.113.2, --soc-stop, 44,
            --poll, 0.5, --log-interval, 1, --start-hold, 1, --stop-hold, 1, --run-min, 2,
            --rest, 2, --pause-after-stop, 4, --failure-wait, 3, --stop-retry, 5,
            --reading-age-max, 8, --lease, 90]
          health:
            - steady: 1s

        """

    /// Deploys the server anew, with another setting that changes nothing here.
    func update() async throws -> Site.Run {
        try site.services(Self.services.replacing("--rest, 1]", with: "--rest, 1.5]"))
        return try await site.fleetctl(
            "generator", "update", "--yes", "-o", "json", timeout: 600)
    }

    /// `fleetctl generator …`, which must go well.
    func generator(_ arguments: String...) async throws {
        let run = try await site.fleetctl(["generator"] + arguments)
        #expect(run.status == 0, "\(run)")
    }

    /// What a runbook of fleetctl's own concludes; what it would ask for is left out.
    func runbook(_ name: String) async throws -> (status: Int, says: String) {
        let run = try await site.fleetctl("runbook", "run", name, "-o", "json", timeout: 300)
        let conclusion = try #require(try run.json()["conclusion"] as? [String: Any], "\(run)")
        return (run.status, conclusion["text"] as? String ?? "")
    }

    /// What the monitor says of itself; nil where it says nothing.
    func status(_ key: String) async throws -> String? {
        let text = try await lab.sh("pi", "cat /run/pigenny-monitor/status 2>/dev/null").output
        return text.split(separator: "\n").first { $0.hasPrefix(key + "=") }
            .map { String($0.dropFirst(key.count + 1)) }
    }

    /// Waits for a state, and where it is given for a decision.
    func reach(_ state: String, _ decision: String? = nil, within: Duration = .seconds(120))
        async throws
    {
        var seen = ""
        do {
            try await waitUntil("the monitor is \(state)", deadline: within) {
                let now = (try await status("state"), try await status("decision"))
                seen = "\(now)"
                return now.0 == state && (decision == nil || now.1 == decision)
            }
        } catch {
            throw LabError(message: "\(error); it is \(seen)")
        }
    }

    /// The house draws so much that the battery wants charging soon.
    func drain() async throws { try await plant.tell("load 3000") }

    /// The house draws so little that a charge takes seconds.
    func relieve() async throws { try await plant.tell("load 300") }

    /// From a battery that has enough into a run, in which the house draws what the charger gives.
    func run() async throws {
        try await drain()
        try await reach("STARTING")
        try await plant.tell("load 4900")
        try await reach("RUNNING")
    }

    /// The run ends by itself, and everything stands afterwards.
    func finish() async throws {
        try await relieve()
        try await waitUntil("the battery is charged", deadline: .seconds(120)) {
            try await log().contains("% has reached 44 %")
        }
        try await reach("IDLE")
        #expect(try lab.relays() == 0)
        #expect(try await plant.status()["engine"] == "standing")
    }

    /// `fleetctl charge VERB --yes`, which must go well.
    func charge(_ verb: String) async throws {
        let run = try await site.fleetctl("charge", verb, "--yes")
        #expect(run.status == 0, "\(run)")
    }

    /// The monitor's messages.
    func log() async throws -> String {
        try await lab.sh("pi", "journalctl -q -o cat --since @\(began) -u pigenny-monitor").output
    }

    /// What the server has gone through, such as `CHARGING -> COOLING_DOWN`.
    func server() async throws -> String {
        try await lab.sh("olimex", "cat /var/log/gen-server.log").output
    }

    /// The state of the server as it says itself.
    func serverState() async throws -> String? {
        let log = try await server()
        return log.split(separator: "\n").last { $0.contains(" -> ") }?
            .split(separator: " ").last.map(String.init)
    }
}
