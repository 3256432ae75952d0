import CPlatform

/// An open descriptor; closed when nobody holds it any more.
public final class FileDescriptor {
    /// Its number.
    public let number: Int32

    /// Takes over a descriptor.
    public init(owning number: Int32) { self.number = number }

    deinit { _ = cp_close(number) }

    /// What a read or write of a non-blocking descriptor brought.
    public enum Transfer: Sendable, Equatable {
        /// So many bytes.
        case bytes(Int)
        /// Nothing now; wait until it is ready.
        case notNow
        /// The other end has closed, or the connection broke.
        case closed
    }

    /// Reads into `buffer`.
    public func read(into buffer: inout [UInt8]) -> Transfer {
        let count = buffer.count
        let result = buffer.withUnsafeMutableBytes { cp_read(number, $0.baseAddress, count) }
        if result > 0 { return .bytes(Int(result)) }
        if result == 0 { return .closed }
        return cp_would_block(cp_errno()) != 0 ? .notNow : .closed
    }

    /// Writes as much of `bytes` as goes.
    public func write(_ bytes: [UInt8]) -> Transfer {
        let count = bytes.count
        let result = bytes.withUnsafeBytes { cp_write(number, $0.baseAddress, count) }
        if result >= 0 { return .bytes(Int(result)) }
        return cp_would_block(cp_errno()) != 0 ? .notNow : .closed
    }
}

/// Small text files of the kernel's.
public enum TextFile {
    /// The first `limit` bytes of a file; nil where it cannot be read.
    public static func read(_ path: String, limit: Int) -> [UInt8]? {
        let number = cp_open_read(path)
        guard number >= 0 else { return nil }
        let file = FileDescriptor(owning: number)
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1024)
        while all.count < limit {
            guard case .bytes(let count) = file.read(into: &buffer) else { break }
            all.append(contentsOf: buffer[..<min(count, limit - all.count)])
        }
        return all
    }

    /// Whether a file's new content must outlive a power cut.
    public enum Durability: Sendable {
        /// It is on tmpfs, or may be lost.
        case passing
        /// It is on the disk when the call returns.
        case durable
    }

    /// Puts a file there whole or not at all: written beside it, then renamed.
    public static func replace(
        _ path: String, with bytes: [UInt8], _ durability: Durability
    ) throws(PosixError) {
        let new = path + ".new"
        let file = FileDescriptor(owning: try checked("open " + new, cp_open_new(new)))
        guard file.write(bytes) == .bytes(bytes.count) else {
            throw PosixError("write " + new, code: cp_errno())
        }
        if durability == .durable { _ = try checked("fsync " + new, cp_sync(file.number)) }
        _ = try checked("rename " + new, cp_rename(new, path))
        if durability == .durable { try syncFolder(of: path) }
    }

    /// Without this a power cut may bring the file of before back: the rename is the folder's.
    private static func syncFolder(of path: String) throws(PosixError) {
        let bytes = Array(path.utf8)
        guard let slash = bytes.lastIndex(of: 0x2F) else { return }
        let name = slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
        let folder = FileDescriptor(owning: try checked("open " + name, cp_open_read(name)))
        _ = try checked("fsync " + name, cp_sync(folder.number))
    }

    /// Makes the folder where it is missing; its parent must be there.
    public static func makeFolder(_ path: String) throws(PosixError) {
        _ = try checked("mkdir " + path, cp_make_folder(path))
    }

    /// Whether something is at the path.
    public static func exists(_ path: String) -> Bool { cp_path_exists(path) != 0 }
}
