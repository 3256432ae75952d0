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

    /// The gate that the host found closed.
    struct ClosedGate: Sendable {
        var service: String
        var reason: String
    }

    /// A line longer than this is cut: the host is not trusted.
    static let lineMax = 16 * 1024
    /// A time longer than an hour, in milliseconds, was not measured here.
    static let gapMax = 3_600_000
    /// More gaps than services are a host's invention.
    static let gapsMax = 64

    private struct State {
        var line: [UInt8] = []
        var failure: Failure?
        var undoFailures: [String] = []
        var lockHolder: String?
        var isStaged = false
        var hasBegun = false
        var isSwitched = false
        var refusal: String?
        var closedGate: ClosedGate?
        var gaps: [UncontrolledTime] = []
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
    /// Why nothing was begun, or why nothing was undone.
    var closedGate: ClosedGate? { state.withLock { $0.closedGate } }
    /// How long nobody controlled what the restarted services control.
    var gaps: [UncontrolledTime] { state.withLock { $0.gaps } }
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
        if words.count >= 3 { handleGate(words) }
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

    private func handleGate(_ words: [String]) {
        let rest = words.count > 3 ? words[3].printable : ""
        switch (words[0], words[1]) {
        case ("gate", "closed"):
            state.withLock { $0.closedGate = ClosedGate(service: words[2].printable, reason: rest) }
        case ("gate", "forced"):
            report(.note("\(words[2].printable) is restarted although its gate is closed: \(rest)"))
        case ("gap", let service):
            guard let milliseconds = Int(words[2]), (0...Self.gapMax).contains(milliseconds),
                state.withLock({ $0.gaps.count }) < Self.gapsMax
            else { return }
            let gap = UncontrolledTime(
                service: service.printable, duration: .milliseconds(milliseconds))
            state.withLock { $0.gaps.append(gap) }
            report(.note(gap.text))
        default: break
        }
    }

    private func step(_ number: Int, in steps: [Step]) -> Step? {
        steps.indices.contains(number - 1) ? steps[number - 1] : nil
    }
}
