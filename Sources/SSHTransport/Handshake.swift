import CLibSSH
import Glibc
import RemoteOps

/// From a connected socket to an encrypted one: banner and key exchange.
extension SSHSession {
    /// Bytes of a stranger's greeting that are kept for the error.
    private static let greetingLimit = 120

    /// Longest banner of ours, RFC 4253 section 4.2.
    private static let bannerLimit = 255

    /// Runs banner and key exchange over `socket`, which libssh owns from now on.
    func handshake(over socket: Descriptor, _ dialler: Dialler) throws(RemoteError) {
        let number = try sendBanner(over: socket)
        var greeting: [UInt8] = []
        let code = try shakeHands(on: number, dialler, &greeting)
        guard code == SSH_OK else { throw handshakeFailure(greeting) }
        ssh_set_blocking(handle, 0)
        setNonblocking(ssh_get_fd(handle))
    }

    /// Has libssh say its banner; the descriptor that it goes on with.
    ///
    /// libssh sends its banner in its first call, and swallows in that call what the server has
    /// said by then. So the first call talks to a pair of our own, whose end then becomes the
    /// socket: a stranger's greeting is always there to be looked at first.
    private func sendBanner(over socket: Descriptor) throws(RemoteError) -> Int32 {
        guard let (near, far) = Descriptor.pair(), var number = near.duplicate() else {
            throw hop.error(.connectionLost, detail: errnoText(errno))
        }
        guard ssh_options_set(handle, SSH_OPTIONS_FD, &number) == 0 else {
            _ = close(number)
            throw hop.error(.badSetting, detail: errorText)
        }
        guard ssh_connect(handle) == SSH_AGAIN else {
            throw hop.error(.connectionLost, detail: errorText)
        }
        var banner = [UInt8](repeating: 0, count: Self.bannerLimit)
        let length = recv(far.number, &banner, banner.count, 0)
        // A socket that has sent nothing yet takes so few bytes at once.
        guard length > 0, send(socket.number, banner, length, Int32(MSG_NOSIGNAL)) == length,
            dup3(socket.number, number, O_CLOEXEC) == number
        else { throw hop.error(.connectionLost, detail: errnoText(errno)) }
        return number
    }

    private func shakeHands(
        on number: Int32, _ dialler: Dialler, _ greeting: inout [UInt8]
    ) throws(RemoteError) -> Int32 {
        while true {
            waitForSocket(until: dialler.deadline)
            if let code = connectOnce(number, &greeting), code != SSH_AGAIN { return code }
            let hasBanner = ssh_get_serverbanner(handle) != nil
            if dialler.deadline.hasPassed, !hasBanner, !greeting.isEmpty {
                throw hop.error(.notSSH(received: Printable.text(greeting)))
            }
            try dialler.check(
                hasBanner ? "key exchange" : "connected, waiting for the server's banner")
        }
    }

    /// One call of ssh_connect; nil where the server has said nothing yet.
    private func connectOnce(_ number: Int32, _ greeting: inout [UInt8]) -> Int32? {
        if greeting.isEmpty {
            switch peek(number) {
            case .nothing: return nil
            case .bytes(let bytes): greeting = bytes
            case .ended: break
            }
        }
        return ssh_connect(handle)
    }

    /// What waits on a socket.
    private enum Peeked {
        case nothing
        case bytes([UInt8])
        /// The end of the stream, or an error, which libssh reports.
        case ended
    }

    /// The first bytes that wait on the socket, left there for libssh.
    private func peek(_ number: Int32) -> Peeked {
        var bytes = [UInt8](repeating: 0, count: Self.greetingLimit)
        let flags = Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)
        let count = recv(number, &bytes, bytes.count, flags)
        guard count < 0 else { return count > 0 ? .bytes(Array(bytes[..<count])) : .ended }
        return errno == EAGAIN || errno == EINTR ? .nothing : .ended
    }

    private func handshakeFailure(_ greeting: [UInt8]) -> RemoteError {
        let text = errorText
        if text.contains("no match for method") {
            return hop.error(.noCommonAlgorithm, detail: text)
        }
        guard ssh_get_serverbanner(handle) == nil else {
            return hop.error(.connectionLost, detail: "in the key exchange: \(text)")
        }
        guard greeting.isEmpty else {
            return hop.error(.notSSH(received: Printable.text(greeting)), detail: text)
        }
        return hop.error(.connectionLost, detail: "closed before its banner came: \(text)")
    }
}
