import CPlatform

/// A process that can be signalled without ever meeting another one that got its number.
public struct ProcessHandle {
    private let pid: Int32
    private let descriptor: FileDescriptor?

    /// A handle, or what became of it.
    public enum Opened {
        /// It holds the process, where the kernel can do that; see ``isHeld``.
        case handle(ProcessHandle)
        /// There is no such process.
        case gone
        /// Refused.
        case failed(PosixError)
    }

    /// Opens a handle (pidfd_open(2)). A kernel before 5.3 has none: the handle is the bare number
    /// then, and its user must look again who that is before each signal.
    public static func open(_ pid: Int32) -> Opened {
        let number = cp_pidfd_open(pid)
        if number >= 0 {
            return .handle(ProcessHandle(pid: pid, descriptor: FileDescriptor(owning: number)))
        }
        let code = cp_errno()
        if cp_no_such_call(code) != 0 {
            return .handle(ProcessHandle(pid: pid, descriptor: nil))
        }
        if cp_no_such_process(code) != 0 { return .gone }
        return .failed(PosixError("pidfd_open", code: code))
    }

    /// Whether the handle stays with the process whatever happens to the number.
    public var isHeld: Bool { descriptor != nil }

    /// Which signal.
    public enum Signal: Sendable {
        /// SIGTERM.
        case terminate
        /// SIGKILL.
        case kill
    }

    /// Sends a signal (pidfd_send_signal(2), kill(2)). A process that is gone is no error.
    public func send(_ signal: Signal) throws(PosixError) {
        let number = Int32(signal == .terminate ? cp_sigterm : cp_sigkill)
        let result =
            if let descriptor {
                cp_pidfd_signal(descriptor.number, number)
            } else {
                cp_signal(pid, number)
            }
        guard result < 0 else { return }
        let code = cp_errno()
        if cp_no_such_process(code) == 0 { throw PosixError("signal", code: code) }
    }
}
