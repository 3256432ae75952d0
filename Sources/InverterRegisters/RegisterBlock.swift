/// A run of input registers that the inverter answers in one request: at most 40, never across a
/// multiple of 40.
public struct RegisterBlock: Sendable, Hashable {
    /// The first register.
    public let start: UInt16
    /// How many, 1 to 40.
    public let count: UInt16

    /// Registers in one block of the inverter's memory.
    public static var size: UInt16 { 40 }

    /// A block; nil where the inverter would not answer it.
    public init?(start: UInt16, count: UInt16) {
        guard count >= 1, count <= Self.size, start <= UInt16.max - Self.size,
            start / Self.size == (start + count - 1) / Self.size
        else { return nil }
        self.start = start
        self.count = count
    }

    /// What a monitor reads in one round: 0–39, 81–119, the load at 170 and the fault and warning
    /// words at 60–63, which matter least. An answer does not say which registers it holds; no two
    /// of these are of one length, so that a late one to an earlier request is not taken for
    /// another's.
    public static var monitored: [RegisterBlock] {
        [(0, 40), (81, 39), (170, 1), (60, 4)].compactMap {
            RegisterBlock(start: $0.0, count: $0.1)
        }
    }

    /// All that is known to mean something: 0–185. Above are copies of holding registers.
    public static var documented: [RegisterBlock] {
        [(0, 40), (40, 40), (80, 40), (120, 40), (160, 26)].compactMap {
            RegisterBlock(start: $0.0, count: $0.1)
        }
    }
}
