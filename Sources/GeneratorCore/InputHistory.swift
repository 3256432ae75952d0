/// What the readings so far allow to be believed.
struct InputHistory: Sendable {
    struct Sample: Sendable {
        var reading: InputReading
        var at: Instant
    }

    private(set) var latest: Sample?
    private(set) var previous: Sample?
    private(set) var lastValidAt: Instant?
    /// IN1 in every valid reading since then.
    private(set) var engineSeenSince: Instant?
    /// No IN1 in any valid reading since then, and in how many.
    private(set) var engineAbsent: (since: Instant, readings: Int)?

    private let limits: Limits

    init(_ limits: Limits) { self.limits = limits }

    mutating func record(_ reading: InputReading, at now: Instant) {
        previous = latest
        latest = Sample(reading: reading, at: now)
        guard case .valid(let inputs) = reading else { return }
        lastValidAt = now
        if inputs.contains(.engineRunning) {
            engineSeenSince = engineSeenSince ?? now
            engineAbsent = nil
        } else {
            engineSeenSince = nil
            engineAbsent = (engineAbsent?.since ?? now, min((engineAbsent?.readings ?? 0) + 1, 2))
        }
    }

    /// The newest reading, unknown where there is none or where it is too old to mean anything.
    func current(at now: Instant) -> InputReading {
        guard let latest, now - latest.at <= limits.readingAge else { return .unknown }
        return latest.reading
    }

    /// The inputs that two consecutive equal valid readings agree upon, both taken at or after
    /// `start` and neither too old; nil where there is no such pair.
    func settled(since start: Instant, at now: Instant) -> Inputs? {
        guard let latest, let previous, previous.at >= start,
            now - previous.at <= limits.readingAge,
            case .valid(let inputs) = latest.reading, latest.reading == previous.reading
        else { return nil }
        return inputs
    }

    /// Whether the latest reading is valid and the one before it was not the same.
    var lacksPair: Bool {
        guard let latest, case .valid = latest.reading else { return false }
        return previous?.reading != latest.reading
    }

    /// Time since the last valid reading, counted from `start` where there is none after it.
    func blindTime(since start: Instant, at now: Instant) -> Duration {
        now - max(lastValidAt ?? start, start)
    }

    /// Whether IN1 is gone for good: not one bad reading.
    func engineLost(at now: Instant) -> Bool {
        guard let engineAbsent, engineAbsent.readings >= 2 else { return false }
        return now - engineAbsent.since >= limits.engineLoss
    }

    /// How long IN1 has been seen without a valid reading to the contrary.
    func engineSeen(at now: Instant) -> Duration? {
        guard let engineSeenSince else { return nil }
        return now - engineSeenSince
    }
}
