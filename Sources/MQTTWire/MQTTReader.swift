/// What a broker says to a publisher.
public enum MQTTReply: Sendable, Equatable {
    /// The answer to the connection (3.2); 0 is welcome.
    case connected(code: UInt8)
    /// The message with this identifier has been taken over (3.4).
    case acknowledged(UInt16)
}

/// Reads a broker's packets out of a stream of bytes, however it is cut.
public struct MQTTReader: Sendable {
    /// Every packet that a broker may send a publisher has four bytes.
    private static let packetBytes = 4

    private var pending: [UInt8] = []

    /// A reader at the beginning of a stream.
    public init() {}

    /// The packets that these bytes complete.
    ///
    /// - Throws: `nonsense` for anything else; nothing more is to be read then.
    public mutating func read(_ bytes: some Sequence<UInt8>) throws(MQTTFault) -> [MQTTReply] {
        var replies: [MQTTReply] = []
        for byte in bytes {
            pending.append(byte)
            if let reply = try reply() {
                replies.append(reply)
                pending = []
            }
        }
        return replies
    }

    /// The packet that is pending, once it is whole.
    private func reply() throws(MQTTFault) -> MQTTReply? {
        let isConnack = pending[0] == 0x20
        guard isConnack || pending[0] == 0x40 else { throw .nonsense }
        if pending.count > 1, pending[1] != 2 { throw .nonsense }
        guard pending.count == Self.packetBytes else { return nil }
        if isConnack {
            // No session can be there: this one is clean [MQTT-3.2.2-1].
            guard pending[2] == 0 else { throw .nonsense }
            return .connected(code: pending[3])
        }
        return .acknowledged(UInt16(pending[2]) << 8 | UInt16(pending[3]))
    }
}
