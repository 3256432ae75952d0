import Glibc
import Synchronization

/// The caller's end of something under way on a session thread: it carries the wish to stop
/// across threads.
final class Ticket: Sendable {
    private let wake: Wake
    private let cancelled = Atomic<Bool>(false)
    private let agentSocket = Mutex<Descriptor?>(nil)

    init(wake: Wake) { self.wake = wake }

    /// True once `cancel` was called.
    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    /// Asks the session thread to stop this; from any thread, any number of times.
    func cancel() {
        cancelled.store(true, ordering: .releasing)
        cutAgent()
        wake.signal()
    }

    /// Keeps a duplicate of the agent's socket, on which libssh blocks, for `cutAgent`.
    func holdAgent(_ socket: Descriptor?) { agentSocket.withLock { $0 = socket } }

    /// Ends a conversation with the agent that libssh waits for without a time limit.
    func cutAgent() {
        agentSocket.withLock {
            if let socket = $0 { _ = shutdown(socket.number, Int32(SHUT_RDWR)) }
        }
    }
}

/// A value that another thread or task hands to a session thread, which waits for it in poll(2).
final class Answer<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let wake: Wake

    init(wake: Wake) { self.wake = wake }

    func give(_ value: Value) {
        self.value.withLock { $0 = value }
        wake.signal()
    }

    func take() -> Value? { value.withLock { $0 } }
}
