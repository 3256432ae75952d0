// Traits of tests that need hosts: whether they run, and what may run beside them.
//
//     @Suite(.lab, .sharesLab) struct TransportTests { … }     // uses hosts as they are
//     @Suite(.lab, .faultsLab) struct OutageTests { … }        // cuts, freezes, reboots them
//
// Tests that share run side by side; a test with faults runs while no other test has the hosts.
// Give one of the two to the suite or to the test, never to both: the inner one would wait for ever.

import Testing

extension Trait where Self == ConditionTrait {
    /// Runs where there is a lab; shown as skipped, with the reason, where there is none.
    public static var lab: Self { .enabled(if: Lab.isUp, Lab.absence) }
}

extension Trait where Self == LabUse {
    /// Uses the hosts beside other tests and leaves them as they are for those.
    public static var sharesLab: Self { LabUse(.shared) }
    /// Has the hosts for itself, and leaves them up and whole.
    public static var faultsLab: Self { LabUse(.exclusive) }
}

/// Holds the hosts while a test runs.
public struct LabUse: TestTrait, SuiteTrait, TestScoping {
    private let mode: LabGate.Mode

    /// Each test of a suite asks for itself, so that suites do not lock each other out for long.
    public var isRecursive: Bool { true }

    init(_ mode: LabGate.Mode) { self.mode = mode }

    /// Runs one test between entering and leaving the gate.
    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard !test.isSuite else {
            try await function()
            return
        }
        await LabGate.shared.enter(mode)
        do {
            try await function()
        } catch {
            await LabGate.shared.leave(mode)
            throw error
        }
        await LabGate.shared.leave(mode)
    }
}

/// Many that share or one alone, first come first served.
actor LabGate {
    enum Mode { case shared, exclusive }

    static let shared = LabGate()

    private var sharing = 0
    private var isTaken = false
    private var queue: [(mode: Mode, turn: CheckedContinuation<Void, Never>)] = []

    func enter(_ mode: Mode) async {
        if queue.isEmpty, admits(mode) {
            admit(mode)
            return
        }
        await withCheckedContinuation { queue.append((mode, $0)) }
    }

    func leave(_ mode: Mode) {
        switch mode {
        case .shared: sharing -= 1
        case .exclusive: isTaken = false
        }
        while let next = queue.first, admits(next.mode) {
            queue.removeFirst()
            admit(next.mode)
            next.turn.resume()
        }
    }

    private func admits(_ mode: Mode) -> Bool {
        switch mode {
        case .shared: !isTaken
        case .exclusive: !isTaken && sharing == 0
        }
    }

    private func admit(_ mode: Mode) {
        switch mode {
        case .shared: sharing += 1
        case .exclusive: isTaken = true
        }
    }
}
