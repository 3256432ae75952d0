import ArgumentParser
import DeployPlan
import Foundation
import Reports

/// `fleetctl deploy`: makes the hosts what the inventory says.
struct DeployCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Puts services on hosts and sees that they work.",
        discussion: """
            Builds what is stale, shows the plan as `plan` does, asks, and carries it out: files \
            go to /opt/fleet/SERVICE/releases on the host and are checked there; then `current` \
            is switched, the unit or rc.local line installed, the service restarted where that is \
            owed, and its health checks run. Where a step fails, the host goes back to what it \
            was. Then the deploy is confirmed over a new connection; a host that hears nothing \
            in time, or whose power fails before, goes back by itself. Hosts behind a jump host \
            come first, jump hosts last. Once more than --max-failures hosts have failed, no \
            further one is begun; a host that cannot be reached or whose plan is refused counts \
            as one.

            Where nothing differs, nothing is done. A service with the gate `generator-idle` is \
            restarted only while its generator is idle; unknown counts as running. It is held \
            idle meanwhile, and --wait, --stop-first and --force say what to do where it is not.

            EXIT STATUS: 0 done or nothing to do; 1 failed, nothing changed; 3 some hosts failed; \
            4 rolled back; 64 usage; 75 deferred, the gate is closed or another deploy is under \
            way; 77 host key or authentication.
            """)

    @OptionGroup var options: DeployOptions

    @OptionGroup var change: ChangeOptions

    func run() async throws {
        try await run { _ in }
    }

    /// The same for what is left of the choice after `adjusting` it.
    func run(adjusting: (inout Selection) throws -> Void) async throws {
        let console = Console(options.common)
        change.gate.warn(console)
        let (deploy, planned) = try await options.prepare(
            console, adjusting: adjusting, change.apply)
        try await deploy.connections.closing {
            try await change.carryOut(
                planned, of: deploy, "Deploy to", verb: "deploy", as: options.common.output)
        }
    }
}

extension FleetDeploy {
    /// Asks, where anything would change, and carries the plans out; says every failure.
    ///
    /// - Parameter question: what will be done, up to the number of hosts: `Deploy to`.
    func applyAsking(
        _ planned: [Planned], _ question: String, yes: Bool, verb: String,
        limit: FailureLimit = FailureLimit()
    ) async throws -> [Finished] {
        let pending = planned.filter(\.isPending)
        if !pending.isEmpty {
            let hosts = "\(pending.count) \(pending.count == 1 ? "host" : "hosts")"
            try console.confirm("\(question) \(hosts)?", yes: yes, verb: verb)
        }
        let begin = ContinuousClock.now
        let finished = await apply(planned, limit: limit)
        let time = ContinuousClock.now - begin
        // What failed before has been said with the plans.
        let tried = Set(pending.map(\.target.host.name))
        for failure in finished.filter({ tried.contains($0.host) }).compactMap(\.error) {
            console.error(failure.text)
        }
        if finished.count > 1 { console.say(finished.summary(time)) }
        return finished
    }
}

extension [FleetDeploy.Finished] {
    /// The exit code of the whole; nil for success.
    var exit: FleetExit? {
        let failures = compactMap(\.error)
        guard let first = failures.first else { return nil }
        let done = filter { $0.outcome == .updated || $0.outcome == .unchanged }
        if !done.isEmpty { return count == 1 ? first.exit : .someHostsFailed }
        return failures.allSatisfy { $0.exit == first.exit } ? first.exit : .someHostsFailed
    }

    /// What came of each host and its services, for people.
    var table: [String] {
        var table = TextTable(
            [
                .init("HOST"), .init("OUTCOME"), .init("SERVICE"), .init("RELEASE"),
                .init("SENT", .right), .init("TIME", .right),
            ])
        for host in self {
            let services = host.plan?.services ?? []
            let sent = host.bytesSent == 0 ? "-" : "\((host.bytesSent + 1023) >> 10) KiB"
            let time =
                host.duration == .zero ? "-" : String(format: "%.1f s", host.duration.seconds)
            if services.isEmpty {
                table.add(
                    "\(host.host)", "\(host.outcome.rawValue)", "-", "-", "\(sent)", "\(time)")
            }
            for (index, change) in services.enumerated() {
                table.add(
                    index == 0 ? "\(host.host)" : "", index == 0 ? "\(host.outcome.rawValue)" : "",
                    "\(change.service)",
                    change.from == change.to
                        ? "\(change.to)" : "\(change.from?.text ?? "none") → \(change.to)",
                    index == 0 ? "\(sent)" : "", index == 0 ? "\(time)" : "")
            }
        }
        return table.lines()
    }
}
