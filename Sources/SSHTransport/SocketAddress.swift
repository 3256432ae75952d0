import CLibSSH
import Glibc

/// One address of a host with a port, as connect(2) takes it.
struct SocketAddress: Sendable, CustomStringConvertible {
    /// What a name look-up brought.
    enum Lookup: Sendable {
        case found([SocketAddress])
        case failed(String)
    }

    /// A system call's failure.
    struct Failure: Error {
        var text: String
    }

    private var storage: sockaddr_storage
    private var length: socklen_t
    let description: String

    /// Asks getaddrinfo(3); blocks unless `numericOnly`.
    static func look(up name: String, port: Int, numericOnly: Bool) -> Lookup {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = stream_socket_type
        hints.ai_flags = numericOnly ? AI_NUMERICHOST : AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, String(port), &hints, &list)
        guard code == 0 else {
            return .failed(
                code == EAI_SYSTEM ? errnoText(errno) : String(cString: gai_strerror(code)))
        }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next {
            if let address = SocketAddress(entry.pointee) { addresses.append(address) }
            next = entry.pointee.ai_next
        }
        return addresses.isEmpty ? .failed("no address") : .found(addresses)
    }

    private init?(_ entry: addrinfo) {
        guard let source = entry.ai_addr,
            Int(entry.ai_addrlen) <= MemoryLayout<sockaddr_storage>.size
        else { return nil }
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(
                from: UnsafeRawBufferPointer(start: source, count: Int(entry.ai_addrlen)))
        }
        self.storage = storage
        length = entry.ai_addrlen
        var text = [CChar](repeating: 0, count: 256)
        let named = getnameinfo(
            source, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        description = named == 0 ? Self.string(text) : "?"
    }

    private static func string(_ text: [CChar]) -> String {
        String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Bytes that wait in the kernel until the line has room for them (tcp(7), TCP_NOTSENT_LOWAT).
    private static let unsentLimit: Int32 = 128 << 10

    /// A non-blocking socket whose connection is under way.
    func beginConnect() -> Result<Descriptor, Failure> {
        let kind = stream_socket_nonblocking
        let number = Glibc.socket(Int32(storage.ss_family), kind, 0)
        guard number >= 0 else { return .failure(Failure(text: errnoText(errno))) }
        let socket = Descriptor(owning: number)
        var on: Int32 = 1
        // A link without TCP_NODELAY works as well, only slower; so its answer does not matter.
        _ = setsockopt(
            number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        // The kernel takes little ahead of the line, so that who writes learns how fast it is.
        var ahead = Self.unsentLimit
        _ = setsockopt(
            number, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, &ahead,
            socklen_t(MemoryLayout<Int32>.size))
        let code = callConnect(number)
        guard code == 0 || code == EINPROGRESS else {
            return .failure(Failure(text: errnoText(code)))
        }
        return .success(socket)
    }

    /// The outcome of a connection that poll(2) has reported on: 0 or an errno.
    func connectResult(of socket: Descriptor) -> Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(socket.number, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else {
            return errno
        }
        return code
    }

    private func callConnect(_ number: Int32) -> Int32 {
        var storage = storage
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                while true {
                    if Glibc.connect(number, address, length) == 0 { return 0 }
                    let code = errno
                    if code != EINTR { return code }
                }
            }
        }
    }
}
