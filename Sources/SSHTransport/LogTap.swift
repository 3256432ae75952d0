import CLibSSH
import Logging
import Synchronization

/// libssh's log, which it keeps per thread, led into swift-log. At the level used here libssh
/// prints states and packet sizes, never a packet's contents, so no secret passes.
final class LogTap: Sendable {
    static let shared = LogTap()

    private let logger = Mutex<Logger?>(nil)

    func set(_ logger: Logger?) { self.logger.withLock { $0 = logger } }

    private func say(_ function: String, _ text: String) {
        guard let logger = logger.withLock({ $0 }) else { return }
        logger.trace("\(Printable.text(text))", metadata: ["function": "\(function)"])
    }

    /// Takes the calling thread's libssh log. Called on every session thread before its session
    /// is made, since libssh's level and callback are thread-local.
    func attachToThisThread() {
        guard logger.withLock({ $0 != nil }) else {
            ssh_set_log_level(Int32(SSH_LOG_NONE))
            return
        }
        ssh_set_log_callback { _, function, text, _ in
            guard let text else { return }
            LogTap.shared.say(
                function.map { String(cString: $0) } ?? "libssh", String(cString: text))
        }
        ssh_set_log_level(Int32(SSH_LOG_PROTOCOL))
    }
}
