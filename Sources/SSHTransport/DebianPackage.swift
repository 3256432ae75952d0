import Glibc

/// What dpkg has recorded, read from its status file: no process is started for it.
enum DebianPackage {
    /// dpkg's status file; read up to this size.
    static let statusPath = "/var/lib/dpkg/status"
    static let statusLimit = 64 << 20

    /// The installed version of a package; nil where there is no dpkg or no such package.
    static func installedVersion(of package: String) -> String? {
        guard let text = readTextFile(statusPath, limit: statusLimit) else { return nil }
        return version(of: package, inStatus: text)
    }

    /// The `Version:` of the stanza that begins with `Package: name`.
    static func version(of package: String, inStatus text: String) -> String? {
        var isInside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty { isInside = false }
            if line == "Package: \(package)" { isInside = true }
            if isInside, line.hasPrefix("Version: ") { return String(line.dropFirst(9)) }
        }
        return nil
    }
}

/// A file's bytes; nil where it cannot be read, is no regular file or is larger than `limit`.
func readFile(_ path: String, limit: Int) -> [UInt8]? {
    let number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else { return nil }
    let file = Descriptor(owning: number)
    var status = stat()
    guard fstat(file.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
        status.st_size <= limit
    else { return nil }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= limit {
        let count = read(file.number, &chunk, chunk.count)
        if count == 0 { return bytes }
        guard count > 0 else {
            if errno == EINTR { continue }
            return nil
        }
        bytes.append(contentsOf: chunk[..<count])
    }
    return nil
}

/// A file read as UTF-8.
func readTextFile(_ path: String, limit: Int) -> String? {
    readFile(path, limit: limit).map { String(decoding: $0, as: UTF8.self) }
}
