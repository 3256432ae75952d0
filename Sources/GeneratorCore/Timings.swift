/// How long each phase lasts. The defaults are the site's; the bounds keep a slip of the keyboard
/// from burning a starter.
public struct Timings: Sendable, Equatable {
    /// All relays off before a start.
    public var reset: Duration = .seconds(1)
    /// Ignition alone before the crank.
    public var ignition: Duration = .milliseconds(500)
    /// Ignition and starter.
    public var crank: Duration = .seconds(10)
    /// Ignition, glow plugs and starter.
    public var glowCrank: Duration = .seconds(2)
    /// Ignition alone after the crank, before the engine is judged.
    public var coast: Duration = .seconds(4)
    /// Idle running before the alternator is judged.
    public var warmUp: Duration = .seconds(60)
    /// Idle running for the voltage to settle before the charger is closed.
    public var stabilise: Duration = .seconds(20)
    /// Idle running after load.
    public var cooldown: Duration = .seconds(180)
    /// The longest run without a lease; then it is unloaded, cooled down and stopped.
    public var runMax: Duration = .seconds(6 * 3600)
    /// Rest of the starter between two cranks.
    public var rest: Duration = .seconds(30)
    /// Whether an engine that is seen running ends the crank.
    public var crankDisconnect: CrankDisconnect = .after(.milliseconds(500))

    /// What an engine that catches while it is cranked does to the crank.
    public enum CrankDisconnect: Sendable, Equatable {
        /// The starter is released once IN1 has been seen for this long.
        case after(Duration)
        /// The crank lasts its full time, as the site's older controller did.
        case never
    }

    /// The site's timings.
    public init() {}
}

extension Timings {
    /// How the limits are applied.
    public enum Bounds: Sendable {
        /// For a real engine.
        case site
        /// For test benches: phases may be as short as 50 ms. The upper limits stay.
        case bench
    }

    /// One timing that may be given by name.
    public enum Field: String, Sendable, CaseIterable {
        /// ``Timings/reset``.
        case reset
        /// ``Timings/ignition``.
        case ignition
        /// ``Timings/crank``.
        case crank
        /// ``Timings/glowCrank``.
        case glowCrank = "glow-crank"
        /// ``Timings/coast``.
        case coast
        /// ``Timings/warmUp``.
        case warmUp = "warm-up"
        /// ``Timings/stabilise``.
        case stabilise
        /// ``Timings/cooldown``.
        case cooldown
        /// ``Timings/runMax``.
        case runMax = "run-max"
        /// ``Timings/rest``.
        case rest

        /// The values that are let through, in milliseconds.
        public func allowedMilliseconds(_ bounds: Bounds) -> ClosedRange<Int64> {
            let site: ClosedRange<Int64> =
                switch self {
                case .reset: 500...10_000
                case .ignition: 500...10_000
                case .crank: 1_000...15_000
                case .glowCrank: 500...5_000
                case .coast: 2_000...15_000
                case .warmUp: 10_000...1_800_000
                case .stabilise: 5_000...600_000
                case .cooldown: 30_000...1_800_000
                case .runMax: 600_000...86_400_000
                case .rest: 10_000...600_000
                }
            switch bounds {
            case .site: return site
            case .bench: return 50...site.upperBound
            }
        }
    }

    /// Sets one timing. False, and nothing changed, where the value is out of bounds.
    public mutating func set(
        _ field: Field, milliseconds: Int64, within bounds: Bounds
    ) -> Bool {
        guard field.allowedMilliseconds(bounds).contains(milliseconds) else { return false }
        let value = Duration.milliseconds(milliseconds)
        switch field {
        case .reset: reset = value
        case .ignition: ignition = value
        case .crank: crank = value
        case .glowCrank: glowCrank = value
        case .coast: coast = value
        case .warmUp: warmUp = value
        case .stabilise: stabilise = value
        case .cooldown: cooldown = value
        case .runMax: runMax = value
        case .rest: rest = value
        }
        return true
    }
}
