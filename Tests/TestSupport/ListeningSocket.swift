import Glibc
import Testing

/// A TCP socket of this process that listens on 127.0.0.1, on a port of the kernel's choice.
public final class ListeningSocket {
    /// The port.
    public let port: Int
    private var descriptor: Int32

    /// Listens at once.
    public init() throws {
        let stream = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, stream, 0)
        self.descriptor = descriptor
        var address = sockaddr_in.loopback(0)
        let result = address.withPointer { pointer, size in
            bind(descriptor, pointer, size) | listen(descriptor, 1)
                | getsockname(descriptor, pointer, &size)
        }
        port = Int(address.port)
        try #require(result == 0)
    }

    /// Gives the port back.
    public func close() {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
        descriptor = -1
    }

    deinit { close() }
}
