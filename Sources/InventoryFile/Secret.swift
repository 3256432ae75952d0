/// A password or the like. Its text comes out only through `reveal()`; whatever prints, dumps or
/// mirrors it says `<redacted>`.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let text: String

    /// Takes a secret's text into keeping.
    public init(_ text: String) { self.text = text }

    /// The text itself, for the one call that needs it. Never log, store or format the result.
    public func reveal() -> String { text }

    /// `<redacted>`.
    public var description: String { "<redacted>" }
    /// `<redacted>`.
    public var debugDescription: String { "<redacted>" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
