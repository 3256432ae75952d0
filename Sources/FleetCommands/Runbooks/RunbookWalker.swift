import Foundation
import Reports
import Runbook

/// Takes the steps of a runbook one after the other: asks, runs, marks, tells.
struct RunbookWalker: Sendable {
    let process: StepProcess
    let console: Console
    /// Whether the results are for people; with JSON the steps' lines are not shown.
    let isTable: Bool
    /// Whether destructive steps are wanted beforehand.
    let yes: Bool

    /// What a run came to, as the JSON shows it.
    struct Report: Encodable, Sendable {
        struct Step: Encodable, Sendable {
            var number: Int
            var title: String
            var command: String
            /// passed, failed or skipped.
            var result: String
            /// Why it is not passed.
            var why: String?
            var destructive: Bool
            var seconds: Double?
            var exitCode: Int?
            var output: String?
        }

        struct Conclusion: Encodable, Sendable {
            var hasFailed: Bool
            var hasSkipped: Bool
            var text: String
            /// The runbook to go on with, and the command that does.
            var next: String?
            var nextCommand: String?
        }

        var runbook: String
        var title: String
        var steps: [Step] = []
        var conclusion: Conclusion
    }

    /// Goes through all steps. Cancelling the task ends the step that runs and leaves out the rest.
    func walk(_ runbook: Runbook, _ values: [String: String]) async -> Report {
        say("\(runbook.title)")
        var run = RunbookRun(runbook, values: values)
        var notes: [Note] = []
        while let step = run.next() {
            if Task.isCancelled {
                run.skip(step, because: "interrupted")
                continue
            }
            say("\n\(step.number). \(step.title)\n   $ \(step.commandLine)")
            if let refusal = refusal(step) {
                tell(step, run.skip(step, because: refusal))
                continue
            }
            let begun = ContinuousClock.now
            let ending = await process.run(step) { line in say("   | \(line)") }
            let seconds = Double((ContinuousClock.now - begun).wholeMilliseconds) / 1000
            notes.append(Note(number: step.number, ending: ending, seconds: seconds))
            tell(step, run.record(step, ending))
        }
        return report(runbook, run, notes)
    }

    /// Prints what a run came to.
    func finish(_ report: Report, interrupted: Bool) throws {
        guard isTable else { return try console.json(report) }
        var table = TextTable("STEP", "RESULT", "WHAT", "WHY")
        for step in report.steps {
            table.add("\(step.number)", step.result, step.title, step.why ?? "")
        }
        console.result("")
        table.lines().forEach(console.result)
        console.result("")
        if interrupted {
            console.result("Interrupted; what a step began on a host may go on there.")
            return
        }
        console.result(DisplayText.printable(report.conclusion.text))
        if let next = report.conclusion.nextCommand {
            console.result("Next: " + DisplayText.printable(next))
        }
    }

    /// How a step's process ended, for the report.
    private struct Note {
        var number: Int
        var ending: RunbookRun.Ending
        var seconds: Double
    }

    private func say(_ text: String) {
        guard isTable else { return }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            console.say(DisplayText.printable(String(line)))
        }
    }

    private func tell(_ step: RunbookStep, _ mark: RunbookRun.Mark) {
        switch mark {
        case .passed: say("   passed")
        case .failed(let why):
            say("   FAILED: \(why)" + (step.onFailure.map { "\n   \($0)" } ?? ""))
        case .skipped(let why): say("   skipped: \(why)")
        }
    }

    /// Why a step is left out; nil where it is carried out.
    private func refusal(_ step: RunbookStep) -> String? {
        guard let harm = step.destructive, !yes else { return nil }
        guard isatty(STDIN_FILENO) == 1 else {
            return "\(harm); there is no terminal to ask on, and no --yes"
        }
        console.ask("   \(DisplayText.printable(harm)). Do it? [y/N] ")
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "") ? nil : "not wanted"
    }

    private func report(_ runbook: Runbook, _ run: RunbookRun, _ notes: [Note]) -> Report {
        let conclusion = run.conclusion
        var report = Report(
            runbook: runbook.name, title: runbook.title,
            conclusion: .init(
                hasFailed: conclusion.hasFailed, hasSkipped: conclusion.hasSkipped,
                text: conclusion.text, next: conclusion.next?.name,
                nextCommand: conclusion.next?.commandLine))
        for done in run.done {
            var entry = Report.Step(
                number: done.step.number, title: done.step.title,
                command: done.step.commandLine, result: done.mark.word, why: done.mark.why,
                destructive: done.step.destructive != nil)
            if let note = notes.first(where: { $0.number == done.step.number }) {
                entry.seconds = note.seconds
                if case .exited(let code, let output) = note.ending {
                    entry.exitCode = Int(code)
                    // A host's words may be among them, and JSON lets C1 controls through.
                    entry.output =
                        output.split(separator: "\n", omittingEmptySubsequences: false)
                        .map { DisplayText.printable(String($0)) }.joined(separator: "\n")
                }
            }
            report.steps.append(entry)
        }
        return report
    }
}

extension RunbookRun.Mark {
    /// The mark in one word.
    var word: String {
        switch self {
        case .passed: "passed"
        case .failed: "failed"
        case .skipped: "skipped"
        }
    }

    /// Why it is not passed.
    var why: String? {
        switch self {
        case .passed: nil
        case .failed(let why), .skipped(let why): why
        }
    }
}
