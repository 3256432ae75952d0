/// A run of a runbook: which step is next, what became of the others, what follows from it.
///
/// It runs nothing itself: whoever does tells it how each step ended.
public struct RunbookRun: Sendable, Equatable {
    /// What became of a step.
    public enum Mark: Sendable, Equatable {
        /// Every expectation was met.
        case passed
        /// One was not; which.
        case failed(String)
        /// It was not carried out; why.
        case skipped(String)
    }

    /// How a step's command ended.
    public enum Ending: Sendable, Equatable {
        /// With this exit code, having printed this on both of its outputs.
        case exited(Int32, output: String)
        /// Without one: it took too long, a signal ended it, it could not be started.
        case none(String)
    }

    /// A step that has its mark.
    public struct Done: Sendable, Equatable {
        /// The step, its variables replaced.
        public var step: RunbookStep
        /// What became of it.
        public var mark: Mark
    }

    /// What the whole run comes to.
    public struct Conclusion: Sendable, Equatable {
        /// Whether any step failed.
        public var hasFailed: Bool
        /// Whether any step was left out, so that less is known than the runbook can tell.
        public var hasSkipped: Bool
        /// What it means.
        public var text: String
        /// The runbook to go on with, where one is named.
        public var next: NextRunbook?
    }

    private let runbook: Runbook
    private let values: [String: String]
    /// The steps that have their marks, in order.
    public private(set) var done: [Done] = []

    /// A run that has not begun.
    public init(_ runbook: Runbook, values: [String: String]) {
        self.runbook = runbook
        self.values = values
    }

    /// The step to carry out or to leave out now; nil where there is none left. Steps behind a
    /// failure that ends the run are left out here.
    public mutating func next() -> RunbookStep? {
        if let failed = ending {
            for step in runbook.steps.dropFirst(done.count) {
                _ = mark(step.filled(values), .skipped("step \(failed) failed"))
            }
        }
        return done.count < runbook.steps.count
            ? runbook.steps[done.count].filled(values) : nil
    }

    /// Marks the step that `next` gave by how its command ended.
    @discardableResult
    public mutating func record(_ step: RunbookStep, _ ending: Ending) -> Mark {
        mark(step, Self.judge(step, ending))
    }

    /// Leaves out the step that `next` gave.
    @discardableResult
    public mutating func skip(_ step: RunbookStep, because reason: String) -> Mark {
        mark(step, .skipped(reason))
    }

    /// What the run comes to, once there is no next step.
    public var conclusion: Conclusion {
        let skipped = done.contains { if case .skipped = $0.mark { true } else { false } }
        let failed = done.filter { Self.isFailed($0.mark) }
        guard !failed.isEmpty else {
            let left = skipped ? "Nothing failed, but not every step was carried out. " : ""
            return Conclusion(
                hasFailed: false, hasSkipped: skipped, text: left + runbook.conclusion, next: nil)
        }
        let means = failed.map { done in
            "Step \(done.step.number) failed" + (done.step.onFailure.map { ": \($0)" } ?? ".")
        }
        return Conclusion(
            hasFailed: true, hasSkipped: skipped, text: means.joined(separator: " "),
            next: failed.lazy.compactMap(\.step.next).first)
    }

    /// The number of the failed step behind which nothing is done.
    private var ending: Int? {
        done.first { Self.isFailed($0.mark) && $0.step.afterFailure == .stop }?.step.number
    }

    private static func isFailed(_ mark: Mark) -> Bool {
        if case .failed = mark { true } else { false }
    }

    private mutating func mark(_ step: RunbookStep, _ mark: Mark) -> Mark {
        precondition(step.number == done.count + 1, "steps get their marks in order")
        done.append(Done(step: step, mark: mark))
        return mark
    }

    private static func judge(_ step: RunbookStep, _ ending: Ending) -> Mark {
        switch ending {
        case .none(let reason): return .failed(reason)
        case .exited(let code, let output):
            guard step.exits.contains(code) else {
                let expected = step.exits.sorted().map(String.init).joined(separator: " or ")
                return .failed("exit \(code), expected \(expected)")
            }
            for text in step.says where !output.contains(text) {
                return .failed("it did not say \"\(text)\"")
            }
            for text in step.neverSays where output.contains(text) {
                return .failed("it said \"\(text)\"")
            }
            return .passed
        }
    }
}
