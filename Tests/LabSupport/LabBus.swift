// The board's emulated I2C bus from the side of the plant: which relays are on, what the inputs say.

import Foundation

/// What the emulator makes of the board's relay device.
public enum LabDevice: UInt8, Sendable {
    /// Every transfer fails.
    case failing = 2
    /// It answers.
    case working = 4
}

extension Lab {
    private static let modioAddress = 0x58
    private static let deviceCount = 128
    private static let registerCount = 256
    private static let relays = 0x10
    private static let inputs = 0x20

    /// Olimex's relays as last written, bit 0 = REL1.
    public func relays(of host: String = "olimex") throws -> UInt8 {
        let file = try bus(of: host)
        defer { try? file.close() }
        try file.seek(toOffset: Self.offset(of: Self.relays))
        guard let byte = try file.read(upToCount: 1)?.first else {
            throw LabError(message: "\(host)'s I2C state is too short")
        }
        return byte
    }

    /// Sets what a read of the digital inputs finds, bit 0 = IN1.
    public func setInputs(_ inputs: UInt8, of host: String = "olimex") throws {
        try write(inputs, at: Self.offset(of: Self.inputs), of: host)
    }

    /// Puts the board as one finds it at rest: its device answers, no relay is on, no engine turns.
    /// What the test before left of its engine would be taken for one that runs.
    public func restBoard(of host: String = "olimex") throws {
        try setDevice(.working, of: host)
        try setRelays(0, of: host)
        try setInputs(0, of: host)
    }

    /// Sets what the emulator makes of the device.
    public func setDevice(_ device: LabDevice, of host: String = "olimex") throws {
        try write(device.rawValue, at: UInt64(Self.modioAddress), of: host)
    }

    /// Sets the relays as if they had been left so.
    public func setRelays(_ relays: UInt8, of host: String = "olimex") throws {
        try write(relays, at: Self.offset(of: Self.relays), of: host)
    }

    private func write(_ byte: UInt8, at offset: UInt64, of host: String) throws {
        let file = try bus(of: host)
        defer { try? file.close() }
        try file.seek(toOffset: offset)
        try file.write(contentsOf: Data([byte]))
    }

    private static func offset(of register: Int) -> UInt64 {
        UInt64(deviceCount + modioAddress * registerCount + register)
    }

    private func bus(of host: String) throws -> FileHandle {
        let path = "\(runFolder)/hosts/\(host)/i2c"
        return try FileHandle(forUpdating: URL(fileURLWithPath: path))
    }
}
