/// Limits of a host's health that differ from those of its kind.
public struct HealthLimits: Sendable, Equatable {
    /// What has limits; the raw value is the inventory's key.
    public enum Measure: String, Sendable, CaseIterable {
        case diskUsed = "disk_used"
        case diskFullIn = "disk_full_in"
        case memoryUsed = "memory_used"
        case load
        case temperature
        case clockOffset = "clock_offset"
        case answerTime = "answer_time"
        case restarts
        case threads
        case rowAge = "row_age"
        case stateOfCharge = "state_of_charge"

        /// Whether a small value is the bad one.
        public var isBadWhenLow: Bool { self == .diskFullIn || self == .stateOfCharge }

        /// What it is, with its unit.
        var description: String {
            switch self {
            case .diskUsed: "Used part of each file system and of its inodes, percent."
            case .diskFullIn: "Days until a file system is full, by its trend."
            case .memoryUsed: "Used part of the memory, percent."
            case .load: "Load over 15 minutes for each processor, in hundredths."
            case .temperature: "The hottest sensor, degrees Celsius."
            case .clockOffset: "How far the clock is off, seconds."
            case .answerTime: "Time to the first line of the host's answer, seconds."
            case .restarts: "Restarts of a service within a day."
            case .threads: "Threads of a service's main process."
            case .rowAge: "Age of the monitor's last row, minutes."
            case .stateOfCharge: "State of charge of the battery, percent."
            }
        }
    }

    /// From where on it is a warning, and from where on critical; nil is the kind's default.
    public struct Pair: Sendable, Equatable {
        /// From here on it is a warning.
        public var warning: Int?
        /// From here on it is critical.
        public var critical: Int?

        /// A pair of limits.
        public init(warning: Int? = nil, critical: Int? = nil) {
            self.warning = warning
            self.critical = critical
        }
    }

    /// The limits that differ.
    public var pairs: [Measure: Pair]

    /// Limits; none differ by default.
    public init(_ pairs: [Measure: Pair] = [:]) { self.pairs = pairs }
}
