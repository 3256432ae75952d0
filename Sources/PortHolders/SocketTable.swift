/// What the kernel lists in /proc/net/tcp, tcp6, udp and udp6 (proc(5)).
public enum SocketProtocol: Sendable, Hashable, CaseIterable {
    case tcp, tcp6, udp, udp6

    /// The file's name in /proc/net.
    public var file: String {
        switch self {
        case .tcp: "tcp"
        case .tcp6: "tcp6"
        case .udp: "udp"
        case .udp6: "udp6"
        }
    }

    /// TCP over either address family.
    public var isTCP: Bool { self == .tcp || self == .tcp6 }

    /// The state, in hexadecimal, of a socket that takes what comes: LISTEN for TCP, unconnected
    /// for UDP (include/net/tcp_states.h).
    var openState: UInt8 { isTCP ? 0x0A : 0x07 }
}

/// A socket that takes what comes to its port.
public struct ListeningSocket: Sendable, Equatable {
    /// Which table it is from.
    public var proto: SocketProtocol
    /// The local address as the kernel writes it: words in the machine's order, hexadecimal.
    public var address: String
    /// The local port.
    public var port: UInt16
    /// The user that opened it.
    public var uid: UInt32
    /// The kernel's number of the socket, by which /proc/PID/fd names it.
    public var inode: UInt64

    /// A socket from its parts.
    public init(
        proto: SocketProtocol, address: String, port: UInt16, uid: UInt32, inode: UInt64
    ) {
        self.proto = proto
        self.address = address
        self.port = port
        self.uid = uid
        self.inode = inode
    }

    /// Whether it listens on every address of the machine.
    public var isOnAllAddresses: Bool { address.utf8.allSatisfy { $0 == 0x30 } }

    /// Whether it listens on this machine's own address alone: 127.x.x.x, or ::1.
    public var isLocal: Bool {
        switch proto {
        case .tcp, .udp: address.utf8.suffix(2).elementsEqual("7F".utf8)
        case .tcp6, .udp6: address == "00000000000000000000000001000000"
        }
    }
}

/// Reads the tables.
public enum SocketTable {
    /// The sockets of a table that take what comes; what is no line of a table is skipped.
    public static func listening(_ table: [UInt8], _ proto: SocketProtocol) -> [ListeningSocket] {
        var sockets: [ListeningSocket] = []
        for line in table.split(separator: 0x0A) {
            if let socket = socket(line, proto) { sockets.append(socket) }
        }
        return sockets
    }

    /// `0: 0100007F:8363 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 9426672 …`
    private static func socket(
        _ line: ArraySlice<UInt8>, _ proto: SocketProtocol
    ) -> ListeningSocket? {
        let words = line.split(separator: 0x20)
        guard words.count >= 10, hexadecimal(words[3]) == UInt64(proto.openState) else {
            return nil
        }
        let local = words[1].split(separator: 0x3A)
        guard local.count == 2, local[0].count == (proto == .tcp || proto == .udp ? 8 : 32),
            hexadecimal(local[0].prefix(8)) != nil,
            let port = hexadecimal(local[1]).flatMap({ UInt16(exactly: $0) }), port > 0,
            let uid = decimal(words[7]).flatMap({ UInt32(exactly: $0) }),
            let inode = decimal(words[9])
        else { return nil }
        return ListeningSocket(
            proto: proto, address: String(decoding: local[0], as: UTF8.self), port: port, uid: uid,
            inode: inode)
    }

    /// A whole number in decimal digits, as the kernel writes them; nil for anything else.
    static func decimal(_ text: some Sequence<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        var isEmpty = true
        for byte in text {
            guard (0x30...0x39).contains(byte) else { return nil }
            let (tens, isOver) = value.multipliedReportingOverflow(by: 10)
            let (sum, isOver2) = tens.addingReportingOverflow(UInt64(byte - 0x30))
            guard !isOver, !isOver2 else { return nil }
            value = sum
            isEmpty = false
        }
        return isEmpty ? nil : value
    }

    private static func hexadecimal(_ text: some Sequence<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        var count = 0
        for byte in text {
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x41 + 10
            case 0x61...0x66: digit = byte - 0x61 + 10
            default: return nil
            }
            count += 1
            guard count <= 16 else { return nil }
            value = value << 4 | UInt64(digit)
        }
        return count > 0 ? value : nil
    }
}
