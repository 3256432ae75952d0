import CPlatform

/// Signals as something to poll: no handler runs, nothing is interrupted.
public struct Signals {
    /// Readable when a signal is there.
    public let descriptor: FileDescriptor

    /// Blocks INT, TERM, HUP and QUIT and ignores PIPE for the whole process.
    public init() throws(PosixError) {
        descriptor = FileDescriptor(owning: try checked("signalfd", cp_signal_descriptor()))
    }

    /// The next signal's number; nil where there is none.
    public func next() -> Int32? {
        let number = cp_next_signal(descriptor.number)
        return number > 0 ? number : nil
    }
}
