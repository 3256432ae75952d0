/// What an operator should know. Each is raised once and cleared once.
public enum Alarm: Sendable, Hashable, CaseIterable {
    /// A start failed.
    case startFailed
    /// Too many failed: nothing is started any more.
    case startsExhausted
    /// The engine stopped by itself in the middle of a run.
    case engineStopped
    /// STOP was said, and the generator does not stand in time.
    case stopFailed
    /// The charger is closed, but the battery is not being charged.
    case noCharging
    /// The readings of the battery cannot be believed.
    case batteryUntrusted
    /// The generator server does not say how the generator is.
    case generatorUnknown
    /// The engine is due for service.
    case serviceDue

    /// For people.
    public var text: String {
        switch self {
        case .startFailed: "the generator failed to start"
        case .startsExhausted: "no more starts: the generator failed too often"
        case .engineStopped: "the engine stopped in the middle of a run"
        case .stopFailed: "the generator does not stop: STOP is repeated"
        case .noCharging: "charger closed, but no charging"
        case .batteryUntrusted: "the battery's state is not known"
        case .generatorUnknown: "the generator's state is not known"
        case .serviceDue: "the engine is due for service"
        }
    }

    /// The word for programs.
    public var word: String {
        switch self {
        case .startFailed: "start-failed"
        case .startsExhausted: "starts-exhausted"
        case .engineStopped: "engine-stopped"
        case .stopFailed: "stop-failed"
        case .noCharging: "no-charging"
        case .batteryUntrusted: "battery-untrusted"
        case .generatorUnknown: "generator-unknown"
        case .serviceDue: "service-due"
        }
    }
}
