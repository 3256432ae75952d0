import Glibc
import RemoteOps

/// A direct-tcpip channel joined to one end of a socket pair: the way that another session takes
/// through this one. Confined to the session's thread.
///
/// Nothing is kept here but one chunk a direction: towards the channel only what its window
/// takes is read from the socket; towards the socket what does not fit stays in libssh's buffer,
/// which the window bounds.
final class BridgeOperation: Operation {
    typealias Finish = @Sendable (Result<Descriptor, RemoteError>) -> Void

    /// What the other session asks for.
    struct Request: Sendable {
        var host: String
        var port: Int
        /// The host that is meant, for errors.
        var hop: Hop
        var ticket: Ticket
        var deadline: Deadline
        var finish: Finish
    }

    private enum Phase {
        case opening
        case joined(Descriptor)
        case abandoned
        case over
    }

    private let session: SSHSession
    private let request: Request
    private let channel: Channel
    private var phase = Phase.opening
    /// Bytes for the socket that did not fit.
    private var pending: [UInt8] = []
    /// Bytes for the channel that it did not take.
    private var outbound: [UInt8] = []
    private var hasLocalEOF = false
    private var hasPassedEOF = false
    private var isBroken = false

    init?(_ request: Request, session: SSHSession) {
        guard let channel = Channel(.forward(host: request.host, port: request.port), on: session)
        else { return nil }
        self.request = request
        self.session = session
        self.channel = channel
        channel.receive = { [unowned self] bytes, isError in
            isError ? bytes.count : take(bytes)
        }
    }

    var isOver: Bool { if case .over = phase { true } else { false } }

    var deadline: Deadline? { if case .opening = phase { request.deadline } else { nil } }

    var interest: pollfd? {
        guard case .joined(let socket) = phase else { return nil }
        var events: Int32 = 0
        if !hasLocalEOF, outbound.isEmpty, channel.writable > 0 { events |= POLLIN }
        if !pending.isEmpty || channel.unread > 0 { events |= POLLOUT }
        // poll(2) always reports POLLHUP, which would spin where nothing can be read yet.
        return events == 0 ? nil : pollfd(fd: socket.number, events: Int16(events), revents: 0)
    }

    func advance() {
        switch phase {
        case .opening: open()
        case .joined(let socket): pump(socket)
        case .abandoned:
            if case .waiting = channel.open(), !session.isDead { return }
            letGo()
        case .over: break
        }
    }

    private func open() {
        if request.ticket.isCancelled { return refuse(request.hop.error(.cancelled)) }
        if request.deadline.hasPassed {
            return refuse(request.hop.error(.connectTimedOut, detail: "opening the tunnel"))
        }
        switch channel.open() {
        case .waiting: break
        case .refused: if !session.isDead { refuse(TunnelRefusal.error(session, request.hop)) }
        case .done:
            guard let (ours, theirs) = Descriptor.pair() else {
                return refuse(request.hop.error(.channelRefused, detail: errnoText(errno)))
            }
            phase = .joined(ours)
            request.finish(.success(theirs))
        }
    }

    private func refuse(_ error: RemoteError) {
        request.finish(.failure(error))
        if case .waiting = channel.open(), !session.isDead {
            phase = .abandoned
        } else {
            letGo()
        }
    }

    // MARK: Pumping

    private func pump(_ socket: Descriptor) {
        drain(into: socket)
        forward(from: socket)
        let isDrained = pending.isEmpty && channel.unread == 0
        if channel.hasRemoteEOF, isDrained, !hasPassedEOF {
            hasPassedEOF = true
            _ = shutdown(socket.number, Int32(SHUT_WR))
        }
        if channel.isClosed && isDrained || channel.isOverrun || isBroken
            || hasLocalEOF && channel.hasRemoteEOF && isDrained
        {
            letGo()
        }
    }

    /// Called from inside libssh with all that is unread.
    private func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard case .joined(let socket) = phase, pending.isEmpty, !isBroken else { return 0 }
        return write(bytes, to: socket)
    }

    private func drain(into socket: Descriptor) {
        while !isBroken {
            if pending.isEmpty { pending = channel.readUnread(upTo: Channel.writeLimit) }
            guard !pending.isEmpty else { return }
            let written = pending.withUnsafeBytes { write($0, to: socket) }
            pending.removeFirst(written)
            guard written > 0 else { return }
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, to socket: Descriptor) -> Int {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        let count = send(socket.number, bytes.baseAddress, bytes.count, flags)
        if count >= 0 { return count }
        if errno != EAGAIN, errno != EINTR { isBroken = true }
        return 0
    }

    private func forward(from socket: Descriptor) {
        while !hasLocalEOF || !outbound.isEmpty {
            if outbound.isEmpty {
                let room = channel.writable
                guard room > 0 else { return }
                var bytes = [UInt8](repeating: 0, count: room)
                let count = recv(socket.number, &bytes, room, Int32(MSG_DONTWAIT))
                if count < 0 {
                    if errno != EAGAIN, errno != EINTR { isBroken = true }
                    return
                }
                guard count > 0 else {
                    hasLocalEOF = true
                    channel.sendEOF()
                    return
                }
                bytes.removeLast(room - count)
                outbound = bytes
            }
            guard let written = outbound.withUnsafeBytes({ channel.write($0) }) else {
                isBroken = true
                return
            }
            outbound.removeFirst(written)
            guard written > 0 else { return }
        }
    }

    private func letGo() {
        phase = .over
        channel.free()
    }

    func fail(_ end: SessionEnd) {
        if case .opening = phase {
            request.finish(
                .failure(
                    request.hop.error(
                        end.code, detail: "the session to \(session.hop.name): \(end.detail)")))
        }
        letGo()
    }
}

/// The server's reason for not opening a tunnel (RFC 4254, 5.1) as an error about the host behind.
enum TunnelRefusal {
    static func error(_ session: SSHSession, _ hop: Hop) -> RemoteError {
        let text = session.errorText
        let nameWords = ["not known", "resolve", "No address associated", "name resolution"]
        let code: RemoteError.Code =
            !text.contains("error (2)")
            ? .channelRefused
            : nameWords.contains(where: text.contains) ? .addressUnknown : .unreachable
        return hop.error(code, detail: "\(session.hop.name) says: \(text)")
    }
}
