import Foundation

/// Makes folders and files that only their owner may read.
enum PrivateFiles {
    static func makeFolder(_ path: String) throws(HistoryError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw HistoryError(.failed, path: path, detail: error.localizedDescription)
        }
    }

    static func makeFile(_ path: String) throws(HistoryError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else { throw failure(path, errno) }
    }

    /// Renames a damaged database, with what SQLite keeps beside it, to `….corrupt-<time>`.
    static func setAside(_ path: String) throws(HistoryError) -> String {
        let time = ISO8601DateFormatter().string(from: Date()).filter { $0 != "-" && $0 != ":" }
        var target = "\(path).corrupt-\(time)"
        var attempt = 1
        while access(target, F_OK) == 0 {
            attempt += 1
            target = "\(path).corrupt-\(time)-\(attempt)"
        }
        for suffix in ["-wal", "-shm", ""] {
            if rename(path + suffix, target + suffix) != 0, errno != ENOENT {
                throw failure(path + suffix, errno)
            }
        }
        return target
    }

    static func failure(_ path: String, _ code: Int32) -> HistoryError {
        HistoryError(.failed, path: path, detail: String(cString: strerror(code)))
    }
}

/// A lock between processes, held until it is released or the process ends.
struct FileLock {
    /// How often the lock is tried.
    private static let interval: UInt32 = 20_000

    private let descriptor: Int32

    init(_ path: String, timeout: Duration) throws(HistoryError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw PrivateFiles.failure(path, errno) }
        let deadline = ContinuousClock.now + timeout
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            guard code == EWOULDBLOCK || code == EINTR else {
                close(descriptor)
                throw PrivateFiles.failure(path, code)
            }
            guard ContinuousClock.now < deadline else {
                close(descriptor)
                throw HistoryError(.busy, path: path)
            }
            usleep(Self.interval)
        }
    }

    func release() { close(descriptor) }
}
