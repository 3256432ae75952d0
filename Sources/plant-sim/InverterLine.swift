import CModbus
import Foundation
import InverterRegisters
import PlantSimulator
import Platform

/// The inverter's end of a serial line: a pseudo-terminal with libmodbus as a server on it.
final class InverterLine {
    private static let slave: Int32 = 1
    private static let baud: Int32 = 19200
    private static let readInputs = 4
    /// Debian's fixed number of the group that may use serial lines.
    private static let dialout: gid_t = 20
    /// What the dumps of the site's inverter reach to.
    private static let registerMax: UInt16 = 199
    private enum Refusal {
        static let function: UInt32 = 1
        static let address: UInt32 = 2
    }

    /// The link that leads to the line.
    let path: String
    /// The near end, to wait on.
    let descriptor: Int32
    /// Whether some program has the line open.
    private(set) var isOpen = false
    /// Requests that came, those that were refused and those that were lost.
    private(set) var requests = 0
    private(set) var refused = 0
    private(set) var lost = 0

    private let target: String
    private let server: OpaquePointer
    private var losesNext = false

    /// Opens a line and links it. A folder with a `pts/ptmx` is some host's /dev: the line is one
    /// of its own then, and the link good inside of it.
    init(path: String) throws(PosixError) {
        self.path = path
        let folder = (path as NSString).deletingLastPathComponent
        let isDevices = access(folder + "/pts/ptmx", F_OK) == 0
        descriptor = try Self.checked(
            "open a pseudo-terminal",
            open(isDevices ? folder + "/pts/ptmx" : "/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC))
        // TIOCSPTLCK and TIOCGPTN of <asm-generic/ioctls.h>: unlock, and ask for the number.
        var unlocked: Int32 = 0
        var number: UInt32 = 0
        _ = try Self.checked("unlock the terminal", ioctl(descriptor, 0x4004_5431, &unlocked))
        _ = try Self.checked("number the terminal", ioctl(descriptor, 0x8004_5430, &number))
        target = (isDevices ? "pts/" : "/dev/pts/") + String(number)
        try Self.prepare(isDevices ? folder + "/" + target : target)
        guard let server = modbus_new_rtu(path, Self.baud, 78, 8, 1),
            modbus_set_slave(server, Self.slave) == 0,
            // Never connected: the line is open already.
            modbus_set_socket(server, descriptor) == 0
        else { throw PosixError("set up the Modbus server", code: errno) }
        self.server = server
        let new = path + ".new"
        Glibc.unlink(new)
        _ = try Self.checked("link " + new, symlink(target, new))
        _ = try Self.checked("link " + path, rename(new, path))
    }

    deinit {
        modbus_free(server)
        close(descriptor)
    }

    /// Takes the link away, where it is still this line's.
    func unlink() {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = readlink(path, &buffer, buffer.count)
        let now = buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
        if String(decoding: now, as: UTF8.self) == target { Glibc.unlink(path) }
    }

    /// Answers what has come.
    func serve(_ plant: Plant) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, 0)
        let isHungUp = entry.revents & Int16(POLLHUP) != 0
        if isHungUp {
            isOpen = false
            return
        }
        if !isOpen {
            isOpen = true
            losesNext = true
        }
        guard entry.revents & Int16(POLLIN) != 0 else { return }
        var query = [UInt8](repeating: 0, count: Int(MODBUS_RTU_MAX_ADU_LENGTH))
        // 0 is a request to another slave, below is noise: the real one says nothing either.
        let length = modbus_receive(server, &query)
        guard length > 0 else { return }
        requests += 1
        if losesNext {
            losesNext = false
            lost += 1
            return
        }
        reply(query, length, plant.answer)
    }

    private func reply(_ query: [UInt8], _ length: Int32, _ answer: PlantAnswer) {
        let body = Int(modbus_get_header_length(server))
        guard query[body] == Self.readInputs else { return refuse(query, Refusal.function) }
        let start = UInt16(query[body + 1]) << 8 | UInt16(query[body + 2])
        let count = UInt16(query[body + 3]) << 8 | UInt16(query[body + 4])
        switch answer {
        case .silence: return
        case .exception(let code): return refuse(query, UInt32(code))
        case .registers(let registers):
            guard let block = RegisterBlock(start: start, count: count),
                start + count - 1 <= Self.registerMax,
                let mapping = modbus_mapping_new_start_address(
                    0, 0, 0, 0, 0, 0, UInt32(block.start), UInt32(block.count))
            else { return refuse(query, Refusal.address) }
            defer { modbus_mapping_free(mapping) }
            for offset in 0..<count {
                mapping.pointee.tab_input_registers[Int(offset)] = registers[start + offset] ?? 0
            }
            modbus_reply(server, query, length, mapping)
        }
    }

    private func refuse(_ query: [UInt8], _ code: UInt32) {
        refused += 1
        modbus_reply_exception(server, query, code)
    }

    /// Raw, for those who use serial lines, and closed again: from now on the near end sees when
    /// somebody opens the far one.
    private static func prepare(_ path: String) throws(PosixError) {
        let far = FileDescriptor(
            owning: try checked("open " + path, open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)))
        var settings = termios()
        _ = try checked("settings of " + path, tcgetattr(far.number, &settings))
        cfmakeraw(&settings)
        _ = try checked("settings of " + path, tcsetattr(far.number, TCSANOW, &settings))
        guard geteuid() == 0 else { return }
        _ = try checked("owner of " + path, fchown(far.number, 0, dialout))
        _ = try checked("mode of " + path, fchmod(far.number, 0o660))
    }

    private static func checked(_ operation: String, _ result: Int32) throws(PosixError) -> Int32 {
        guard result < 0 else { return result }
        throw PosixError(operation, code: errno)
    }
}
