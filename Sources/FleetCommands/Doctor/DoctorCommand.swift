import ArgumentParser
import Foundation
import Inventory
import InventoryFile

/// `fleetctl doctor`: what keeps fleetctl itself from doing its work, and what to do about it.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look whether this machine and the way to the hosts are fit for fleetctl.",
        discussion: """
            On this machine: libssh, the inventory, key files and passwords, known_hosts, the \
            toolchain where services are built, the clock. Of each host: the way there, its key, \
            the login, root, its clock against this one. Each finding says what to do. Changes \
            nothing; --local leaves the hosts out.

            EXIT STATUS: 0 nothing to mend; 5 findings; 64 the command line, or an inventory with \
            mistakes, which are named.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    @Flag(name: .long, help: "Look at this machine only.")
    var local = false

    func run() async throws {
        let console = Console(common)
        let chosen = try loadSelection(common, selection)
        var findings = [
            LocalChecks.library(),
            .ok(
                "inventory", common.base.inventoryPath,
                "no problems, " + Self.counted(chosen.hosts.count, "host") + ", "
                    + Self.counted(chosen.services.count, "service")),
        ]
        let checks = LocalChecks(chosen: chosen, folder: common.base.inventoryFolder)
        findings += await checks.credentials()
        findings.append(checks.knownHosts())
        findings += await checks.build()
        findings.append(await ClockChecks.own())
        if !local { findings += await hosts(chosen) }
        try report(findings, console)
        if findings.contains(where: \.isWrong) { throw FleetExit.findings.error }
    }

    private static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    private func hosts(_ chosen: Selection) async -> [DoctorFinding] {
        let connections = Connections(chosen.fleet, common, connection)
        let doctor = HostDoctor(connections: connections)
        let outcomes = await connections.forEachHost(chosen.hosts, limit: connection.parallel) {
            (host) async throws(Never) -> [DoctorFinding] in
            await doctor.findings(host)
        }
        await connections.close()
        return outcomes.flatMap { outcome -> [DoctorFinding] in
            switch outcome.result {
            case .success(let findings): findings
            }
        }
    }

    private func report(_ findings: [DoctorFinding], _ console: Console) throws {
        switch common.output {
        case .json: try console.json(findings)
        case .table:
            let shown = common.base.quiet ? findings.filter(\.isWrong) : findings
            guard !shown.isEmpty else { return }
            let isColoured =
                isatty(STDOUT_FILENO) == 1
                && ProcessInfo.processInfo.environment["NO_COLOR", default: ""].isEmpty
            shown.lines(isColoured ? .ansi : .plain).forEach(console.result)
        }
    }
}
