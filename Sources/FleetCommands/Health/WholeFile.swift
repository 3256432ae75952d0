import Foundation

/// Writes files that others read at any time: they find the old one or the new one, whole.
enum WholeFile {
    /// Writes beside the file, and renames that over it once it is on the disk. Mode 0644.
    static func write(_ bytes: [UInt8], to path: String) throws(FileFailure) {
        // Hidden, and not ending as the file does: collectors take files by their ends.
        let folder = (path as NSString).deletingLastPathComponent
        let name = ".\((path as NSString).lastPathComponent).\(getpid())"
        let draft = folder.isEmpty ? name : folder + "/" + name
        let descriptor = open(
            draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw FileFailure(path: draft, code: errno) }
        do throws(FileFailure) {
            defer { close(descriptor) }
            try fill(descriptor, bytes, draft)
        } catch {
            unlink(draft)
            throw error
        }
        guard rename(draft, path) == 0 else {
            let failure = FileFailure(path: path, code: errno)
            unlink(draft)
            throw failure
        }
    }

    private static func fill(
        _ descriptor: Int32, _ bytes: [UInt8], _ draft: String
    ) throws(FileFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileFailure(path: draft, code: errno) }
            rest = rest.dropFirst(count)
        }
        guard fchmod(descriptor, 0o644) == 0, fsync(descriptor) == 0 else {
            throw FileFailure(path: draft, code: errno)
        }
    }
}

/// A file could not be written.
struct FileFailure: Error, CustomStringConvertible {
    var path: String
    /// The system's number for the reason.
    var code: Int32

    var description: String { "\(path): \(String(cString: strerror(code)))" }
}
