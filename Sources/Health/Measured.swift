/// A value that was had, or the reason why it was not. Unknown is never zero.
public enum Measured<Value: Sendable & Equatable>: Sendable, Equatable {
    /// What was read.
    case known(Value)
    /// Why it could not be read, as part of a sentence: "there is no vcgencmd".
    case unknown(String)

    /// The value; nil where it is unknown.
    public var value: Value? {
        switch self {
        case .known(let value): value
        case .unknown: nil
        }
    }

    /// Why it is unknown; nil where it is known.
    public var reason: String? {
        switch self {
        case .known: nil
        case .unknown(let reason): reason
        }
    }

    /// A value made of this one; the reason stays.
    public func map<Other>(_ transform: (Value) -> Other) -> Measured<Other> {
        switch self {
        case .known(let value): .known(transform(value))
        case .unknown(let reason): .unknown(reason)
        }
    }

    /// A value made of this one that may make no sense; then the reason is this.
    public func flatMap<Other>(or reason: String, _ transform: (Value) -> Other?) -> Measured<Other>
    {
        switch self {
        case .known(let value): transform(value).map { .known($0) } ?? .unknown(reason)
        case .unknown(let reason): .unknown(reason)
        }
    }
}
