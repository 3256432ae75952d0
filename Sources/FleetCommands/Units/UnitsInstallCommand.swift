import ArgumentParser
import DeployPlan

/// `fleetctl units install`: units alone, without a release.
struct UnitsInstallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Install units on hosts without deploying anything else.",
        discussion: """
            Shows what differs, asks, and has systemd check every unit on its host before \
            anything is touched. Files are replaced whole or not at all, systemd reads its units \
            again only where that is needed, and where a step fails the host goes back to what it \
            was. What runs goes on as it was started; --restart restarts services whose unit \
            changed, and those behind the gate generator-idle only while the generator is idle.

            EXIT STATUS: 0 done or nothing to do; 1 failed, nothing changed; 3 some hosts failed; \
            4 gone back; 64 usage; 75 deferred, the gate is closed or a deploy is under way; 77 \
            host key or authentication.
            """)

    @OptionGroup var options: UnitOptions

    @Flag(name: .long, help: "Restart services whose unit changed.")
    var restart = false

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @OptionGroup var gate: GateOptions

    func run() async throws {
        let console = Console(options.common)
        gate.warn(console)
        var (deploy, planned) = try await options.prepare(
            console, restart: restart ? .whereChanged : .never, settling: true)
        deploy.gates = gate.policy
        try await deploy.connections.closing { try await carryOut(deploy, planned, console) }
    }

    private func carryOut(
        _ deploy: FleetDeploy, _ planned: [FleetDeploy.Planned], _ console: Console
    ) async throws {
        console.show(planned, asResult: false)
        try planned.stop(beyond: FailureLimit(), console)
        let finished = try await deploy.applyAsking(
            planned, "Install units on", yes: yes, verb: "units install")
        DeployHistory.record(
            finished, fleet: deploy.fleet.name, author: deploy.author, console: console)
        switch options.common.output {
        case .table:
            for host in finished { console.result("\(host.host): \(host.outcome.rawValue)") }
        case .json: try console.json(DeployReport(finished))
        }
        if let exit = finished.exit { throw exit.error }
    }
}
