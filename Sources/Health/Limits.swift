import Inventory

/// What sort of machine a host is: what is much for one is little for another.
public enum HostKind: Sendable, CaseIterable {
    /// A Raspberry Pi or a machine like it.
    case pi
    /// An old board with little memory and without a clock of its own.
    case board
    /// A server or a PC.
    case plain

    /// What the inventory says of a host.
    public init(_ host: Host) {
        switch host.architecture {
        case .armv5: self = .board
        case .arm64, .armhf: self = .pi
        case .amd64: self = host.initSystem == .systemd ? .plain : .board
        }
    }
}

/// Where a measure becomes a warning, where critical, and how far it must come back.
public struct Limit: Sendable, Equatable {
    /// From here on it is a warning.
    public var warning: Double
    /// From here on it is critical.
    public var critical: Double
    /// How far it must be on the good side of a limit to be well again.
    public var margin: Double
    /// Whether a small value is the bad one.
    public var isBadWhenLow: Bool

    /// A limit from its parts.
    public init(
        warning: Double, critical: Double, margin: Double = 0, isBadWhenLow: Bool = false
    ) {
        self.warning = warning
        self.critical = critical
        self.margin = margin
        self.isBadWhenLow = isBadWhenLow
    }

    /// How grave a value is. What was grave before stays so until it is better by the margin: a
    /// value that wavers about a limit does not make an alarm each time.
    public func level(_ value: Double, previous: HealthLevel?) -> HealthLevel {
        func reaches(_ limit: Double, _ level: HealthLevel) -> Bool {
            let isHeld = previous.map { $0 >= level } ?? false
            let slack = isHeld ? margin : 0
            return isBadWhenLow ? value <= limit + slack : value >= limit - slack
        }
        if reaches(critical, .critical) { return .critical }
        return reaches(warning, .warning) ? .warning : .ok
    }
}

extension HostKind {
    /// The limit of a measure on hosts of this kind, in the inventory's units.
    public func limit(_ measure: HealthLimits.Measure) -> Limit {
        let low = measure.isBadWhenLow
        switch measure {
        case .diskUsed: return Limit(warning: 85, critical: 95, margin: 2)
        case .diskFullIn:
            return Limit(warning: 14, critical: 3, margin: 1, isBadWhenLow: low)
        case .memoryUsed:
            // A board's programs are few and small, and there is no swap to fall back on.
            return self == .board
                ? Limit(warning: 85, critical: 95, margin: 3)
                : Limit(warning: 90, critical: 96, margin: 3)
        case .load: return Limit(warning: 200, critical: 500, margin: 50)
        case .temperature:
            switch self {
            // The firmware slows a Pi down at 80 °C.
            case .pi: return Limit(warning: 75, critical: 82, margin: 4)
            case .board: return Limit(warning: 65, critical: 80, margin: 4)
            case .plain: return Limit(warning: 85, critical: 95, margin: 4)
            }
        case .clockOffset:
            // The board is set by hand or once at boot.
            return self == .board
                ? Limit(warning: 120, critical: 3600, margin: 10)
                : Limit(warning: 2, critical: 60, margin: 0.5)
        case .answerTime: return Limit(warning: 3, critical: 20, margin: 0.5)
        case .restarts: return Limit(warning: 3, critical: 10)
        case .threads: return Limit(warning: 64, critical: 256, margin: 8)
        case .rowAge: return Limit(warning: 25, critical: 60)
        case .stateOfCharge:
            return Limit(warning: 25, critical: 15, margin: 3, isBadWhenLow: low)
        }
    }
}

extension Limit {
    /// This limit as an inventory overrides it.
    func overridden(by pair: HealthLimits.Pair?) -> Limit {
        var limit = self
        if let warning = pair?.warning { limit.warning = Double(warning) }
        if let critical = pair?.critical { limit.critical = Double(critical) }
        return limit
    }
}
