import ArgumentParser
import DeployPlan
import Foundation
import Inventory
import Reports
import UnitFile
import UnitLint

extension LintSeverity: ExpressibleByArgument {}

/// `fleetctl units lint`: the traps in units, whoever wrote them.
struct UnitsLintCommand: ParsableCommand {
    /// How findings are printed.
    enum Format: String, ExpressibleByArgument, CaseIterable, Sendable { case table, json, sarif }

    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Check units for the traps that have bitten.",
        discussion: """
            Of files and folders, which may be anybody's; drop-ins in NAME.d count, and links in \
            .wants folders say what is enabled. Without any, the units that a deploy of the \
            inventory would install, host by host. Connects to nothing.

            A comment '# lint: allow RULE: reason' allows a finding in the line below it. \
            Documentation/units.md lists the rules.

            EXIT STATUS: 0 nothing found; 5 findings; 64 usage; 1 failed.
            """)

    @OptionGroup var base: BaseOptions
    @OptionGroup var selection: SelectionOptions

    @Argument(help: "Unit files and folders with units.", completion: .file())
    var paths: [String] = []

    @Option(name: .shortAndLong, help: "Print findings as a table, as JSON or as SARIF 2.1.0.")
    var output: Format = .table

    @Option(name: .long, help: "At least so grave: note, warning or error.")
    var severity: LintSeverity = .warning

    func run() throws {
        let console = Console(base)
        let contexts = paths.isEmpty ? try inventoryContexts(console) : [try context(console)]
        let findings = contexts.flatMap { UnitLinter.findings(in: $0) }
            .filter { $0.severity >= severity }
        switch output {
        case .json: try console.json(LintReport(findings))
        case .sarif: try console.json(Sarif(findings, version: Version.text))
        case .table: show(findings, contexts.map(\.units.count).reduce(0, +), console)
        }
        if !findings.isEmpty { throw FleetExit.findings.error }
    }

    private func context(_ console: Console) throws -> LintContext {
        do {
            let units = try UnitFolder.units(at: paths)
            guard !units.isEmpty else {
                throw UnitFolder.Failure(description: "there are no units in what was named")
            }
            return LintContext(units: units)
        } catch {
            console.error("\(error)")
            throw FleetExit.usage.error
        }
    }

    private func show(_ findings: [LintFinding], _ count: Int, _ console: Console) {
        let units = "\(count) unit\(count == 1 ? "" : "s")"
        guard !findings.isEmpty else { return console.say("\(units), nothing found") }
        var table = TextTable("SEVERITY", "PLACE", "RULE", "FINDING")
        for finding in findings {
            let place = finding.line.map { "\(finding.path):\($0)" } ?? finding.path
            table.add(finding.severity.rawValue, place, finding.rule, finding.message)
        }
        console.result(table.lines().joined(separator: "\n"))
        var told: Set<String> = []
        console.say("")
        for finding in findings where told.insert(finding.rule).inserted {
            console.say("\(finding.rule): \(finding.fix)")
        }
        console.say("\(units), \(findings.count) finding\(findings.count == 1 ? "" : "s")")
    }

    // MARK: The fleet's own

    private func inventoryContexts(_ console: Console) throws -> [LintContext] {
        let chosen = try loadSelection(base, selection)
        let sources = UnitSources(inventoryFolder: base.inventoryFolder)
        do {
            return try chosen.hosts.compactMap { host in
                guard host.initSystem == .systemd else {
                    console.detail("\(host.name.text) has no systemd: no units to check")
                    return nil
                }
                let units = try chosen.services(on: host.name).map {
                    try Self.unit(of: $0, on: host, from: sources)
                }
                return LintContext(units: units)
            }
        } catch {
            console.error(unitErrorText(error))
            throw FleetExit.failed.error
        }
    }

    private static func unit(
        of service: Service, on host: Host, from sources: UnitSources
    ) throws -> LintUnit {
        let (name, text) = try sources.unit(of: service)
        guard let unitName = UnitName(name) else {
            throw UnitSources.Failure(
                service: service.name.text, reason: "'\(name)' is no unit's name")
        }
        let file = try UnitFile(reading: Array(text.utf8))
        let path = "\(host.name.text)/etc/systemd/system/\(name)"
        return LintUnit(
            EffectiveUnit(name: unitName, sources: [.init(path: path, file: file)]),
            enablement: .enabled,
            declared: .init(
                ports: service.ports, replaces: service.replaces, stopTime: service.stopTimeout,
                controlsGenerator: service.source == .product("gen-server")))
    }
}

/// Why a unit could not be rendered, as a sentence.
func unitErrorText(_ error: any Error) -> String {
    switch error {
    case let failure as ServiceRenderer.Failure: "\(failure.place): \(failure.reason)"
    case let failure as UnitSources.Failure: failure.description
    default: error.localizedDescription
    }
}

extension BaseOptions {
    /// The folder of the inventory file.
    var inventoryFolder: String {
        URL(fileURLWithPath: inventoryPath).deletingLastPathComponent().path
    }
}
