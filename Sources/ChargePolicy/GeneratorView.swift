/// What the generator server says, in the words of this policy.
public struct GeneratorView: Sendable, Equatable {
    /// What the server is about.
    public enum Activity: Sendable, Hashable, CaseIterable {
        /// Relays off, engine standing, nothing under way.
        case idle
        /// A start is under way.
        case starting
        /// The engine runs and the charger is closed.
        case charging
        /// The engine runs with the charger open, and no stop is under way.
        case unloaded
        /// Cooling down, or switching off.
        case stopping
        /// Relays off after a failure; starts want a RESET first.
        case failed
        /// Relays off, and somebody's hold forbids a start.
        case held
        /// An operator has the relays in hand.
        case manual
        /// The server answers, but what it says is not enough to act upon.
        case unclear
    }

    /// What it is about.
    public var activity: Activity
    /// Whether the relay of the charger is closed; nil where that is not known.
    public var chargerIsClosed: Bool?
    /// How long the engine has run; nil where the server does not count.
    public var runTime: Duration?
    /// The engine's hours in all; nil where the server does not count.
    public var serviceHours: Int?
    /// Whether the server names its states. The legacy one does not.
    public var namesStates: Bool

    /// A view from its parts.
    public init(
        _ activity: Activity, chargerIsClosed: Bool? = nil, runTime: Duration? = nil,
        serviceHours: Int? = nil, namesStates: Bool = true
    ) {
        self.activity = activity
        self.chargerIsClosed = chargerIsClosed
        self.runTime = runTime
        self.serviceHours = serviceHours
        self.namesStates = namesStates
    }

    /// Whether relays and engine are at rest for certain.
    var isAtRest: Bool { [.idle, .failed, .held].contains(activity) }
    /// Whether an engine runs, or is about to.
    var isRunning: Bool { [.starting, .charging, .unloaded].contains(activity) }
}

/// What became of a START or STOP.
public enum CommandAnswer: Sendable, Hashable, CaseIterable {
    /// The server does it, or has done it.
    case accepted
    /// It runs already, or a start is under way.
    case alreadyRunning
    /// Somebody's hold forbids it.
    case held
    /// The start failed, or the server refuses it.
    case failed
    /// The connection broke before the answer: it may have been done or not.
    case lost
    /// There was no connection to say it on.
    case notSent
}

/// What the operators' files say.
public struct ManualWishes: Sendable, Equatable {
    /// A run is wanted whatever the battery says, for as long as this is so.
    public var forceCharge: Bool
    /// The generator is to be stopped, once.
    public var forceStop: Bool

    /// Wishes from their parts.
    public init(forceCharge: Bool = false, forceStop: Bool = false) {
        self.forceCharge = forceCharge
        self.forceStop = forceStop
    }
}
