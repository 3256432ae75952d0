import Foundation
import Glibc
import Synchronization

/// Turns Ctrl-C (SIGINT) into the end of one piece of work, so that a verb can say what goes on
/// without it. Only the first one: the second ends fleetctl at once.
enum Interruption {
    /// How the work ended.
    enum Ending<Value: Sendable>: Sendable {
        /// By itself.
        case finished(Value)
        /// The signal came first; what the work returned after its cancellation.
        case interrupted(Value)
    }

    /// The writing end of the pair that the handler writes to; -1 while nobody listens.
    private static let bell = Atomic<Int32>(-1)

    /// Runs the work as a task of its own, which the signal cancels.
    static func watching<Value: Sendable>(
        _ work: @escaping @Sendable () async -> Value
    ) async -> Ending<Value> {
        let task = Task { await work() }
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            return .finished(await task.value)
        }
        let (listening, ringing) = (ends[0], ends[1])
        bell.store(ringing, ordering: .sequentiallyConsistent)
        listen()
        let rung = Rung()
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while read(listening, &byte, 1) < 0, errno == EINTR {}
            // Without a byte the work has ended.
            if byte != 0 {
                rung.set()
                task.cancel()
            }
            close(listening)
        }
        let value = await task.value
        bell.store(-1, ordering: .sequentiallyConsistent)
        signal(SIGINT, SIG_DFL)
        // The listener sees the end of the stream.
        close(ringing)
        return rung.isSet ? .interrupted(value) : .finished(value)
    }

    private static func listen() {
        var action = sigaction()
        action.sa_flags = SA_RESTART | Int32(bitPattern: UInt32(SA_RESETHAND))
        action.__sigaction_handler.sa_handler = { _ in
            // write(2) and lock-free atomics are all that a handler may use (signal-safety(7)).
            var byte: UInt8 = 1
            let bell = Interruption.bell.load(ordering: .sequentiallyConsistent)
            if bell >= 0 { _ = write(bell, &byte, 1) }
        }
        sigaction(SIGINT, &action, nil)
    }

    private final class Rung: Sendable {
        private let flag = Atomic(false)
        var isSet: Bool { flag.load(ordering: .sequentiallyConsistent) }
        func set() { flag.store(true, ordering: .sequentiallyConsistent) }
    }
}
