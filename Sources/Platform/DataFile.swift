import CPlatform

/// A regular file that is read and changed in place (open, pread, pwrite, ftruncate, fdatasync).
/// Links are not followed, and what is no regular file is not opened.
public struct DataFile {
    private let descriptor: FileDescriptor

    /// Opens it for reading and writing; makes it, empty, where it is missing.
    public init(_ path: String) throws(PosixError) {
        descriptor = FileDescriptor(owning: try checked("open", cp_open_update(path)))
    }

    /// Its length in bytes.
    public func size() throws(PosixError) -> Int64 {
        let size = cp_file_size(descriptor.number)
        guard size >= 0 else { throw PosixError("fstat", code: cp_errno()) }
        return size
    }

    /// The bytes from `place` on, at most `count`; fewer where the file ends.
    public func read(at place: Int64, count: Int) throws(PosixError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let (start, rest) = (filled, count - filled)
            let result = bytes.withUnsafeMutableBytes {
                cp_read_at(
                    descriptor.number, $0.baseAddress?.advanced(by: start), rest,
                    place + Int64(start))
            }
            guard result >= 0 else { throw PosixError("read", code: cp_errno()) }
            if result == 0 { break }
            filled += Int(result)
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    /// Writes all of it at `place`. Where that fails a part of it may be there.
    public func write(_ bytes: [UInt8], at place: Int64) throws(PosixError) {
        var written = 0
        while written < bytes.count {
            let (start, rest) = (written, bytes.count - written)
            let result = bytes.withUnsafeBytes {
                cp_write_at(
                    descriptor.number, $0.baseAddress?.advanced(by: start), rest,
                    place + Int64(start))
            }
            guard result > 0 else { throw PosixError("write", code: cp_errno()) }
            written += Int(result)
        }
    }

    /// Cuts it to this length.
    public func truncate(to size: Int64) throws(PosixError) {
        _ = try checked("truncate", cp_truncate_to(descriptor.number, size))
    }

    /// Its content is on the disk when the call returns.
    public func sync() throws(PosixError) {
        _ = try checked("fdatasync", cp_sync_data(descriptor.number))
    }
}

/// Which file a path leads to, and when it was touched.
public struct FileIdentity: Sendable, Equatable {
    private var device: UInt64
    private var inode: UInt64
    private var modified: Int64
    private var changed: Int64
    /// Whether it is a file, and no folder, link, pipe or device.
    public var isRegular: Bool

    /// What is at the path (lstat).
    public init(_ path: String) throws(PosixError) {
        var found = cp_identity()
        _ = try checked("lstat", cp_identify(path, &found))
        device = found.device
        inode = found.inode
        modified = found.modified_ns
        changed = found.changed_ns
        isRegular = found.is_regular != 0
    }
}

/// Names in folders.
public enum FilePath {
    /// Takes a file's name away (unlink).
    public static func remove(_ path: String) throws(PosixError) {
        _ = try checked("unlink", cp_remove(path))
    }

    /// Gives a file another name in the same file system.
    public static func rename(_ path: String, to new: String) throws(PosixError) {
        _ = try checked("rename", cp_rename(path, new))
    }

    /// Throws where the path is no folder whose files can be looked at.
    public static func checkFolder(_ path: String) throws(PosixError) {
        _ = try checked("look into it", cp_check_folder(path))
    }
}
