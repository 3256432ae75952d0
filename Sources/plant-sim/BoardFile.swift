import Foundation
import GeneratorCore
import Platform

/// The state file of the emulated I2C bus: a flag byte for each of 128 devices, then 256 registers
/// of each. The MOD-IO of the board is device 0x58.
struct BoardFile {
    private static let devices = 128
    private static let registers = 256
    private static let address = 0x58
    private static let relaysRegister = 0x10
    private static let inputsRegister = 0x20

    private let path: String
    private let file: FileDescriptor

    init(path: String) throws(PosixError) {
        self.path = path
        let number = open(path, O_RDWR | Int32(O_CLOEXEC))
        guard number >= 0 else { throw PosixError("open " + path, code: errno) }
        file = FileDescriptor(owning: number)
    }

    /// The relays as last written to the board.
    func relays() throws(PosixError) -> RelaySet {
        var byte: UInt8 = 0
        guard pread(file.number, &byte, 1, Self.place(of: Self.relaysRegister)) == 1 else {
            throw PosixError("read relays from " + path, code: errno)
        }
        return RelaySet(rawValue: byte)
    }

    /// What a read of the board's inputs finds from now on.
    func setInputs(_ inputs: Inputs) throws(PosixError) {
        var byte = inputs.rawValue
        guard pwrite(file.number, &byte, 1, Self.place(of: Self.inputsRegister)) == 1 else {
            throw PosixError("write inputs to " + path, code: errno)
        }
    }

    private static func place(of register: Int) -> Int {
        devices + address * registers + register
    }
}
