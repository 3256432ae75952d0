/// Cuts a stream of bytes into lines. Memory is bounded by the line limit, whatever arrives.
public struct LineFramer: Sendable {
    /// What came out of the stream.
    public enum Element: Sendable, Equatable {
        /// A line without its LF, and without a CR before it.
        case line([UInt8])
        /// A line over the limit; its bytes are gone.
        case tooLong
    }

    /// Longest line, in bytes without LF.
    public let limit: Int
    private var buffer: [UInt8] = []
    private var isDiscarding = false

    /// A framer for lines of at most `limit` bytes.
    public init(limit: Int = WireLimits.line) { self.limit = limit }

    /// Takes one byte; a line comes out where it was the last of one.
    public mutating func push(_ byte: UInt8) -> Element? {
        if byte == ASCII.lineFeed {
            defer {
                buffer.removeAll(keepingCapacity: true)
                isDiscarding = false
            }
            if isDiscarding { return .tooLong }
            if buffer.last == ASCII.carriageReturn { buffer.removeLast() }
            return .line(buffer)
        }
        if buffer.count >= limit {
            isDiscarding = true
            buffer.removeAll(keepingCapacity: true)
        }
        if !isDiscarding { buffer.append(byte) }
        return nil
    }
}

/// Limits of the protocol.
public enum WireLimits {
    /// Longest line from a client, in bytes.
    public static var line: Int { 256 }
    /// Longest line from a server that a client accepts, in bytes.
    public static var replyLine: Int { 512 }
    /// Most lines of one reply that a client accepts.
    public static var replyLines: Int { 64 }
    /// Longest name of a hold's owner, in bytes.
    public static var holdOwner: Int { 32 }
    /// Longest reason of a hold, in bytes.
    public static var holdReason: Int { 80 }
    /// Shortest lease, in seconds: less than any client can renew over a bad link is a mistake.
    public static var shortestLease: Int64 { 10 }
    /// Longest part of an unknown command that is repeated in the answer, in bytes.
    static var echo: Int { 32 }
}
