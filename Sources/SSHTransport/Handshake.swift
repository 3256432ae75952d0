import CLibSSH
import Glibc
import RemoteOps

/// From a connected socket to an encrypted one: banner and key exchange.
extension SSHSession {
    /// Bytes of a stranger's greeting that are kept for the error.
    private static let greetingLimit = 120

    /// Runs banner and key exchange over `socket`, which libssh owns from now on.
    func handshake(over socket: Descriptor, _ dialler: Dialler) throws(RemoteError) {
        guard var number = socket.duplicate() else {
            throw hop.error(.connectionLost, detail: errnoText(errno))
        }
        guard ssh_options_set(handle, SSH_OPTIONS_FD, &number) == 0 else {
            _ = close(number)
            throw hop.error(.badSetting, detail: errorText)
        }
        var greeting: [UInt8] = []
        let code = try shakeHands(on: number, dialler, &greeting)
        guard code == SSH_OK else { throw handshakeFailure(greeting) }
        ssh_set_blocking(handle, 0)
        setNonblocking(ssh_get_fd(handle))
    }

    private func shakeHands(
        on number: Int32, _ dialler: Dialler, _ greeting: inout [UInt8]
    ) throws(RemoteError) -> Int32 {
        while true {
            if greeting.isEmpty { greeting = peek(number) }
            let code = ssh_connect(handle)
            guard code == SSH_AGAIN else { return code }
            if dialler.deadline.hasPassed, ssh_get_serverbanner(handle) == nil, !greeting.isEmpty {
                throw hop.error(.notSSH(received: Printable.text(greeting)))
            }
            try dialler.check(
                ssh_get_serverbanner(handle) == nil
                    ? "connected, waiting for the server's banner" : "key exchange")
            waitForSocket(until: dialler.deadline)
        }
    }

    /// The first bytes that wait on the socket, left there for libssh.
    private func peek(_ number: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.greetingLimit)
        let flags = Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)
        let count = recv(number, &bytes, bytes.count, flags)
        return count > 0 ? Array(bytes[..<count]) : []
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
