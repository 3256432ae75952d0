import Crypto
import Foundation

/// Collects everything that a build's result depends on into one hash.
struct BuildKey {
    /// Files of one build; more is a mistake such as a folder that is no source folder.
    static let fileLimit = 20_000

    private var hash = SHA256()

    /// Adds a labelled value; no two sequences of calls run into each other.
    mutating func add(_ label: String, _ value: String) {
        add(bytes: Array(label.utf8))
        add(bytes: Array(value.utf8))
    }

    /// Adds a file's contents, under its path relative to the root.
    mutating func add(file path: String, in root: String) throws {
        let contents = try Data(contentsOf: URL(fileURLWithPath: root + "/" + path))
        add("file", path)
        add(bytes: contents)
    }

    /// Adds every file under a folder, by path; hidden ones are editors' and left out, as SwiftPM
    /// leaves them out.
    mutating func add(folder path: String, in root: String) throws {
        let manager = FileManager.default
        let paths = try manager.subpathsOfDirectory(atPath: root + "/" + path).sorted()
        guard paths.count <= Self.fileLimit else { throw CocoaError(.fileReadTooLarge) }
        for name in paths where !name.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
            var isFolder: ObjCBool = false
            let file = path + "/" + name
            guard manager.fileExists(atPath: root + "/" + file, isDirectory: &isFolder),
                !isFolder.boolValue
            else { continue }
            try add(file: file, in: root)
        }
    }

    /// The hash of all that was added, lower-case hexadecimal.
    consuming func finish() -> String { Self.hexadecimal(hash.finalize()) }

    /// The SHA-256 of a file's bytes, lower-case hexadecimal.
    static func sha256(_ data: Data) -> String { hexadecimal(SHA256.hash(data: data)) }

    private mutating func add(bytes: some Collection<UInt8> & DataProtocol) {
        withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hash.update(bufferPointer: $0) }
        hash.update(data: bytes)
    }

    private static func hexadecimal(_ digest: SHA256.Digest) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self)
    }
}
