/// The arguments of this process; Embedded Swift has no `CommandLine`.
public enum ProcessArguments {
    /// What follows the program's name, from /proc/self/cmdline; nil where /proc cannot be read.
    public static func current() -> [String]? {
        guard var bytes = TextFile.read("/proc/self/cmdline", limit: 64 * 1024), !bytes.isEmpty
        else { return nil }
        if bytes.last == 0 { bytes.removeLast() }
        let words = bytes.split(separator: 0, omittingEmptySubsequences: false)
        return words.dropFirst().map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Goes through arguments of the forms `--name value` and `--name=value`.
public struct OptionScanner {
    private var rest: ArraySlice<String>
    private var attached: String?
    /// The option that was read last.
    public private(set) var name = ""

    /// A scanner of these arguments.
    public init(_ arguments: [String]) { rest = arguments[...] }

    /// What is wrong with the arguments.
    public enum Failure: Error, Sendable, Equatable {
        /// Something that is no option.
        case unexpected(String)
        /// The option wants a value.
        case missingValue(String)
        /// The option takes none.
        case surplusValue(String)
    }

    /// The next option's name; nil at the end.
    public mutating func next() throws(Failure) -> String? {
        if attached != nil { throw .surplusValue(name) }
        guard let word = rest.popFirst() else { return nil }
        let bytes = Array(word.utf8)
        guard bytes.starts(with: [0x2D, 0x2D]) else { throw .unexpected(word) }
        if let equals = bytes.firstIndex(of: 0x3D) {
            name = String(decoding: bytes[..<equals], as: UTF8.self)
            attached = String(decoding: bytes[(equals + 1)...], as: UTF8.self)
        } else {
            name = word
        }
        return name
    }

    /// Everything that follows, whatever it looks like: the words behind a `--`.
    public mutating func remaining() -> [String] {
        defer { rest = [] }
        return Array(rest)
    }

    /// The value of the option that was read last.
    public mutating func value() throws(Failure) -> String {
        if let value = attached {
            attached = nil
            return value
        }
        guard let value = rest.popFirst() else { throw .missingValue(name) }
        return value
    }
}

/// Numbers as options give them.
public enum OptionValue {
    /// Seconds with up to three decimals, `180` or `0.25`, in milliseconds; nil for anything else.
    public static func milliseconds(_ text: String) -> Int64? {
        let parts = text.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2, let whole = digits(first, limit: 7)
        else { return nil }
        guard parts.count == 2 else { return whole * 1000 }
        guard var decimals = digits(parts[1], limit: 3) else { return nil }
        for _ in parts[1].count..<3 { decimals *= 10 }
        return whole * 1000 + decimals
    }

    /// A number of 1 to `limit` decimal digits.
    private static func digits(_ text: Substring.UTF8View, limit: Int) -> Int64? {
        guard !text.isEmpty, text.count <= limit else { return nil }
        var value: Int64 = 0
        for byte in text {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int64(byte) - 0x30
        }
        return value
    }

    /// `88` or `0x58`, 0 to 255; nil for anything else.
    public static func byte(_ text: String) -> UInt8? {
        let bytes = Array(text.utf8)
        guard bytes.starts(with: [0x30, 0x78]) else { return UInt8(text) }
        return UInt8(String(decoding: bytes.dropFirst(2), as: UTF8.self), radix: 16)
    }
}
