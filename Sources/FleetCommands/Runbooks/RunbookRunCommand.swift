import ArgumentParser
import Foundation
import Inventory
import Reports
import Runbook

/// `fleetctl runbook run`: carries out a runbook's steps and says what follows.
struct RunbookRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Carry out a runbook's steps, and say what follows from them.",
        discussion: """
            Each step is a fleetctl command, run as it stands in the runbook, without a shell. It \
            passes where its exit code and what it says are as expected. Steps that change \
            something are asked for first, or wanted by --yes; without a terminal they are left \
            out, and that is said.

            EXIT STATUS: 0 nothing failed; 5 a step failed; 64 usage; 130 Ctrl-C, what a step \
            began on a host may go on there.
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "Its name.", completion: InventoryCompletion.runbooks)
    var name: String

    @Option(
        name: .customLong("var"), parsing: .singleValue,
        help: ArgumentHelp("A variable of the runbook; may be repeated.", valueName: "name=value"))
    var variables: [String] = []

    @Flag(name: .shortAndLong, help: "Carry out destructive steps without asking.")
    var yes = false

    func validate() throws {
        for text in variables where !text.dropFirst().contains("=") {
            throw ValidationError("--var takes NAME=VALUE, such as --var host=pi")
        }
    }

    func run() async throws {
        let console = Console(common)
        let runbook = try parsed(console)
        let values = try values(of: runbook, console)
        guard let executable = StepProcess.ownExecutable() else {
            console.error("the system does not tell where fleetctl itself is (/proc/self/exe)")
            throw FleetExit.failed.error
        }
        let process = StepProcess(
            executable: executable,
            inventory: URL(fileURLWithPath: common.base.inventoryPath).path)
        let walker = RunbookWalker(
            process: process, console: console, isTable: common.output == .table, yes: yes)
        let ending = await Interruption.watching { await walker.walk(runbook, values) }
        switch ending {
        case .interrupted(let report):
            try walker.finish(report, interrupted: true)
            throw FleetExit.interrupted.error
        case .finished(let report):
            try walker.finish(report, interrupted: false)
            if report.conclusion.hasFailed { throw FleetExit.findings.error }
        }
    }

    private func parsed(_ console: Console) throws -> Runbook {
        do {
            return try runbookVolume(name, common.base, console).runbook()
        } catch let error as RunbookProblems {
            for problem in error.problems { console.complain(problem.text.printable) }
            throw FleetExit.usage.error
        }
    }

    private func values(of runbook: Runbook, _ console: Console) throws -> [String: String] {
        let given = variables.map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: String(parts[0]), value: String(parts[1]))
        }
        do {
            return try runbook.values(given: given, fleet: try loadFleet(common))
        } catch let error as Runbook.ValueFailure {
            for sentence in error.sentences { console.error(sentence.printable) }
            throw FleetExit.usage.error
        }
    }
}
