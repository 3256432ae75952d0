/// A host's name: 1 to 63 of `a-z 0-9 -`, beginning and ending with a letter or digit
/// (RFC 1123, one label).
public struct HostName: Sendable, Hashable, CustomStringConvertible {
    /// The name's text.
    public let text: String
    /// Nil where `text` is no host name.
    public init?(_ text: String) {
        guard Self.isLabel(text) else { return nil }
        self.text = text
    }
    /// The text itself.
    public var description: String { text }

    static func isLabel(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard (1...63).contains(bytes.count), let first = bytes.first, let last = bytes.last,
            isAlphanumeric(first), isAlphanumeric(last)
        else { return false }
        return bytes.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }
}

/// A service's name, which is also its folder under `/opt/fleet` and its unit's stem; the same
/// characters as a host name.
public struct ServiceName: Sendable, Hashable, CustomStringConvertible {
    /// The name's text.
    public let text: String
    /// Nil where `text` is no service name.
    public init?(_ text: String) {
        guard HostName.isLabel(text) else { return nil }
        self.text = text
    }
    /// The text itself.
    public var description: String { text }
}
