import MQTTWire

/// Why messages could not be published.
public struct MQTTFailure: Error, Sendable, Equatable {
    /// What went wrong.
    public enum Reason: Error, Sendable, Equatable {
        /// More messages than one connection takes.
        case tooMany
        /// The broker refused the connection; its code (3.2.2.3).
        case refused(UInt8)
        /// The broker closed the connection.
        case ended
        /// The time was over.
        case late
        /// What was to be said, or what the broker said, is no MQTT.
        case fault(MQTTFault)
        /// There is no connection, in the system's words.
        case system(String)
    }

    /// The broker's address.
    public var host: String
    /// The broker's port.
    public var port: Int
    /// What went wrong.
    public var reason: Reason
}

extension MQTTFailure: CustomStringConvertible {
    /// The reason as a sentence without a full stop.
    public var description: String {
        let text =
            switch reason {
            case .tooMany: "there are more than \(MQTTPublisher.messagesMax) messages"
            case .refused(let code): "the broker refuses: \(Self.refusal(code))"
            case .ended: "the broker closed the connection"
            case .late: "it did not take everything over in time"
            case .fault(.nonsense): "what answers there is no MQTT broker"
            case .fault(.tooLong): "a message or a topic is too long"
            case .fault(.notText): "a text has a zero in it"
            case .fault(.notATopic): "a topic is empty or has wildcards"
            case .fault(.passwordWithoutUser): "a password needs a user"
            case .system(let reason): reason
            }
        return "MQTT broker \(host) port \(port): \(text)"
    }

    /// The codes of section 3.2.2.3.
    private static func refusal(_ code: UInt8) -> String {
        switch code {
        case 1: "it does not speak MQTT 3.1.1"
        case 2: "it does not like the client's name"
        case 3: "it is not available"
        case 4: "user or password is malformed"
        case 5: "user and password are wrong, or not allowed to connect"
        default: "code \(code)"
        }
    }
}
