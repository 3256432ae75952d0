import CPlatform

/// TCP over IPv4, non-blocking.
public enum TCP {
    /// Listens on a numeric address. Port 0 takes a free one.
    public static func listen(
        address: String, port: UInt16, backlog: Int32
    ) throws(PosixError) -> FileDescriptor {
        let socket = FileDescriptor(owning: try checked("socket", cp_tcp_socket()))
        _ = try checked("bind", cp_tcp_bind(socket.number, address, port))
        _ = try checked("listen", cp_listen(socket.number, backlog))
        return socket
    }

    /// The port of a listening socket.
    public static func port(of socket: FileDescriptor) throws(PosixError) -> UInt16 {
        UInt16(clamping: try checked("getsockname", cp_tcp_port(socket.number)))
    }

    /// The next client; nil where there is none now. Its keepalive finds a vanished peer within
    /// a minute.
    public static func accept(_ socket: FileDescriptor) throws(PosixError) -> FileDescriptor? {
        let number = cp_tcp_accept(socket.number)
        guard number >= 0 else {
            let code = cp_errno()
            // A client that went away before it was accepted is nobody's error.
            if cp_would_block(code) != 0 || code == ECONNABORTED { return nil }
            throw PosixError("accept", code: code)
        }
        let client = FileDescriptor(owning: number)
        _ = try checked("setsockopt", cp_tcp_keepalive(number, 30, 10))
        return client
    }

    /// Begins to connect; ``finish(_:)`` says how it went once the socket is writable. Its
    /// keepalive finds a vanished peer within a minute. A name that is no number is resolved at
    /// once, which may wait for a name server.
    public static func begin(host: String, port: UInt16) throws(PosixError) -> FileDescriptor {
        let socket = FileDescriptor(owning: try checked("socket", cp_tcp_socket()))
        _ = try checked("setsockopt", cp_tcp_keepalive(socket.number, 30, 10))
        _ = try checked("connect", cp_tcp_connect(socket.number, host, port))
        return socket
    }

    /// Throws where a connection that was begun came to nothing.
    public static func finish(_ socket: FileDescriptor) throws(PosixError) {
        let code = cp_tcp_error(socket.number)
        guard code == 0 else { throw PosixError("connect", code: code) }
    }
}
