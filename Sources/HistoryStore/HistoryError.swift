import Foundation
import GRDB

/// Why the history cannot be read or written. A deploy never fails for it; it is said and passed
/// over.
public struct HistoryError: Error, Sendable, Equatable {
    /// What went wrong.
    public enum Code: Sendable, Equatable {
        /// The file is no history, or is damaged.
        case damaged
        /// Another fleetctl kept it locked for too long.
        case busy
        /// There is no room left for it.
        case full
        /// A newer fleetctl has changed its form; this one leaves it alone.
        case newer
        /// The system or SQLite refused.
        case failed
    }

    /// What went wrong.
    public var code: Code
    /// The file.
    public var path: String
    /// The cause in SQLite's or the system's words.
    public var detail: String

    init(_ code: Code, path: String, detail: String = "") {
        self.code = code
        self.path = path
        self.detail = detail
    }

    init(_ error: any Error, path: String) {
        if let error = error as? HistoryError {
            self = error
            return
        }
        let code: Code =
            switch (error as? DatabaseError)?.resultCode {
            case .SQLITE_CORRUPT?, .SQLITE_NOTADB?: .damaged
            case .SQLITE_FULL?: .full
            // SQLite says no more than this where even its log cannot be made.
            case .SQLITE_IOERR? where Self.isFull(path): .full
            case .SQLITE_BUSY?, .SQLITE_LOCKED?: .busy
            default: .failed
            }
        self.init(code, path: path, detail: "\(error)")
    }
}

extension HistoryError {
    /// What SQLite needs to open a database: its log's index takes 32 KiB.
    private static let bytesNeeded = 64 << 10

    private static func isFull(_ path: String) -> Bool {
        var system = statvfs()
        guard statvfs((path as NSString).deletingLastPathComponent, &system) == 0 else {
            return false
        }
        return UInt64(system.f_bavail) * UInt64(system.f_frsize) < bytesNeeded
    }
}

extension HistoryError: CustomStringConvertible {
    /// The reason as a sentence without a full stop.
    public var description: String {
        let reason =
            switch code {
            case .damaged: "is damaged"
            case .busy: "is kept locked by another fleetctl"
            case .full: "cannot be written: the disk is full"
            case .newer: "was made by a newer fleetctl; use that one, or set the file aside"
            case .failed: "cannot be used"
            }
        return "the history \(path) \(reason)" + (detail.isEmpty ? "" : ": \(detail)")
    }
}
