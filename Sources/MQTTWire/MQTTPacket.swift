/// What a publisher says in MQTT 3.1.1 (OASIS Standard, 29 October 2014); the numbers in comments
/// are its sections.
public enum MQTTPacket: Sendable, Equatable {
    /// The first packet (3.1), with a clean session and without a will.
    case connect(MQTTConnect)
    /// A retained message of quality of service 1 (3.3); the identifier is not 0.
    case publish(MQTTMessage, identifier: UInt16)
    /// The last packet (3.14).
    case disconnect

    /// Longest topic that this publisher sends, in bytes.
    public static let topicBytesMax = 1024
    /// Longest message that this publisher sends, in bytes.
    public static let payloadBytesMax = 1 << 20

    /// The packet's bytes.
    public func bytes() throws(MQTTFault) -> [UInt8] {
        switch self {
        case .connect(let connect): try connect.bytes()
        case .publish(let message, let identifier): try message.bytes(identifier)
        case .disconnect: [0xE0, 0]
        }
    }

    /// A packet from its first byte and what follows its length (2.2).
    static func framed(_ first: UInt8, _ body: [UInt8]) -> [UInt8] {
        var length = body.count
        var bytes = [first]
        repeat {
            let digit = UInt8(length % 128)
            length /= 128
            bytes.append(length > 0 ? digit | 0x80 : digit)
        } while length > 0
        return bytes + body
    }

    /// Text behind its length in two bytes (1.5.3).
    static func text(_ text: String) throws(MQTTFault) -> [UInt8] {
        try field(Array(text.utf8), isText: true)
    }

    static func field(_ bytes: [UInt8], isText: Bool = false) throws(MQTTFault) -> [UInt8] {
        guard bytes.count <= 0xFFFF else { throw .tooLong }
        // U+0000 must not be in a text [MQTT-1.5.3-2].
        if isText, bytes.contains(0) { throw .notText }
        return [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes
    }
}

/// A message that the broker keeps for who subscribes later.
public struct MQTTMessage: Sendable, Equatable {
    /// Where it is published; no wildcards.
    public var topic: String
    /// What it says; nothing at all removes what was kept.
    public var payload: String

    /// A message from its parts.
    public init(topic: String, payload: String) {
        self.topic = topic
        self.payload = payload
    }

    fileprivate func bytes(_ identifier: UInt16) throws(MQTTFault) -> [UInt8] {
        precondition(identifier != 0, "identifiers begin with 1 (2.3.1)")
        guard !topic.isEmpty, !topic.contains(where: { $0 == "+" || $0 == "#" }) else {
            throw .notATopic
        }
        guard topic.utf8.count <= MQTTPacket.topicBytesMax,
            payload.utf8.count <= MQTTPacket.payloadBytesMax
        else { throw .tooLong }
        let number = [UInt8(identifier >> 8), UInt8(identifier & 0xFF)]
        // PUBLISH, quality of service 1, retained.
        return MQTTPacket.framed(0x33, try MQTTPacket.text(topic) + number + Array(payload.utf8))
    }
}

/// Who connects.
public struct MQTTConnect: Sendable, Equatable {
    /// Tells this client from others; a second of that name throws the first out.
    public var clientID: String
    /// Who it is for the broker; nil for nobody in particular.
    public var user: String?
    /// The password, only with a user.
    public var password: [UInt8]?

    /// A client from its parts.
    public init(clientID: String, user: String? = nil, password: [UInt8]? = nil) {
        self.clientID = clientID
        self.user = user
        self.password = password
    }

    /// No PINGREQ is ever owed: 0 turns the broker's limit off (3.1.2.10), and a publisher's
    /// connection lasts seconds.
    private static let keepAlive: [UInt8] = [0, 0]

    fileprivate func bytes() throws(MQTTFault) -> [UInt8] {
        // A password without a user is against the standard [MQTT-3.1.2-22].
        if password != nil, user == nil { throw .passwordWithoutUser }
        let flags: UInt8 = 0x02 | (user == nil ? 0 : 0x80) | (password == nil ? 0 : 0x40)
        var body = try MQTTPacket.text("MQTT") + [4, flags] + Self.keepAlive
        body += try MQTTPacket.text(clientID)
        if let user { body += try MQTTPacket.text(user) }
        if let password { body += try MQTTPacket.field(password) }
        return MQTTPacket.framed(0x10, body)
    }
}

/// What cannot be said, or makes no sense.
public enum MQTTFault: Error, Sendable, Equatable {
    /// A text, topic or message over its limit.
    case tooLong
    /// A text with a zero in it.
    case notText
    /// An empty topic, or one with wildcards.
    case notATopic
    /// A password for nobody.
    case passwordWithoutUser
    /// The broker sent what no broker sends a publisher.
    case nonsense
}
