/// Where the machine is.
public enum GeneratorState: Sendable, Hashable, CaseIterable {
    /// Relays off, nothing under way.
    case off
    /// Start: all relays off for a moment, inputs read.
    case preparing
    /// Start: ignition alone.
    case ignition
    /// Start: ignition and starter.
    case cranking
    /// Start: ignition, glow plugs and starter.
    case glowCranking
    /// Start: ignition alone; is the engine running?
    case verifying
    /// Start: the engine idles.
    case warmingUp
    /// Start: the alternator settles.
    case stabilising
    /// The charger is closed.
    case charging
    /// The engine runs with the charger open, and nobody has asked for a stop.
    case runningWithoutCharger
    /// The charger is open again and the engine idles before it is stopped.
    case coolingDown
    /// Relays are being switched off; until the board has taken it, this does not end.
    case stopping
    /// Relays off after a start or a run that failed: no start before a reset.
    case failed
    /// Relays off, and no start while somebody's hold lasts.
    case held
    /// A new process looks at an engine that the one before left running.
    case adopting
    /// Relays as an operator set them by hand: ignition or glow plugs, never starter or charger.
    case manual

    /// Whether a START is under way.
    public var isStarting: Bool {
        switch self {
        case .preparing, .ignition, .cranking, .glowCranking, .verifying, .warmingUp, .stabilising:
            true
        case .off, .charging, .runningWithoutCharger, .coolingDown, .stopping, .failed, .held,
            .adopting, .manual:
            false
        }
    }
}
