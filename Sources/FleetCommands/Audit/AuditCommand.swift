import ArgumentParser
import Audit
import Foundation
import Inventory
import InventoryFile
import RemoteOps
import UnitLint

extension Finding.Aspect: ExpressibleByArgument {}

/// `fleetctl audit`: what is on the hosts that should not be, and the other way round.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Find port fights, orphans, bad units and drift on the hosts.",
        discussion: """
            Looks at each host in one exec and changes nothing: who holds the services' ports, what \
            runs outside of any service, which units can harm others, how the host differs from the \
            inventory and Units/. Name aspects to narrow it: ports, processes, units, drift. \
            Documentation/audit.md lists every finding.

            --baseline names a YAML file of accepted findings, each with a reason and a day of \
            expiry. --fix shows what it would do and asks: it stops units that the inventory \
            replaces, ends orphans one by one by number, start time and executable, installs units \
            as the inventory and Units/ say, and starts those that gave up. After a step that \
            fails nothing more is done on that host. The generator's controller is touched only \
            while the generator says that it is idle.

            EXIT STATUS: 0 nothing found; 5 findings; 3 some hosts could not be looked at, or \
            mended; 1 none could; 64 usage; 75 only what must wait for the generator was left \
            undone; 77 not permitted.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "What to look at: ports, processes, units, drift; everything by default.")
    var aspects: [Finding.Aspect] = []

    @Option(name: .long, help: "A file of accepted findings.", completion: .file())
    var baseline: String?

    @Option(name: .long, help: "At least so grave: note, warning or error.")
    var severity: LintSeverity = .warning

    @Flag(name: .long, help: "Mend what can be mended without harm; shows a plan first.")
    var fix = false

    @Flag(name: .long, help: "Do not ask before --fix.")
    var yes = false

    /// Within that time a service that was just started listens.
    private static let settleTime = Duration.seconds(10)

    func validate() throws {
        if yes, !fix { throw ValidationError("--yes belongs to --fix") }
    }

    func run() async throws {
        let console = Console(common)
        let chosen = try loadSelection(common, selection)
        let accepted = try loadBaseline(console)
        let auditor = HostAuditor(
            sources: UnitSources(inventoryFolder: common.base.inventoryFolder),
            connections: Connections(chosen.fleet, common, connection),
            aspects: aspects.isEmpty ? Set(Finding.Aspect.allCases) : Set(aspects))
        try await auditor.connections.closing {
            try await audit(chosen, accepted, auditor, console)
        }
    }

    private func audit(
        _ chosen: Selection, _ baseline: Baseline, _ auditor: HostAuditor, _ console: Console
    ) async throws {
        var report = await look(chosen, baseline, auditor)
        var fixed = AuditFixer.Outcome()
        if fix {
            if let outcome = try await mend(report, chosen, auditor, console) {
                fixed = outcome
                report = await lookAfterwards(chosen, baseline, auditor)
            }
        }
        switch common.output {
        case .json: try console.json(report)
        case .table: report.show(on: console)
        }
        let failures = fixed.failures + report.failures.map(\.kind)
        for failure in report.failures { console.error(failure.text) }
        let code = FleetExit.forHosts(chosen.hosts.count, failures: failures)
        if code != .success { throw code.error }
        if fixed.isDeferred { throw FleetExit.deferred.error }
        if !report.findings.isEmpty { throw FleetExit.findings.error }
    }

    private func mend(
        _ report: AuditReport, _ chosen: Selection, _ auditor: HostAuditor, _ console: Console
    ) async throws -> AuditFixer.Outcome? {
        var author = await DeployAuthor.current(folder: common.base.inventoryFolder)
        author.action = .auditFix
        let deploy = FleetDeploy(
            fleet: chosen.fleet, connections: auditor.connections, parallel: connection.parallel,
            console: console, author: author)
        let fixer = AuditFixer(chosen: chosen, deploy: deploy, sources: auditor.sources)
        let plans = fixer.plans(report.findings)
        guard !plans.isEmpty else {
            console.say("there is nothing that --fix may do")
            return nil
        }
        try await fixer.confirm(plans, yes: yes)
        return await fixer.perform(plans)
    }

    /// The report once services that were started anew have had time to listen.
    private func lookAfterwards(
        _ chosen: Selection, _ baseline: Baseline, _ auditor: HostAuditor
    ) async -> AuditReport {
        let clock = ContinuousClock()
        let until = clock.now + Self.settleTime
        while true {
            let report = await look(chosen, baseline, auditor)
            guard report.findings.contains(where: { $0.id == "port-unheld" }), clock.now < until
            else { return report }
            // Interrupted: what was seen last counts.
            do { try await Task.sleep(for: .seconds(1)) } catch { return report }
        }
    }

    private func look(
        _ chosen: Selection, _ baseline: Baseline, _ auditor: HostAuditor
    ) async -> AuditReport {
        let ask = { @Sendable (host: Host) async throws(AuditError) -> [Finding] in
            try await auditor.findings(on: host, chosen)
        }
        // With --fix the hosts are asked and told more over the same sessions.
        let outcomes =
            fix
            ? await forEachHost(chosen.hosts, limit: connection.parallel, ask)
            : await auditor.connections.forEachHost(
                chosen.hosts, limit: connection.parallel, ask)
        return AuditReport(outcomes, baseline, atLeast: severity, today: Self.today)
    }

    private static var today: String {
        let now = Calendar(identifier: .gregorian).dateComponents(
            [.year, .month, .day], from: Date())
        return String(
            format: "%04d-%02d-%02d", now.year ?? 0, now.month ?? 0, now.day ?? 0)
    }

    private func loadBaseline(_ console: Console) throws -> Baseline {
        guard let path = baseline else { return Baseline() }
        do {
            return try Baseline(try InventoryFile.tree(path: path), file: path)
        } catch {
            for problem in error.problems { console.complain(problem.line) }
            throw FleetExit.usage.error
        }
    }
}
