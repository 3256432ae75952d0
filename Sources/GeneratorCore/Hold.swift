/// A promise that nobody starts the engine for a while, for example while the server is updated.
public struct Hold: Sendable, Hashable {
    /// Who holds, as it named itself: 1 to 32 printable bytes without blanks.
    public var owner: String
    /// Why, for people: at most 80 printable bytes.
    public var reason: String
    /// When it ends by itself.
    public var until: Instant

    /// A hold from its parts.
    public init(owner: String, reason: String, until: Instant) {
        self.owner = owner
        self.reason = reason
        self.until = until
    }

    /// The longest hold.
    public static var longest: Duration { .seconds(86_400) }
}

/// How long the engine has served, over all runs that are known of.
public struct ServiceCounters: Sendable, Hashable {
    /// Time for which IN1 was seen.
    public var runTime: Duration
    /// Starts after which the engine was seen running.
    public var starts: Int

    /// Counters from their parts.
    public init(runTime: Duration = .zero, starts: Int = 0) {
        self.runTime = runTime
        self.starts = starts
    }
}

/// What a machine knows from the process before it. All of it is optional: a machine that knows
/// nothing switches the relays off and stands.
public struct Inheritance: Sendable, Hashable {
    /// An engine that the process before it left running, to be taken over as it is.
    public struct RunningEngine: Sendable, Hashable {
        /// What the machine before was doing; nothing else can be taken over.
        public enum Phase: Sendable, Hashable, CaseIterable {
            /// The charger was closed.
            case charging
            /// The engine ran without the charger.
            case runningWithoutCharger
            /// It was cooling down.
            case coolingDown
        }

        /// What it was doing.
        public var phase: Phase
        /// How long this run had lasted.
        public var runTime: Duration
        /// Whether the engine had carried load in this run.
        public var wasLoaded: Bool

        /// An engine from its parts.
        public init(phase: Phase, runTime: Duration, wasLoaded: Bool) {
            self.phase = phase
            self.runTime = runTime
            self.wasLoaded = wasLoaded
        }

        /// The relays that it runs on.
        public var relays: RelaySet {
            switch phase {
            case .charging: [.ignition, .charger]
            case .runningWithoutCharger, .coolingDown: [.ignition]
            }
        }
    }

    /// A hold that has not run out.
    public var hold: Hold?
    /// Why no start is allowed before a reset.
    public var latched: Problem?
    /// When the starter was used last.
    public var crankEnded: Instant?
    /// What the engine has done so far.
    public var counters = ServiceCounters()
    /// The engine, where it is to be kept running.
    public var engine: RunningEngine?

    /// Nothing.
    public init() {}
}
