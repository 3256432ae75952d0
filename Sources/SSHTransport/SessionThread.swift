import RemoteOps
import Synchronization

/// The door to a session's thread: jobs go in from any thread, nothing of libssh comes out.
final class SessionThread: Sendable {
    typealias Job = @Sendable (SessionLoop) -> Void

    /// Jobs that may wait for the thread; more mean a caller without a limit of its own.
    static let jobLimit = 10_000

    private struct Mailbox {
        var jobs: [Job] = []
        var end: SessionEnd?
        var mustStop = false
        var waitingForEnd: [@Sendable () -> Void] = []
        var hasEnded = false
    }

    private let mailbox = Mutex(Mailbox())
    private let counter = Atomic<UInt64>(0)
    let wake: Wake

    init?() {
        guard let wake = Wake() else { return nil }
        self.wake = wake
    }

    /// A number for a new operation.
    func nextID() -> UInt64 { counter.add(1, ordering: .relaxed).newValue }

    /// Hands a job to the thread. Where the session has ended, nothing happens and the reason is
    /// returned.
    @discardableResult
    func post(_ job: @escaping Job) -> SessionEnd? {
        let end: SessionEnd? = mailbox.withLock {
            if let end = $0.end { return end }
            guard $0.jobs.count < Self.jobLimit else {
                return SessionEnd(code: .channelRefused, detail: "too many requests at once")
            }
            $0.jobs.append(job)
            return nil
        }
        if end == nil { wake.signal() }
        return end
    }

    /// The jobs that came in since the last call; on the session's thread.
    func takeJobs() -> [Job] {
        mailbox.withLock { box in
            defer { box.jobs = [] }
            return box.jobs
        }
    }

    /// True once the session is to end; on the session's thread.
    var mustStop: Bool { mailbox.withLock { $0.mustStop } }

    /// Asks the session to end.
    func stop() {
        mailbox.withLock { $0.mustStop = true }
        wake.signal()
    }

    /// Refuses jobs from now on, with this reason, and hands out those that came in before.
    func close(_ end: SessionEnd) -> [Job] {
        mailbox.withLock { box in
            if box.end == nil { box.end = end }
            defer { box.jobs = [] }
            return box.jobs
        }
    }

    /// The thread's last act: those who wait for its end may go on.
    func reportEnd() {
        let waiting = mailbox.withLock { box in
            box.hasEnded = true
            defer { box.waitingForEnd = [] }
            return box.waitingForEnd
        }
        for finish in waiting { finish() }
    }

    /// Calls `finish` once the thread has ended, at once where it has.
    func whenEnded(_ finish: @escaping @Sendable () -> Void) {
        let hasEnded = mailbox.withLock {
            if !$0.hasEnded { $0.waitingForEnd.append(finish) }
            return $0.hasEnded
        }
        if hasEnded { finish() }
    }
}
