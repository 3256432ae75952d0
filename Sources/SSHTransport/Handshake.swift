import CLibSSH
import Glibc
import RemoteOps

/// From a connected socket to an encrypted one: banner and key exchange.
extension SSHSession {
    /// Runs banner and key exchange over `socket`, which libssh owns from now on.
    ///
    /// The banners (RFC 4253 section 4.2) pass through this code and not straight into libssh,
    /// which swallows a stranger's greeting unseen, and which loses the reason of a failed key
    /// exchange where the server's lists come in one read with its banner.
    func handshake(over socket: Descriptor, _ dialler: Dialler) throws(RemoteError) {
        guard let (near, far) = Descriptor.pair(), var number = near.duplicate() else {
            throw hop.error(.connectionLost, detail: errnoText(errno))
        }
        guard ssh_options_set(handle, SSH_OPTIONS_FD, &number) == 0 else {
            _ = close(number)
            throw hop.error(.badSetting, detail: errorText)
        }
        setNonblocking(socket.number)
        try forwardOutput(from: far, to: socket, dialler, "the banner")
        let banner = try serverBanner(from: socket, dialler)
        guard send(far.number, banner, banner.count, Int32(MSG_NOSIGNAL)) == banner.count else {
            throw hop.error(.connectionLost, detail: errnoText(errno))
        }
        try forwardOutput(from: far, to: socket, dialler, "the first key exchange message")
        guard dup3(socket.number, number, O_CLOEXEC) == number else {
            throw hop.error(.connectionLost, detail: errnoText(errno))
        }
        let code = try settle(dialler, "key exchange") { ssh_connect(handle) }
        guard code == SSH_OK else { throw handshakeFailure() }
        ssh_set_blocking(handle, 0)
        setNonblocking(ssh_get_fd(handle))
    }

    /// Lets libssh say what it has to say next, and sends it.
    private func forwardOutput(
        from far: Descriptor, to socket: Descriptor, _ dialler: Dialler, _ what: String
    ) throws(RemoteError) {
        var said: [UInt8] = []
        repeat {
            guard ssh_connect(handle) == SSH_AGAIN else { throw handshakeFailure() }
            try dialler.check(what)
            said += receive(far.number, upTo: 65_536) ?? []
        } while said.isEmpty || ssh_get_poll_flags(handle) & SSH_WRITE_PENDING != 0
        while !said.isEmpty {
            let count = send(socket.number, said, said.count, Int32(MSG_NOSIGNAL))
            if count > 0 {
                said.removeFirst(count)
            } else if errno == EAGAIN || errno == EINTR {
                try dialler.check(what)
                wait(for: socket.number, Int16(POLLOUT), until: dialler.deadline)
            } else {
                throw hop.error(.connectionLost, detail: "sending \(what): \(errnoText(errno))")
            }
        }
    }

    /// Bytes that have come; empty at the end of the stream, nil where there are none now.
    private func receive(_ number: Int32, upTo limit: Int, _ flags: Int32 = 0) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = recv(number, &bytes, limit, flags | Int32(MSG_DONTWAIT))
        guard count >= 0 else { return errno == EAGAIN || errno == EINTR ? nil : [] }
        return Array(bytes[..<count])
    }

    private func handshakeFailure() -> RemoteError {
        let text = errorText
        if text.contains("no match for method") {
            return hop.error(.noCommonAlgorithm, detail: text)
        }
        return hop.error(.connectionLost, detail: "in the key exchange: \(text)")
    }
}

// The server's banner.
extension SSHSession {
    /// Bytes that a server may say up to the end of its banner; sshd's own client allows as much.
    private static let banterLimit = 8192
    /// Bytes of a stranger's greeting that are kept for the error.
    private static let greetingLimit = 120

    /// The line with which an SSH server introduces itself. Lines before it are allowed and
    /// skipped; nothing behind it is taken from the socket.
    private func serverBanner(
        from socket: Descriptor, _ dialler: Dialler
    ) throws(RemoteError) -> [UInt8] {
        var banter: [UInt8] = []
        var line: [UInt8] = []
        while banter.count < Self.banterLimit {
            guard let seen = receive(socket.number, upTo: 512, Int32(MSG_PEEK)) else {
                if dialler.deadline.hasPassed, !banter.isEmpty { break }
                try dialler.check("connected, waiting for the server's banner")
                wait(for: socket.number, Int16(POLLIN), until: dialler.deadline)
                continue
            }
            if seen.isEmpty {
                guard banter.isEmpty else { break }
                throw hop.error(.connectionLost, detail: "closed before its banner came")
            }
            let end = seen.firstIndex(of: UInt8(ascii: "\n"))
            let part = receive(socket.number, upTo: end.map { $0 + 1 } ?? seen.count) ?? []
            banter += part
            line += part
            guard end != nil else { continue }
            if line.starts(with: Array("SSH-".utf8)) { return line }
            line = []
        }
        throw hop.error(
            .notSSH(received: Printable.text(Array(banter.prefix(Self.greetingLimit)))))
    }
}
