/// The four relays of the MOD-IO board, as the byte that is written to its register 0x10.
public struct RelaySet: OptionSet, Sendable, Hashable {
    /// Bit 0 is REL1. Only the low four bits are ever set.
    public let rawValue: UInt8

    /// The relays of the low four bits; the board has no others.
    public init(rawValue: UInt8) { self.rawValue = rawValue & 0x0F }

    /// REL1, the starter motor.
    public static var start: RelaySet { RelaySet(rawValue: 0x01) }
    /// REL2, the coil of the AC transfer contactor: the load.
    public static var charger: RelaySet { RelaySet(rawValue: 0x02) }
    /// REL3, the glow plugs.
    public static var glow: RelaySet { RelaySet(rawValue: 0x04) }
    /// REL4, ignition and fuel: the engine may run.
    public static var ignition: RelaySet { RelaySet(rawValue: 0x08) }
}
