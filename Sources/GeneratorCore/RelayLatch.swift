/// The relays as they are wanted and as far as they are known. A write that failed is repeated
/// until the board takes it: relays latch, so nothing else ever releases them.
struct RelayLatch: Sendable {
    /// What they should be.
    private(set) var wanted: RelaySet = []
    /// What they are; nil after a write that failed, and before the first.
    private(set) var confirmed: RelaySet?
    /// Every relay that may be energised now.
    private(set) var possible: RelaySet = [.start, .charger, .glow, .ignition]
    /// Failed attempts in a row.
    private(set) var failures = 0
    private(set) var wantedSince: Instant
    private(set) var confirmedAt: Instant?
    private(set) var lastAttempt: Instant?
    /// The write whose result is not known yet.
    private(set) var attempted: RelaySet?

    private let limits: Limits

    init(_ limits: Limits, at now: Instant) {
        self.limits = limits
        wantedSince = now
    }

    mutating func want(_ relays: RelaySet, at now: Instant) {
        guard relays != wanted else { return }
        wanted = relays
        wantedSince = now
        lastAttempt = nil
    }

    /// Forgets what is known, so that the wanted relays are written once more.
    mutating func rewrite(at now: Instant) {
        confirmed = nil
        possible.formUnion(wanted)
        wantedSince = now
        lastAttempt = nil
    }

    /// The write that is due now, if any; it counts as attempted.
    mutating func dueWrite(at now: Instant) -> RelaySet? {
        guard confirmed != wanted else { return nil }
        if let lastAttempt, now - lastAttempt < limits.writeRetry { return nil }
        lastAttempt = now
        attempted = wanted
        confirmed = nil
        possible.formUnion(wanted)
        return wanted
    }

    /// Takes the result of the write that is under way; of any other it says nothing.
    mutating func record(_ relays: RelaySet, _ result: WriteResult, at now: Instant) -> Note? {
        guard attempted == relays else { return nil }
        attempted = nil
        switch result {
        case .written:
            let before = failures
            confirmed = relays
            possible = relays
            confirmedAt = now
            failures = 0
            return before > 0 ? .writeRecovered(relays, afterAttempts: before) : nil
        case .failed:
            confirmed = nil
            possible.formUnion(relays)
            failures = min(failures + 1, 1_000_000)
            // The first ones, then ever fewer: a dead bus must not fill the log.
            guard failures <= 3 || failures & (failures - 1) == 0 else { return nil }
            return .writeFailed(relays, attempt: failures)
        }
    }

    /// Whether the relays are known to be as wanted.
    var isSettled: Bool { confirmed == wanted }

    /// How long the wanted relays have been waiting for the board; nil where they are settled.
    func unsettledTime(at now: Instant) -> Duration? { isSettled ? nil : now - wantedSince }

    /// How long the relays have been settled; nil where they are not.
    func settledTime(at now: Instant) -> Duration? {
        guard isSettled, let confirmedAt else { return nil }
        return now - confirmedAt
    }

    /// When the next retry is due; nil where none is.
    var retryAt: Instant? {
        guard !isSettled else { return nil }
        return lastAttempt.map { $0 + limits.writeRetry } ?? wantedSince
    }
}
