import Foundation
import Glibc
import TestSupport

/// A TCP server on the loopback that does as a test says with each connection, on a thread each.
final class FakeServer: Sendable {
    let port: Int
    private let listener: Int32

    /// - Parameter serve: gets the connection's descriptor, which is closed after it.
    init(_ serve: @escaping @Sendable (Int32) -> Void) throws {
        let stream = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let listener = socket(AF_INET, stream, 0)
        var address = sockaddr_in.loopback(0)
        let isListening = address.withPointer { pointer, size in
            bind(listener, pointer, size) == 0 && listen(listener, 64) == 0
                && getsockname(listener, pointer, &size) == 0
        }
        guard isListening else { throw POSIXError(.EADDRINUSE) }
        port = Int(address.port)
        self.listener = listener
        Thread.detachNewThread {
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                Thread.detachNewThread {
                    serve(connection)
                    close(connection)
                }
            }
        }
    }

    /// Ends the listening; connections end with their own code.
    func end() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    static func send(_ bytes: [UInt8], to connection: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    static func send(_ text: String, to connection: Int32) {
        send(Array(text.utf8), to: connection)
    }

    /// Reads until the client hangs up.
    static func drain(_ connection: Int32) {
        var bytes = [UInt8](repeating: 0, count: 65536)
        while recv(connection, &bytes, bytes.count, 0) > 0 {}
    }

    /// Reads what has come, waiting for the first of it.
    static func receive(_ connection: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = recv(connection, &bytes, bytes.count, 0)
        return count > 0 ? Array(bytes[..<count]) : []
    }
}
