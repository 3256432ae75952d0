import GeneratorWire
import Synchronization

/// Follows a start or a stop to its end, over links that break: the sequence goes on in the server
/// meanwhile, so nothing but STATUS is asked.
struct SequenceFollow: Sendable {
    /// How it ended, as far as can be told.
    enum End: Sendable {
        /// As it should.
        case reached
        /// Otherwise: why.
        case failed(String)
        /// The server could not be asked any more: the failure, and where it was last seen.
        case lost(GeneratorClient.Failure, last: String?)
        /// It takes far longer than any sequence does; where it was last seen.
        case stuck(String)
        /// The task was cancelled; where it was last seen.
        case left(String?)
    }

    /// Between two looks.
    static let interval = Duration.seconds(1)
    /// Between two tries on a broken link.
    static let pause = Duration.seconds(2)
    /// Longest time without an answer.
    static let outageMax = Duration.seconds(300)
    /// Longest time in all: above the longest timings that gen-server takes.
    static let longest = Duration.seconds(90 * 60)

    let link: GeneratorLink
    let progress: SequenceProgress

    /// Looks until the judge has seen the end.
    func run(_ judge: SequenceJudge) async -> End {
        var judge = judge
        let begin = ContinuousClock.now
        var heard = begin
        var last: String?
        while true {
            let now = ContinuousClock.now
            do throws(GeneratorClient.Failure) {
                let status = try await link.status()
                heard = .now
                switch judge.judge(status, after: heard - begin) {
                case .reached: return .reached
                case .failed(let reason): return .failed(reason)
                case .goesOn(let phase):
                    progress.show(phase)
                    last = phase.line
                }
                if heard - begin > Self.longest { return .stuck(last ?? "") }
                guard await Self.pauses(for: Self.interval - (.now - now)) else {
                    return .left(last)
                }
            } catch {
                if error.isCancelled || Task.isCancelled { return .left(last) }
                if error.exit == .notPermitted || .now - heard > Self.outageMax {
                    return .lost(error, last: last)
                }
                progress.outage(error)
                await link.mend(error)
                guard await Self.pauses(for: Self.pause) else { return .left(last) }
            }
        }
    }

    /// Waits; false where the task is cancelled meanwhile.
    static func pauses(for time: Duration) async -> Bool {
        do {
            try await Task.sleep(for: max(.zero, time))
            return true
        } catch {
            return false
        }
    }
}

/// Shows how a sequence goes: one line redrawn on a terminal, else a line a phase.
final class SequenceProgress: Sendable {
    private let host: String
    private let console: Console
    private let shown = Mutex<Shown>(Shown())

    private struct Shown {
        var words: String?
        var isBroken = false
    }

    init(_ host: String, _ console: Console) {
        self.host = host
        self.console = console
    }

    /// Where it is now.
    func show(_ phase: SequenceJudge.Phase) {
        let isNew = shown.withLock { shown in
            defer { shown = Shown(words: phase.words) }
            return shown.words != phase.words || shown.isBroken
        }
        if console.isStyled {
            console.redraw("\(host): \(phase.line)")
        } else if isNew {
            console.say("\(host): \(phase.line)")
        }
    }

    /// The server cannot be asked; said once an outage.
    func outage(_ failure: GeneratorClient.Failure) {
        let isNew = shown.withLock { shown in
            defer { shown.isBroken = true }
            return !shown.isBroken
        }
        guard isNew else { return }
        clear()
        console.complain(
            "\(host): no answer (\(failure.summary.printable)); the server goes on by itself; "
                + "trying again")
    }

    /// Leaves the line to whatever comes next.
    func clear() { console.redraw("") }
}
