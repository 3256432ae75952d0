import ArgumentParser
import Foundation
import Inventory
import Reports
import Runbook

/// `fleetctl runbook`: guides that people read and fleetctl carries out.
struct RunbookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runbook",
        abstract: "List, show and run the guides for what goes wrong.",
        discussion: """
            Runbooks are Markdown: those in the folder Runbooks beside the inventory, and \
            fleetctl's own. Documentation/runbooks.md says how to write one.
            """,
        subcommands: [RunbookListCommand.self, RunbookShowCommand.self, RunbookRunCommand.self])
}

/// `fleetctl runbook list`.
struct RunbookListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the runbooks.",
        discussion: """
            Connects to nothing. Exits with 64 where a runbook has mistakes, after naming each \
            with its line.
            """)

    @OptionGroup var common: CommonOptions

    /// A runbook as the list shows it.
    struct Row: Encodable {
        var name: String
        var title: String
        var situation: String
        var steps: Int
        /// The file, or nil for fleetctl's own.
        var file: String?
    }

    func run() throws {
        let console = Console(common)
        var rows: [Row] = []
        var isWrong = false
        for volume in try runbookVolumes(common.base, console) {
            do {
                let runbook = try volume.runbook()
                rows.append(
                    Row(
                        name: volume.name, title: runbook.title, situation: runbook.situation,
                        steps: runbook.steps.count, file: volume.path))
            } catch {
                for problem in error.problems { console.complain(problem.text.printable) }
                isWrong = true
            }
        }
        switch common.output {
        case .json: try console.json(rows)
        case .table:
            var table = TextTable([
                .init("NAME"), .init("STEPS", .right), .init("TITLE"), .init("FROM"),
            ])
            for row in rows {
                table.add(row.name, "\(row.steps)", row.title, row.file ?? "fleetctl")
            }
            table.lines().forEach(console.result)
        }
        if isWrong { throw FleetExit.usage.error }
    }
}

/// `fleetctl runbook show`.
struct RunbookShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print a runbook as it stands.",
        discussion: "Connects to nothing.")

    @OptionGroup var base: BaseOptions

    @Argument(help: "Its name.", completion: InventoryCompletion.runbooks)
    var name: String

    func run() throws {
        let console = Console(base)
        let text = try runbookVolume(name, base, console).text
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            console.result(DisplayText.printable(String(line)))
        }
    }
}

/// Every runbook; says why and ends with 1 where they cannot be read.
func runbookVolumes(_ base: BaseOptions, _ console: Console) throws -> [RunbookShelf.Volume] {
    do {
        return try RunbookShelf(inventoryFolder: base.inventoryFolder).all()
    } catch {
        console.error(error.sentence)
        throw FleetExit.failed.error
    }
}

/// The runbook of a name; says why and ends with 64 where there is none.
func runbookVolume(
    _ name: String, _ base: BaseOptions, _ console: Console
) throws -> RunbookShelf.Volume {
    let volumes = try runbookVolumes(base, console)
    if let volume = volumes.first(where: { $0.name == name }) { return volume }
    let nearest = Suggestion.nearest(to: name, in: volumes.map(\.name))
    console.error(
        "there is no runbook '\(name.printable)'"
            + (nearest.map { "; did you mean '\($0)'?" }
                ?? "; `fleetctl runbook list` names them"))
    throw FleetExit.usage.error
}
