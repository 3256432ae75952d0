import Foundation

/// An exclusive lock on a file, held until the value is released; other processes and other tasks
/// of this one wait for it.
final class FolderLock: Sendable {
    /// How often a lock that somebody holds is tried again.
    static let interval = Duration.milliseconds(100)

    private let descriptor: Int32

    /// Takes the lock if nobody holds it; nil where somebody does. Throws errno.
    static func attempt(path: String) throws(POSIXError) -> FolderLock? {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            guard code == EWOULDBLOCK else {
                throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO)
            }
            return nil
        }
        return FolderLock(descriptor: descriptor)
    }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }
}
