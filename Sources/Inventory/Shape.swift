/// The form of a value: the tables in InventoryFormat are made of these, and the check, the JSON
/// Schema and the list of known keys are all made from the tables.
indirect enum Shape: Sendable {
    case text(TextRule)
    /// A whole number without quotes.
    case integer(ClosedRange<Int>)
    /// Whole seconds, written `1h30m`.
    case duration(ClosedRange<Int>)
    case choice([String])
    /// A secret by reference.
    case secret
    /// `9999` or `9999/udp`.
    case port
    /// A host key's fingerprint.
    case pin
    /// Permission bits in quotes, `"0640"`.
    case mode
    /// `[…]` of at least so many.
    case list(Shape, atLeast: Int)
    /// A value or a list of them.
    case oneOrMany(Shape)
    /// Names of the operator's choosing, each with a value.
    case named(TextRule, Shape, noun: String, atLeast: Int)
    case object(ObjectShape)
    /// One of several objects, told apart by their first key.
    case variant([ObjectShape], noun: String)
}

/// A mapping with known keys.
struct ObjectShape: Sendable {
    /// What it describes, for messages: "host".
    var noun: String
    var keys: [KeyShape]

    func key(_ name: String) -> KeyShape? { keys.first { $0.name == name } }
}

/// One known key.
struct KeyShape: Sendable {
    enum Presence: Sendable { case required, optional }

    var name: String
    var shape: Shape
    var presence: Presence
    /// What it means, for editors and the documentation.
    var description: String

    init(_ name: String, _ shape: Shape, _ description: String) {
        self.init(name, shape, .optional, description)
    }

    init(_ name: String, _ shape: Shape, _ presence: Presence, _ description: String) {
        self.name = name
        self.shape = shape
        self.presence = presence
        self.description = description
    }
}
