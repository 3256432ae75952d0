import CLibSSH
import Glibc
import RemoteOps

/// The loop of a connected session: waits in poll(2) for its socket, its bridges and the door,
/// lets libssh handle what came, and moves every operation on. Confined to the session's thread.
final class SessionLoop {
    /// Commands under way at once; further ones wait here. sshd allows 10 sessions a connection
    /// (MaxSessions) and counts one until some time after its close, so half of them are used.
    static let execLimit = 5
    /// Parts of the liveness deadline after which a silent host is asked for a sign of life.
    static let keepaliveParts = 3

    private let session: SSHSession
    private let thread: SessionThread
    private let event: ssh_event
    private var operations: [(id: UInt64, operation: any Operation)] = []
    private var waiting: [(id: UInt64, request: ExecOperation.Request)] = []
    /// libssh counts here what comes in, whichever of its calls reads it: ssh_send_keepalive too
    /// reads, and takes an answer that is quick enough.
    private let traffic: UnsafeMutablePointer<ssh_counter_struct>
    private var bytesHeard: UInt64 = 0
    private var lastHeard = Deadline.now
    private var askedAt: Deadline?

    init?(_ session: SSHSession, thread: SessionThread) {
        guard let event = ssh_event_new() else { return nil }
        guard ssh_event_add_session(event, session.handle) == SSH_OK else {
            ssh_event_free(event)
            return nil
        }
        self.session = session
        self.thread = thread
        self.event = event
        traffic = .allocate(capacity: 1)
        traffic.initialize(to: ssh_counter_struct())
        ssh_set_counters(session.handle, traffic, nil)
    }

    deinit {
        ssh_set_counters(session.handle, nil, nil)
        traffic.deinitialize(count: 1)
        traffic.deallocate()
        _ = ssh_event_remove_session(event, session.handle)
        ssh_event_free(event)
    }

    /// Serves until the session is told to stop or its link is lost.
    func run() {
        var end: SessionEnd?
        while end == nil {
            for job in thread.takeJobs() { job(self) }
            startWaiting()
            for (_, operation) in operations { operation.advance() }
            operations.removeAll { $0.operation.isOver }
            if thread.mustStop {
                end = SessionEnd(code: .cancelled, detail: "the session was closed")
            } else {
                end = lostLink() ?? wait() ?? lostLink() ?? silence()
            }
        }
        guard let end else { return }
        for job in thread.close(end) { job(self) }
        for (_, request) in waiting {
            request.finish(.failure(session.hop.error(end.code, detail: end.detail)))
        }
        for (_, operation) in operations { operation.fail(end) }
        operations = []
    }

    // MARK: Waiting

    /// Waits for something to do, and lets libssh handle what came on its socket.
    private func wait() -> SessionEnd? {
        let number = ssh_get_fd(session.handle)
        var set = [
            pollfd(fd: thread.wake.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: number, events: session.wantedEvents, revents: 0),
        ]
        set += operations.compactMap(\.operation.interest)
        let count = poll(&set, nfds_t(set.count), nextDeadline?.pollMilliseconds ?? -1)
        if count < 0 {
            let code = errno
            guard code == EINTR else {
                return SessionEnd(code: .connectionLost, detail: "poll: \(errnoText(code))")
            }
            return nil
        }
        if set[0].revents != 0 { thread.wake.clear() }
        if set[1].revents != 0, ssh_event_dopoll(event, 0) == SSH_ERROR, !session.isDead {
            return SessionEnd(code: .connectionLost, detail: session.errorText)
        }
        return nil
    }

    private func lostLink() -> SessionEnd? {
        guard session.isDead else { return nil }
        let words = session.errorText
        return SessionEnd(
            code: .connectionLost, detail: words.isEmpty ? "the server hung up" : words)
    }

    private var nextDeadline: Deadline? {
        var times = operations.compactMap(\.operation.deadline) + waiting.map(\.request.deadline)
        if isOwedAnAnswer { times.append(nextLivenessCheck) }
        return times.min()
    }

    // MARK: Liveness

    private var isOwedAnAnswer: Bool {
        operations.contains { entry in
            (entry.operation as? StreamOperation)?.isAwaited ?? true
        }
    }

    /// Counts the host as alive where anything came since the last look.
    private func listen() {
        guard traffic.pointee.in_bytes != bytesHeard else { return }
        bytesHeard = traffic.pointee.in_bytes
        heard()
    }

    private func heard() {
        lastHeard = .now
        askedAt = nil
    }

    private var keepaliveInterval: Duration {
        session.settings.livenessDeadline / Self.keepaliveParts
    }

    private var nextLivenessCheck: Deadline {
        guard let askedAt else { return lastHeard + keepaliveInterval }
        return askedAt + (session.settings.livenessDeadline - keepaliveInterval)
    }

    /// Asks a host that owes an answer and says nothing for a sign of life; where it does not
    /// even answer that in time, the session is over. ssh_send_keepalive itself always says OK.
    private func silence() -> SessionEnd? {
        listen()
        guard isOwedAnAnswer, nextLivenessCheck.hasPassed else { return nil }
        guard askedAt == nil else {
            return SessionEnd(
                code: .silent, detail: "nothing heard for \(session.settings.livenessDeadline)")
        }
        askedAt = .now
        // The first call may only collect the answer to an earlier request; the second then asks.
        // Where the first has asked, the second finds that pending and sends nothing.
        _ = ssh_send_keepalive(session.handle)
        _ = ssh_send_keepalive(session.handle)
        listen()
        return nil
    }

    // MARK: Requests

    /// Something new begins: silence is counted from here if nothing was owed before.
    private func begin() {
        guard !isOwedAnAnswer else { return }
        heard()
    }

    private func startWaiting() {
        while let next = waiting.first,
            operations.count(where: { $0.operation is ExecOperation }) < Self.execLimit
        {
            waiting.removeFirst()
            begin()
            operations.append(
                (
                    next.id,
                    ExecOperation(next.request, id: next.id, session: session, thread: thread)
                ))
        }
        waiting.removeAll { entry in
            let request = entry.request
            guard request.ticket.isCancelled || request.deadline.hasPassed else { return false }
            let code: RemoteError.Code = request.ticket.isCancelled ? .cancelled : .commandTimedOut
            request.finish(
                .failure(session.hop.error(code, detail: "before the command was started")))
            return true
        }
    }

    func execute(_ request: ExecOperation.Request, id: UInt64) { waiting.append((id, request)) }

    func bridge(_ request: BridgeOperation.Request, id: UInt64) {
        begin()
        guard let operation = BridgeOperation(request, session: session) else {
            request.finish(.failure(request.hop.error(.channelRefused, detail: "out of memory")))
            return
        }
        operations.append((id, operation))
    }

    func stream(
        to host: String, port: Int, id: UInt64, ticket: Ticket, deadline: Deadline,
        opened: @escaping StreamOperation.Opened
    ) {
        begin()
        guard
            let operation = StreamOperation(
                host: host, port: port, id: id, ticket: ticket, deadline: deadline,
                session: session, opened: opened)
        else {
            opened(.failure(session.hop.error(.channelRefused, detail: "out of memory")))
            return
        }
        operations.append((id, operation))
    }

    /// The open stream of that number.
    func openStream(_ id: UInt64) -> StreamOperation? {
        begin()
        return operations.first { $0.id == id }?.operation as? StreamOperation
    }

    private func command(_ id: UInt64) -> ExecOperation? {
        operations.first { $0.id == id }?.operation as? ExecOperation
    }

    func deliver(_ chunk: [UInt8]?, to id: UInt64) { command(id)?.deliver(chunk) }
    func inputFailed(_ detail: String, of id: UInt64) { command(id)?.inputFailed(detail) }
    func givePassword(_ text: String, to id: UInt64) { command(id)?.givePassword(text) }
    func passwordUnavailable(_ detail: String, for id: UInt64) {
        command(id)?.passwordUnavailable(detail)
    }

    /// The error of a stream that is gone.
    func streamGone() -> RemoteError {
        session.hop.error(.connectionLost, detail: "the stream was closed")
    }
}
