import Glibc
import RemoteOps

/// Something under way on a session: a command, a stream or a bridge. Confined to the session's
/// thread, which calls `advance` after everything that may have moved it on.
protocol Operation: AnyObject {
    /// True once it has answered its caller and holds no channel any more.
    var isOver: Bool { get }
    /// When `advance` must be called even where nothing happens.
    var deadline: Deadline? { get }
    /// Descriptors of its own to wait for.
    var interest: pollfd? { get }
    /// Goes on as far as it can without waiting.
    func advance()
    /// The session is gone: answers the caller and lets go.
    func fail(_ end: SessionEnd)
}

/// Why a session has ended, for everything that was under way and everything that comes after.
struct SessionEnd: Sendable {
    var code: RemoteError.Code
    var detail: String
}
