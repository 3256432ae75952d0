// The board's emulated I2C bus from the side of the plant: which relays are on, what the inputs say.

import Foundation

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
        let file = try bus(of: host)
        defer { try? file.close() }
        try file.seek(toOffset: Self.offset(of: Self.inputs))
        try file.write(contentsOf: Data([inputs]))
    }

    private static func offset(of register: Int) -> UInt64 {
        UInt64(deviceCount + modioAddress * registerCount + register)
    }

    private func bus(of host: String) throws -> FileHandle {
        let path = "\(runFolder)/hosts/\(host)/i2c"
        return try FileHandle(forUpdating: URL(fileURLWithPath: path))
    }
}
