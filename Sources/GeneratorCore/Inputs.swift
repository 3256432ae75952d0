/// The four inputs of the MOD-IO board, as read from its register 0x20.
public struct Inputs: OptionSet, Sendable, Hashable {
    /// Bit 0 is IN1. Only the low four bits are ever set.
    public let rawValue: UInt8

    /// The inputs of the low four bits; the upper ones carry nothing.
    public init(rawValue: UInt8) { self.rawValue = rawValue & 0x0F }

    /// IN1, the engine runs.
    public static var engineRunning: Inputs { Inputs(rawValue: 0x01) }
    /// IN2, the ignition is active.
    public static var ignitionActive: Inputs { Inputs(rawValue: 0x02) }
    /// IN3, not connected at the site.
    public static var unused: Inputs { Inputs(rawValue: 0x04) }
    /// IN4, the starter is engaged.
    public static var starterEngaged: Inputs { Inputs(rawValue: 0x08) }

    /// True for the one pattern that the site takes as a running engine: IN1 and IN2 alone, 3.
    public var showRunningEngine: Bool { self == [.engineRunning, .ignitionActive] }
}

/// One attempt to read the inputs. That nothing is known is a case of its own: it never counts as
/// "engine off".
public enum InputReading: Sendable, Hashable {
    /// Read, and read again with the same result.
    case valid(Inputs)
    /// The bus failed, or two reads would not agree.
    case unknown
}
