import Foundation

/// What an artifact was made from, kept beside it, so that the next build can tell without asking
/// Swift anything whether it is still right.
struct BuildStamp: Sendable, Equatable, Codable {
    /// An SDK as `make-sdk` answers: the link for the request, and the SDK it led to.
    struct SDK: Sendable, Equatable, Codable {
        var request: String
        var key: String
    }

    /// Changes when older stamps must not be trusted.
    static let currentFormat = 1

    var format = currentFormat
    var toolchain: Toolchain
    /// nil for amd64.
    var sdk: SDK?
    /// The product's source folders, relative to the root.
    var sourceFolders: [String]
    /// `BuildKey` over all of these and the sources.
    var key: String
    var files: [BuiltFile]

    /// The stamp in a file; nil where there is none that can be read, which asks for a build.
    init?(path: String) {
        guard let data = FileManager.default.contents(atPath: path),
            let stamp = try? JSONDecoder().decode(Self.self, from: data),
            stamp.format == Self.currentFormat
        else { return nil }
        self = stamp
    }

    init(
        toolchain: Toolchain, sdk: SDK?, sourceFolders: [String], key: String, files: [BuiltFile]
    ) {
        self.toolchain = toolchain
        self.sdk = sdk
        self.sourceFolders = sourceFolders
        self.key = key
        self.files = files
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(self).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
