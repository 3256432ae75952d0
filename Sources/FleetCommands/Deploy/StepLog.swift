import DeployPlan
import RemoteOps
import Synchronization

/// Follows the apply script's output line by line.
final class StepLog: Sendable {
    /// The first step that failed.
    struct Failure: Sendable {
        var step: String
        var reason: String
    }

    /// A line longer than this is cut: the host is not trusted.
    static let lineMax = 16 * 1024

    private struct State {
        var line: [UInt8] = []
        var failure: Failure?
        var undoFailures: [String] = []
        var lockHolder: String?
        var isStaged = false
        var hasBegun = false
        var isSwitched = false
        var refusal: String?
    }

    private let steps: [Step]
    private let undo: [Step]
    private let report: @Sendable (HostDeploy.Progress) -> Void
    private let state = Mutex(State())

    init(
        steps: [Step], undo: [Step], report: @escaping @Sendable (HostDeploy.Progress) -> Void
    ) {
        self.steps = steps
        self.undo = undo
        self.report = report
    }

    var failure: Failure? { state.withLock { $0.failure } }
    var undoFailures: [String] { state.withLock { $0.undoFailures } }
    var lockHolder: String? { state.withLock { $0.lockHolder } }
    /// Why the host began nothing.
    var refusal: String? { state.withLock { $0.refusal } }
    /// Whether the host began the steps.
    var hasBegun: Bool { state.withLock { $0.hasBegun } }
    /// Whether all steps are done and the host waits for the confirmation.
    var isSwitched: Bool { state.withLock { $0.isSwitched } }
    /// Whether the releases are in place.
    var isStaged: Bool { state.withLock { $0.isStaged } }

    /// The next bytes of the script's standard output.
    func take(_ bytes: [UInt8]) {
        for byte in bytes {
            let line: String? = state.withLock {
                state in
                if byte == UInt8(ascii: "\n") {
                    defer { state.line = [] }
                    return String(decoding: state.line, as: UTF8.self)
                }
                if state.line.count < Self.lineMax { state.line.append(byte) }
                return nil
            }
            if let line { handle(line) }
        }
    }

    private func handle(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 3).map(String.init)
        if line == "staged" { state.withLock { $0.isStaged = true } }
        if words.first == "locked" {
            let holder = words.dropFirst().joined(separator: " ")
            state.withLock { $0.lockHolder = holder }
        }
        if words.first == "switched" { state.withLock { $0.isSwitched = true } }
        if words.first == "refused" {
            let reason = words.dropFirst().joined(separator: " ").printable
            state.withLock { $0.refusal = reason }
        }
        guard words.count >= 3, let number = Int(words[1]) else { return }
        // The script writes line ends inside a reason as the record separator.
        let reason = words.count > 3 ? words[3].replacing("\u{1E}", with: "\n").printable : ""
        switch (words[0], words[2]) {
        case ("steps", "begin"):
            state.withLock { $0.hasBegun = true }
            if let step = step(number, in: steps) {
                report(.step(number: number, of: steps.count, text: step.text))
            }
        case ("steps", "failed"):
            let text = step(number, in: steps)?.text ?? "carry out step \(number)"
            state.withLock {
                $0.failure = $0.failure ?? Failure(step: text, reason: reason)
            }
        case ("undo", "begin"):
            if let step = step(number, in: undo) { report(.undoing(step.text)) }
        case ("undo", "failed"):
            let text = step(number, in: undo)?.text ?? "undo step \(number)"
            state.withLock { $0.undoFailures.append("could not \(text): \(reason)") }
        default: break
        }
    }

    private func step(_ number: Int, in steps: [Step]) -> Step? {
        steps.indices.contains(number - 1) ? steps[number - 1] : nil
    }
}
