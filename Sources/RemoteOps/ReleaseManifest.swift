/// One file of a release, as it must be on the host.
public struct ReleaseFile: Sendable, Hashable {
    /// Path inside the release, with `/`, without `.` and `..`.
    public var path: String
    /// Permission bits.
    public var mode: Int
    /// Bytes.
    public var size: Int
    /// SHA-256 in lower-case hexadecimal.
    public var sha256: String

    /// A file from its parts.
    public init(path: String, mode: Int, size: Int, sha256: String) {
        self.path = path
        self.mode = mode
        self.size = size
        self.sha256 = sha256
    }
}

/// All files of a release. A release is named by its content, so equal content is one release.
public struct ReleaseManifest: Sendable, Equatable {
    /// The files, sorted by path.
    public let files: [ReleaseFile]

    /// A manifest of these files, in any order.
    public init(_ files: [ReleaseFile]) {
        self.files = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// The text whose SHA-256 names the release: one line a file, `sha256 mode path`.
    public var canonicalText: String {
        files.map { "\($0.sha256) \(String($0.mode, radix: 8)) \($0.path)\n" }.joined()
    }

    /// The file at a path.
    public subscript(path path: String) -> ReleaseFile? { files.first { $0.path == path } }

    /// The sum of all files' sizes in bytes.
    public var size: Int { files.reduce(0) { $0 + $1.size } }
}

/// A release's name: the first 16 hexadecimal digits of its manifest's SHA-256.
public struct ReleaseID: Sendable, Hashable, CustomStringConvertible {
    /// Number of digits.
    public static let length = 16
    /// The digits.
    public let text: String

    /// Nil where `text` is no release's name.
    public init?(_ text: String) {
        guard text.utf8.count == Self.length, text.utf8.allSatisfy(Self.isDigit) else { return nil }
        self.text = text
    }

    /// The digits.
    public var description: String { text }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
