import CPlatform

/// A lock that only one process holds, and that the kernel releases when the process ends,
/// however it ends.
public struct LockFile {
    private let descriptor: FileDescriptor

    /// How an attempt ended.
    public enum Attempt {
        /// The lock is ours as long as the value lives.
        case locked(LockFile)
        /// Somebody else has it; as far as known, the process of this id.
        case held(by: String?)
    }

    /// Tries to take the lock at `path`.
    public static func take(_ path: String) throws(PosixError) -> Attempt {
        let descriptor = FileDescriptor(owning: try checked("open " + path, cp_open_lock(path)))
        guard try checked("flock " + path, cp_try_lock(descriptor.number)) == 0 else {
            let digits = (TextFile.read(path, limit: 16) ?? []).prefix {
                (0x30...0x39).contains($0)
            }
            return .held(by: digits.isEmpty ? nil : String(decoding: digits, as: UTF8.self))
        }
        _ = try checked("truncate " + path, cp_truncate(descriptor.number))
        // The number is a courtesy to whoever meets the lock; the lock holds without it.
        _ = descriptor.write(Array("\(cp_process_id())\n".utf8))
        return .locked(LockFile(descriptor: descriptor))
    }
}
