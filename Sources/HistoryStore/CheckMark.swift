import Foundation

/// A file beside the database whose time says when the whole of it was last read and found in
/// order. Reading a history of years takes seconds, too long for every command.
struct CheckMark {
    /// Up to this size the database is read whole each time it is opened, in bytes.
    static let smallMax = 16 << 20
    /// How long a larger one is trusted, in seconds.
    static let trusted: TimeInterval = 86_400

    private let database, mark: String

    init(_ path: String) {
        database = path
        mark = path + ".checked"
    }

    /// Whether the database is to be read whole now.
    var isDue: Bool {
        var file = stat()
        guard stat(database, &file) == 0, file.st_size > Self.smallMax else { return true }
        guard stat(mark, &file) == 0 else { return true }
        // A mark of the future is from before the clock was put back.
        let age = Date().timeIntervalSince1970 - TimeInterval(file.st_mtim.tv_sec)
        return age < 0 || age > Self.trusted
    }

    /// The database is in order.
    func set() throws(HistoryError) {
        try PrivateFiles.makeFile(mark)
        // Without times: now.
        guard utimensat(AT_FDCWD, mark, nil, 0) == 0 else {
            throw PrivateFiles.failure(mark, errno)
        }
    }

    /// The next opening reads it whole. Where there is no mark it does so anyway.
    func remove() { unlink(mark) }
}
