/// How grave something is. What could not be judged is worse than what is well, and better than
/// what is known to be wrong.
public enum HealthLevel: String, Sendable, Codable, CaseIterable, Comparable {
    case ok, unknown, warning, critical

    /// From 0, well, to 3, critical.
    public var rank: Int {
        switch self {
        case .ok: 0
        case .unknown: 1
        case .warning: 2
        case .critical: 3
        }
    }

    /// Whether the first is less grave.
    public static func < (left: HealthLevel, right: HealthLevel) -> Bool { left.rank < right.rank }

    /// The gravest of some levels; well where there are none.
    public static func worst(_ levels: some Sequence<HealthLevel>) -> HealthLevel {
        levels.max() ?? .ok
    }
}
