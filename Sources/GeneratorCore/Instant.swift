/// A point on a monotonic clock. Only differences mean anything; a change of the wall clock
/// moves nothing here.
public struct Instant: Sendable, Hashable, Comparable {
    /// Time since the clock's own, arbitrary, origin.
    public var sinceOrigin: Duration

    /// The instant that lies `sinceOrigin` after the clock's origin.
    public init(sinceOrigin: Duration) { self.sinceOrigin = sinceOrigin }

    /// Order in time.
    public static func < (left: Instant, right: Instant) -> Bool {
        left.sinceOrigin < right.sinceOrigin
    }

    /// The instant `duration` later.
    public static func + (instant: Instant, duration: Duration) -> Instant {
        Instant(sinceOrigin: instant.sinceOrigin + duration)
    }

    /// The instant `duration` earlier.
    public static func - (instant: Instant, duration: Duration) -> Instant {
        Instant(sinceOrigin: instant.sinceOrigin - duration)
    }

    /// The time from `earlier` to `later`; negative where they are the other way round.
    public static func - (later: Instant, earlier: Instant) -> Duration {
        later.sinceOrigin - earlier.sinceOrigin
    }
}
