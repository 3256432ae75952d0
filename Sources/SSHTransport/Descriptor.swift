import CLibSSH
import Glibc

/// File descriptors and polling: the system calls that the session threads stand on.

/// An owned file descriptor, closed when the last reference goes.
final class Descriptor: Sendable {
    let number: Int32

    init(owning number: Int32) { self.number = number }
    deinit { _ = Glibc.close(number) }

    /// The number, now the caller's to close: a duplicate, since this one closes with its owner.
    func duplicate() -> Int32? {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
        return copy < 0 ? nil : copy
    }

    /// Two connected, non-blocking Unix stream sockets.
    static func pair() -> (Descriptor, Descriptor)? {
        var ends: [Int32] = [-1, -1]
        let kind = stream_socket_nonblocking
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return nil }
        return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
    }
}

/// Sets O_NONBLOCK, which libssh clears once its socket is connected.
func setNonblocking(_ number: Int32) {
    let flags = fcntl(number, F_GETFL)
    if flags >= 0, flags & O_NONBLOCK == 0 { _ = fcntl(number, F_SETFL, flags | O_NONBLOCK) }
}

/// Wakes a thread that waits in poll(2): an eventfd.
final class Wake: Sendable {
    private let event: Descriptor

    init?() {
        let number = eventfd_nonblocking()
        guard number >= 0 else { return nil }
        event = Descriptor(owning: number)
    }

    var number: Int32 { event.number }

    /// Makes the descriptor readable; from any thread.
    func signal() {
        // EAGAIN means that it is readable already, which is all that is wanted.
        _ = eventfd_write(event.number, 1)
    }

    /// Makes it unreadable again; on the waiting thread.
    func clear() {
        var count: eventfd_t = 0
        _ = eventfd_read(event.number, &count)
    }
}

/// A point in time that a wait may not pass.
typealias Deadline = ContinuousClock.Instant

extension Deadline {
    /// Whole milliseconds from now, at least 0, rounded up; what poll(2) takes.
    var pollMilliseconds: Int32 {
        let left = self - .now
        guard left > .zero else { return 0 }
        let (seconds, attoseconds) = left.components
        guard seconds < 86_400 else { return 86_400_000 }
        return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    /// True once it is reached.
    var hasPassed: Bool { self <= .now }
}

/// Text for an errno.
func errnoText(_ number: Int32) -> String { String(cString: strerror(number)) }

/// Runs `body` on a thread of its own, detached. SIGPIPE is blocked there: a write to a closed
/// socket answers EPIPE and is handled as an error.
func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
    final class Box: Sendable {
        let name: String
        let body: @Sendable () -> Void
        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
    let box = Unmanaged.passRetained(Box(String(name.prefix(15)), body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let code = pthread_create(
        &thread, &attributes,
        { argument in
            guard let argument else { return nil }
            let box = Unmanaged<Box>.fromOpaque(argument).takeRetainedValue()
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, SIGPIPE)
            pthread_sigmask(SIG_BLOCK, &signals, nil)
            pthread_setname_np(pthread_self(), box.name)
            box.body()
            return nil
        }, box.toOpaque())
    guard code == 0 else {
        box.release()
        return false
    }
    return true
}
