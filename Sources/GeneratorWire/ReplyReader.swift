/// The client's side of the framing: bytes in, whole replies out. The first line decides whether
/// a reply goes on to `END`.
public struct ReplyReader: Sendable {
    /// What came out of the stream.
    public enum Element: Sendable, Equatable {
        /// A whole reply; where it goes on to `END`, that line is the last.
        case reply([String])
        /// More than a server of this kind ever says: nothing after it can be trusted.
        case overlong
    }

    private var framer = LineFramer(limit: WireLimits.replyLine)
    private var lines: [String] = []

    /// A reader at the beginning of a reply.
    public init() {}

    /// Takes one byte; a reply comes out where it was the last of one.
    public mutating func push(_ byte: UInt8) -> Element? {
        switch framer.push(byte) {
        case nil: return nil
        case .tooLong: return .overlong
        case .line(let bytes):
            lines.append(ASCII.printable(bytes, limit: WireLimits.replyLine))
            guard lines.count <= WireLimits.replyLines else { return .overlong }
            guard isComplete else { return nil }
            defer { lines.removeAll() }
            return .reply(lines)
        }
    }

    private var isComplete: Bool {
        guard let first = lines.first else { return false }
        guard first.hasPrefix("INPUTS:") || first.hasPrefix("Commands:") else { return true }
        return lines.last == WireText.end
    }
}
