/// What a host says of its deploy lock, through `unlock.sh`.
public struct LockFacts: Sendable, Equatable {
    /// Whether whoever took the lock can still be at work.
    public enum Verdict: Sendable, Equatable {
        /// Surely not, for this reason.
        case stale(String)
        /// They are, for this reason.
        case alive(String)
        /// It cannot be told.
        case unknown(String)
    }

    /// Tells this lock from a later one; nil where there is no lock.
    public var identity: String?
    /// Who took it, as they call themselves.
    public var owner: String?
    /// What for.
    public var reason: String?
    /// When it was taken, in seconds since 1970 by the host's clock.
    public var since: Int?
    /// The host's clock.
    public var clock: Int?
    /// Whether it is in use.
    public var verdict = Verdict.unknown("the host did not say")
    /// Whether a deploy is under way or was interrupted, with or without a lock.
    public var hasTransaction = false
    /// What the removal came to; nil where none was asked for.
    public var removal: Removal?

    /// How a removal ended.
    public enum Removal: Sendable, Equatable {
        /// The lock is gone; the text is `yes` or what else is to be said.
        case removed(String)
        /// It was another lock by then, or none.
        case changed(String)
    }

    /// Facts of a host without a lock.
    public init() {}

    /// The facts in the script's output; nil where it is not that script's, or breaks off.
    public init?(_ output: [UInt8]) {
        let lines = output.split(separator: UInt8(ascii: "\n")).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard lines.first == "fleet-unlock\t1", lines.last == "end" else { return nil }
        for line in lines {
            let fields = line.split(
                separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
            if fields.count == 2 { take(String(fields[0]), String(fields[1])) }
        }
    }

    private mutating func take(_ key: String, _ value: String) {
        switch key {
        case "identity": identity = value.isEmpty ? nil : value
        case "owner": owner = value
        case "reason": reason = value
        case "since": since = Int(value)
        case "clock": clock = Int(value)
        case "transaction": hasTransaction = true
        case "stale": verdict = .stale(value)
        case "alive": verdict = .alive(value)
        case "unknown": verdict = .unknown(value)
        case "removed": removal = .removed(value)
        case "changed": removal = .changed(value)
        default: break
        }
    }
}
