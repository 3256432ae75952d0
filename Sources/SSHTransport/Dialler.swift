import Glibc
import RemoteOps

/// Turns a name into a connected TCP socket, within a deadline and stoppable at any time.
///
/// libssh would look up the name without a time limit and, when not blocking, try only the first
/// address; so the socket is made here and given to it.
struct Dialler {
    /// Pause before the next address is tried beside the ones under way (RFC 8305, 5).
    static let stagger: Duration = .milliseconds(250)
    /// Addresses of one name that are tried.
    static let addressLimit = 16

    var hop: Hop
    var ticket: Ticket
    var wake: Wake
    var deadline: Deadline

    /// A connected, non-blocking socket with TCP_NODELAY.
    func dial(_ name: String, port: Int) throws(RemoteError) -> Descriptor {
        let addresses = try resolve(name, port: port)
        return try connect(to: addresses, name: name, port: port)
    }

    // MARK: Name look-up

    private func resolve(_ name: String, port: Int) throws(RemoteError) -> [SocketAddress] {
        if case .found(let addresses) = SocketAddress.look(up: name, port: port, numericOnly: true)
        {
            return addresses
        }
        // getaddrinfo(3) cannot be interrupted: it has a thread of its own, which is left behind
        // when time is up and ends when the resolver gives up.
        let answer = Answer<SocketAddress.Lookup>(wake: wake)
        let hasStarted = startThread("dns \(hop.name)") {
            answer.give(SocketAddress.look(up: name, port: port, numericOnly: false))
        }
        guard hasStarted else { throw hop.error(.addressUnknown, detail: "no thread to ask DNS") }
        let lookup = try wait(for: answer, stage: "looking up \(name)")
        switch lookup {
        case .found(let addresses): return addresses
        case .failed(let reason): throw hop.error(.addressUnknown, detail: "\(name): \(reason)")
        }
    }

    /// Waits for a value from elsewhere, with this connection's deadline and cancellation.
    func wait<Value>(for answer: Answer<Value>, stage: String) throws(RemoteError) -> Value {
        while true {
            if let value = answer.take() { return value }
            var set = [pollfd(fd: wake.number, events: Int16(POLLIN), revents: 0)]
            try check(stage)
            _ = poll(&set, 1, deadline.pollMilliseconds)
            wake.clear()
        }
    }

    /// Throws where the connection was cancelled or is out of time.
    func check(_ stage: String) throws(RemoteError) {
        if ticket.isCancelled { throw hop.error(.cancelled, detail: stage) }
        if deadline.hasPassed { throw hop.error(.connectTimedOut, detail: stage) }
    }

    // MARK: TCP

    private func connect(
        to addresses: [SocketAddress], name: String, port: Int
    ) throws(RemoteError) -> Descriptor {
        var waiting = addresses.prefix(Self.addressLimit)[...]
        var under: [(address: SocketAddress, socket: Descriptor)] = []
        var failures: [String] = []
        var nextStart = Deadline.now
        let stage = "connecting to \(name) port \(port)"
        while true {
            if let address = waiting.first, nextStart.hasPassed || under.isEmpty {
                waiting.removeFirst()
                nextStart = .now + Self.stagger
                switch address.beginConnect() {
                case .success(let socket): under.append((address, socket))
                case .failure(let failure): failures.append("\(address): \(failure.text)")
                }
            }
            if waiting.isEmpty, under.isEmpty {
                throw hop.error(.unreachable, detail: failures.joined(separator: "; "))
            }
            if ticket.isCancelled { throw hop.error(.cancelled, detail: stage) }
            guard !deadline.hasPassed else {
                let tried = under.map { "\($0.address): no answer" } + failures
                throw hop.error(
                    .connectTimedOut, detail: stage + " (" + tried.joined(separator: "; ") + ")")
            }
            var set = under.map {
                pollfd(fd: $0.socket.number, events: Int16(POLLOUT), revents: 0)
            }
            set.append(pollfd(fd: wake.number, events: Int16(POLLIN), revents: 0))
            let limit = waiting.isEmpty ? deadline : min(deadline, nextStart)
            _ = poll(&set, nfds_t(set.count), limit.pollMilliseconds)
            if set[set.count - 1].revents != 0 { wake.clear() }
            for (index, entry) in under.enumerated().reversed() where set[index].revents != 0 {
                let code = entry.address.connectResult(of: entry.socket)
                if code == 0 { return entry.socket }
                failures.append("\(entry.address): \(errnoText(code))")
                under.remove(at: index)
                nextStart = .now
            }
        }
    }
}
