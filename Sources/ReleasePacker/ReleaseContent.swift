import Crypto
import Foundation
import RemoteOps

/// The files of a release before they travel: where their bytes are, and what they are.
public struct ReleaseContent: Sendable {
    /// Where a file's bytes come from.
    public enum Origin: Sendable, Equatable {
        /// A file on this machine.
        case file(String)
        /// Bytes made here, such as a rendered unit.
        case bytes([UInt8])
    }

    /// One file.
    public struct Entry: Sendable {
        /// Path in the release.
        public var path: String
        /// Permission bits.
        public var mode: Int
        /// Where its bytes come from.
        public var origin: Origin

        /// A file from its parts.
        public init(path: String, mode: Int, origin: Origin) {
            self.path = path
            self.mode = mode
            self.origin = origin
        }
    }

    /// Where each file's bytes come from, by path.
    public let origins: [String: Origin]
    /// The files with their sizes and hashes.
    public let manifest: ReleaseManifest
    /// The release's name.
    public let id: ReleaseID

    /// Reads and hashes every file.
    public init(_ entries: [Entry]) throws(PackingError) {
        var files: [ReleaseFile] = []
        var origins: [String: Origin] = [:]
        for entry in entries {
            guard Self.isPlain(entry.path) else { throw .badPath(entry.path) }
            guard origins.updateValue(entry.origin, forKey: entry.path) == nil else {
                throw .twice(entry.path)
            }
            let (size, sha256) = try Self.measure(entry.origin)
            files.append(
                ReleaseFile(path: entry.path, mode: entry.mode, size: size, sha256: sha256))
        }
        manifest = ReleaseManifest(files)
        self.origins = origins
        id = manifest.id
    }

    /// A file, or every file below a folder, as entries of a release. A symbolic link that leads
    /// to a file inside the same folder is taken as that file.
    public static func entries(at path: String) throws(PackingError) -> [Entry] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .missing(path)
        }
        guard isFolder.boolValue else {
            let name = (path as NSString).lastPathComponent
            return [Entry(path: name, mode: try mode(of: path), origin: .file(path))]
        }
        guard let names = FileManager.default.enumerator(atPath: path) else {
            throw .unreadable(path, "it cannot be listed")
        }
        var entries: [Entry] = []
        for case let name as String in names {
            let file = path + "/" + name
            guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) else {
                throw .unreadable(file, "it is a link that leads nowhere")
            }
            if isFolder.boolValue { continue }
            guard entries.count < fileCountMax else { throw .tooMany(path) }
            entries.append(Entry(path: name, mode: try mode(of: file), origin: .file(file)))
        }
        return entries
    }

    /// The most files that a release may have.
    public static let fileCountMax = 20_000

    /// 0755 for what its owner may execute, else 0644: the umask of whoever built it plays no part.
    private static func mode(of path: String) throws(PackingError) -> Int {
        FileManager.default.isExecutableFile(atPath: path) ? 0o755 : 0o644
    }

    /// Relative, without empty parts, `.`, `..` and control characters; the scripts on the host
    /// read one path a line and split at blanks.
    private static func isPlain(_ path: String) -> Bool {
        guard !path.isEmpty, path.utf8.count <= 1024 else { return false }
        guard path.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") }) else {
            return false
        }
        return path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && $0 != "." && $0 != ".."
        }
    }

    private static func measure(_ origin: Origin) throws(PackingError) -> (Int, String) {
        switch origin {
        case .bytes(let bytes): return (bytes.count, SHA256.hash(data: bytes).hexadecimal)
        case .file(let path):
            var hash = SHA256()
            var size = 0
            var reader = try FileReader(path)
            while let chunk = try reader.next() {
                hash.update(data: chunk)
                size += chunk.count
            }
            guard size <= TarArchive.fileSizeMax else { throw .unreadable(path, "it is too large") }
            return (size, hash.finalize().hexadecimal)
        }
    }
}

/// Why a release could not be put together.
public enum PackingError: Error, Sendable, Equatable {
    /// There is no such file or folder.
    case missing(String)
    /// A file could not be read, and why.
    case unreadable(String, String)
    /// A path that cannot be in a release: blanks, control characters, `..`.
    case badPath(String)
    /// Two files have the same path.
    case twice(String)
    /// The folder holds more than `ReleaseContent.fileCountMax` files.
    case tooMany(String)
    /// zlib failed.
    case compression(Int32)

    /// The error in words.
    public var text: String {
        switch self {
        case .missing(let path): "there is no \(path)"
        case .unreadable(let path, let why): "\(path) cannot be read: \(why)"
        case .badPath(let path):
            "'\(path)' cannot be the path of a released file: no blanks, backslashes or '..'"
        case .twice(let path): "two files of the release have the path \(path)"
        case .tooMany(let path):
            "\(path) holds more than \(ReleaseContent.fileCountMax) files; is it the right folder?"
        case .compression(let code): "zlib failed with \(code)"
        }
    }
}

/// Reads a file in chunks.
struct FileReader {
    /// Bytes a chunk.
    static let chunkSize = 256 * 1024
    private let handle: FileHandle
    private let path: String

    init(_ path: String) throws(PackingError) {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw .unreadable(path, String(cString: strerror(errno)))
        }
        self.handle = handle
        self.path = path
    }

    /// The next bytes; nil at the end, where the file is closed.
    mutating func next() throws(PackingError) -> Data? {
        do {
            if let data = try handle.read(upToCount: Self.chunkSize), !data.isEmpty { return data }
            try handle.close()
            return nil
        } catch {
            throw .unreadable(path, "\(error)")
        }
    }
}

extension Sequence where Element == UInt8 {
    /// Two lower-case digits a byte.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
