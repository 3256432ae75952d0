import ArtifactBuilder
import Foundation
import Inventory
import Runbook
import Synchronization

/// Carries out one step: fleetctl itself, as a process of its own, so that a step is just what a
/// person would have typed, and nothing that it does can end the run.
struct StepProcess: Sendable {
    /// Bytes of a step's output that are kept; what comes after is passed on and forgotten.
    static let outputLimit = 1 << 20

    /// This program.
    static func ownExecutable() -> String? {
        // The link of a program that was replaced while it ran leads nowhere.
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }

    let executable: String
    /// The inventory that the steps are for, as an absolute path.
    let inventory: String

    /// How the step's command ended, and what it printed. `hear` is called with each line.
    func run(
        _ step: RunbookStep, hear: @escaping @Sendable (String) -> Void
    ) async -> RunbookRun.Ending {
        let said = Said()
        let child = ChildProcess(
            executable: executable, arguments: GateOptions.spelledOut(step.arguments),
            environment: ["FLEETCTL_INVENTORY": inventory],
            folder: FileManager.default.currentDirectoryPath, limit: step.limit)
        do throws(ChildProcess.Failure) {
            let outcome = try await child.run(.heard) { line in
                said.add(line)
                hear(line)
            }
            guard let code = outcome.exitCode else { return .none("ended by \(outcome.status)") }
            return .exited(code, output: said.text)
        } catch {
            switch error {
            case .timedOut: return .none("it took longer than \(DurationText.format(step.limit))")
            case .cancelled: return .none("interrupted")
            case .notRun(let reason): return .none("it could not be started: \(reason)")
            }
        }
    }

    /// What was heard so far, up to the limit.
    private final class Said: Sendable {
        private let heard = Mutex("")

        var text: String { heard.withLock { $0 } }

        func add(_ line: String) {
            heard.withLock { heard in
                guard heard.utf8.count + line.utf8.count < StepProcess.outputLimit else { return }
                heard += line + "\n"
            }
        }
    }
}
