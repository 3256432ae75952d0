import CPlatform

/// The descriptors that one turn of a loop waits for.
public struct PollSet {
    /// What is waited for.
    public struct Interest: OptionSet, Sendable {
        /// Its bits.
        public let rawValue: Int16
        /// An interest of these bits.
        public init(rawValue: Int16) { self.rawValue = rawValue }
        /// Something to read, or the end.
        public static var read: Interest { Interest(rawValue: Int16(cp_poll_in)) }
        /// Room to write.
        public static var write: Interest { Interest(rawValue: Int16(cp_poll_out)) }
    }

    private var entries: [pollfd] = []

    /// An empty set.
    public init() {}

    /// Empties the set, keeping its memory.
    public mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

    /// Adds a descriptor and says its place.
    public mutating func add(_ descriptor: FileDescriptor, _ interest: Interest) -> Int {
        entries.append(pollfd(fd: descriptor.number, events: interest.rawValue, revents: 0))
        return entries.count - 1
    }

    /// Waits until one is ready or the time is over; a signal in between counts as neither.
    public mutating func wait(_ timeout: Duration) throws(PosixError) {
        let count = Int32(entries.count)
        let result = cp_poll(&entries, count, timeout.wholeMilliseconds)
        guard result < 0 else { return }
        let code = cp_errno()
        guard cp_would_block(code) == 0 else { return }
        throw PosixError("poll", code: code)
    }

    /// Whether there is something to read at that place, the end and errors included.
    public func isReadable(_ place: Int) -> Bool {
        let mask = Int16(cp_poll_in) | Int16(truncatingIfNeeded: cp_poll_broken)
        return entries[place].revents & mask != 0
    }

    /// Whether there is room to write at that place.
    public func isWritable(_ place: Int) -> Bool {
        entries[place].revents & Int16(cp_poll_out) != 0
    }
}
