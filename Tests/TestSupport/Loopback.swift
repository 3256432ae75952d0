import Glibc

extension sockaddr_in {
    /// 127.0.0.1 with this port; 0 is one of the kernel's choice.
    public static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    /// The port, in this machine's order of bytes.
    public var port: UInt16 { UInt16(bigEndian: sin_port) }

    /// Hands the address out as `bind`, `connect` and `getsockname` take it, with its size.
    public mutating func withPointer<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Result
    ) -> Result {
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &self) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &size) }
        }
    }
}
