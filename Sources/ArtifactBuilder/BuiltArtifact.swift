/// A release folder as `ArtifactBuilder` leaves it: the stripped binary and what the host lacks.
public struct BuiltArtifact: Sendable, Equatable {
    /// Whether anything had to be done for it.
    public enum Origin: String, Sendable { case built, fresh }

    /// The product, which is the binary's name too.
    public var product: String
    /// The processor that it runs on.
    public var architecture: BuildArchitecture
    /// The folder's absolute path. It holds `files` and nothing else; the next build of the same
    /// product and architecture replaces it.
    public var folder: String
    /// What is in it, by path.
    public var files: [BuiltFile]
    /// Whether it was built now or found fresh.
    public var origin: Origin
    /// How long that took.
    public var duration: Duration
    /// The same binary with its symbols, for `llvm-symbolizer`; may be gone after a clean.
    public var unstrippedBinary: String

    /// The binary's own entry among the files.
    public var binary: BuiltFile? { files.first { $0.path == product } }

    /// Bytes of all files.
    public var size: Int { files.reduce(0) { $0 + $1.size } }
}

/// One file of a release folder.
public struct BuiltFile: Sendable, Equatable, Codable {
    /// Relative to the folder.
    public var path: String
    /// Bytes.
    public var size: Int
    /// Lower-case hexadecimal.
    public var sha256: String
    /// Permission bits: 0o755 for the binary, 0o644 for libraries.
    public var mode: Int
}
