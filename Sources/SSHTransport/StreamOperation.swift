import Glibc
import RemoteOps

/// A direct-tcpip channel for a caller that reads and writes by itself. Confined to the session's
/// thread.
final class StreamOperation: Operation {
    typealias Opened = @Sendable (Result<UInt64, RemoteError>) -> Void
    typealias Read = @Sendable (Result<[UInt8], RemoteError>) -> Void
    typealias Written = @Sendable (Result<Void, RemoteError>) -> Void

    /// One read or write that waits.
    private struct Waiting<Finish> {
        var ticket: Ticket
        var deadline: Deadline
        var finish: Finish
        var count = 0
        var bytes: [UInt8] = []
        var offset = 0
    }

    private enum Phase { case opening, open, abandoned, over }

    private let session: SSHSession
    private let id: UInt64
    private let ticket: Ticket
    private let openDeadline: Deadline
    private let opened: Opened
    private let channel: Channel
    private var phase = Phase.opening
    private var reads: [Waiting<Read>] = []
    private var writes: [Waiting<Written>] = []

    init?(
        host: String, port: Int, id: UInt64, ticket: Ticket, deadline: Deadline,
        session: SSHSession, opened: @escaping Opened
    ) {
        guard let channel = Channel(.forward(host: host, port: port), on: session) else {
            return nil
        }
        self.session = session
        self.id = id
        self.ticket = ticket
        openDeadline = deadline
        self.opened = opened
        self.channel = channel
        channel.receive = { bytes, isError in isError ? bytes.count : 0 }
    }

    var isOver: Bool { phase == .over }
    var interest: pollfd? { nil }

    var deadline: Deadline? {
        switch phase {
        case .opening: openDeadline
        case .open: (reads.map(\.deadline) + writes.map(\.deadline)).min()
        case .abandoned, .over: nil
        }
    }

    /// True while somebody waits for the host.
    var isAwaited: Bool { phase != .open || !reads.isEmpty || !writes.isEmpty }

    func advance() {
        switch phase {
        case .opening: open()
        case .open: serve()
        case .abandoned:
            if case .waiting = channel.open(), !session.isDead { return }
            letGo()
        case .over: break
        }
    }

    private func open() {
        if ticket.isCancelled { return refuse(session.hop.error(.cancelled)) }
        if openDeadline.hasPassed {
            return refuse(
                session.hop.error(.connectTimedOut, detail: "opening a connection on the host"))
        }
        switch channel.open() {
        case .waiting: break
        case .refused:
            guard !session.isDead else { return }
            refuse(TunnelRefusal.error(session, session.hop))
        case .done:
            phase = .open
            opened(.success(id))
        }
    }

    private func refuse(_ error: RemoteError) {
        opened(.failure(error))
        if case .waiting = channel.open(), !session.isDead {
            phase = .abandoned
        } else {
            letGo()
        }
    }

    // MARK: Reads and writes

    func read(upTo count: Int, ticket: Ticket, deadline: Deadline, _ finish: @escaping Read) {
        reads.append(Waiting(ticket: ticket, deadline: deadline, finish: finish, count: count))
        advance()
    }

    func write(
        _ bytes: [UInt8], ticket: Ticket, deadline: Deadline, _ finish: @escaping Written
    ) {
        writes.append(Waiting(ticket: ticket, deadline: deadline, finish: finish, bytes: bytes))
        advance()
    }

    /// Ends the stream; what waits is answered.
    func close() {
        guard phase == .open else { return }
        end(SessionEnd(code: .connectionLost, detail: "the stream was closed"))
        letGo()
    }

    private func serve() {
        if channel.isOverrun {
            end(SessionEnd(code: .connectionLost, detail: "the host ignores flow control"))
            return letGo()
        }
        expire()
        while let read = reads.first {
            if channel.unread > 0 {
                reads.removeFirst()
                read.finish(.success(channel.readUnread(upTo: read.count)))
            } else if channel.hasRemoteEOF || channel.isClosed {
                reads.removeFirst()
                read.finish(.success([]))
            } else {
                break
            }
        }
        while let write = writes.first {
            let written = write.bytes[write.offset...].withUnsafeBytes { channel.write($0) }
            guard let written, !channel.isClosed else {
                writes.removeFirst()
                write.finish(.failure(lost("the other end has closed the connection")))
                continue
            }
            writes[0].offset += written
            guard writes[0].offset == write.bytes.count else { break }
            writes.removeFirst()
            write.finish(.success(()))
        }
    }

    /// Answers what was cancelled or is out of time.
    private func expire() {
        reads.removeAll { waiting in
            guard let error = overdue(waiting.ticket, waiting.deadline) else { return false }
            waiting.finish(.failure(error))
            return true
        }
        writes.removeAll { waiting in
            guard let error = overdue(waiting.ticket, waiting.deadline) else { return false }
            waiting.finish(.failure(error))
            return true
        }
    }

    private func overdue(_ ticket: Ticket, _ deadline: Deadline) -> RemoteError? {
        if ticket.isCancelled { return session.hop.error(.cancelled, effect: .mayHaveRun) }
        guard deadline.hasPassed else { return nil }
        return session.hop.error(
            .commandTimedOut, effect: .mayHaveRun, detail: "no answer on the stream in time")
    }

    private func lost(_ detail: String) -> RemoteError {
        session.hop.error(.connectionLost, effect: .mayHaveRun, detail: detail)
    }

    private func end(_ end: SessionEnd) {
        let error = session.hop.error(end.code, effect: .mayHaveRun, detail: end.detail)
        for read in reads { read.finish(.failure(error)) }
        for write in writes { write.finish(.failure(error)) }
        reads = []
        writes = []
    }

    private func letGo() {
        phase = .over
        channel.free()
    }

    func fail(_ end: SessionEnd) {
        if phase == .opening { opened(.failure(session.hop.error(end.code, detail: end.detail))) }
        self.end(end)
        letGo()
    }
}
