import Foundation

/// Writes a file so that whoever reads it meanwhile sees the old one or the new one, whole.
enum AtomicFile {
    /// The file is as it was.
    struct Failure: Error, CustomStringConvertible {
        var path: String
        var reason: String
        var description: String { "\(path) was not written: \(reason)" }
    }

    /// Writes beside the file, has it on the disk, then gives it its name.
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws(Failure) {
        let temporary = path + ".\(getpid()).new"
        // Not through a link, and not into a file that somebody else made.
        let descriptor = open(
            temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path, errno) }
        do throws(Failure) {
            defer { close(descriptor) }
            try writeAll(bytes, descriptor, path)
            guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else {
                throw failure(path, errno)
            }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw failure(path, code)
        }
    }

    private static func writeAll(
        _ bytes: [UInt8], _ descriptor: Int32, _ path: String
    ) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            let code = errno
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if code != EINTR {
                throw failure(path, code)
            }
        }
    }

    private static func failure(_ path: String, _ code: Int32) -> Failure {
        Failure(path: path, reason: String(cString: strerror(code)))
    }
}
