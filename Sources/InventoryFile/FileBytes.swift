import Foundation

/// Why a file could not be read.
enum FileFault: Error, Equatable {
    /// The system's own words.
    case system(String)
    case tooLarge
}

/// Reads small files whole.
enum FileBytes {
    private static let chunkSize = 64 << 10

    /// The file's bytes, at most `limit`.
    static func read(_ path: String, limit: Int) throws(FileFault) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(Self.reason(errno)) }
        defer { close(descriptor) }
        return try read(descriptor, limit: limit)
    }

    /// The bytes up to the end of an open file.
    static func read(_ descriptor: Int32, limit: Int) throws(FileFault) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(chunkSize, limit + 1))
        while true {
            let count = Foundation.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                throw .system(reason(code))
            }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            if bytes.count > limit { throw .tooLarge }
        }
    }

    static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
