// Bytes of the protocol. It is ASCII; what is not printable never reaches a log or a terminal.

enum ASCII {
    static var lineFeed: UInt8 { 0x0A }
    static var carriageReturn: UInt8 { 0x0D }
    static var space: UInt8 { 0x20 }
    static var tab: UInt8 { 0x09 }

    /// Printable and no blank.
    static func isVisible(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) }

    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    static func uppercased(_ byte: UInt8) -> UInt8 {
        (0x61...0x7A).contains(byte) ? byte - 0x20 : byte
    }

    /// The bytes as text of printable ASCII; every other byte becomes `?`.
    static func printable(_ bytes: some Sequence<UInt8>, limit: Int) -> String {
        var text: [UInt8] = []
        for byte in bytes.prefix(limit) {
            text.append((0x20...0x7E).contains(byte) ? byte : 0x3F)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The text without the letters `END` in a row: where they are, the second becomes small.
    static func withoutEnd(_ text: String) -> String {
        var bytes = Array(text.utf8)
        var place = 0
        while place + 2 < bytes.count {
            if bytes[place] == 0x45, bytes[place + 1] == 0x4E, bytes[place + 2] == 0x44 {
                bytes[place + 1] = 0x6E
            }
            place += 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value of 1 to `limit` decimal digits; nil for anything else.
    static func decimal(_ bytes: ArraySlice<UInt8>, digits limit: Int) -> Int64? {
        guard !bytes.isEmpty, bytes.count <= limit else { return nil }
        var value: Int64 = 0
        for byte in bytes {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int64(byte) - 0x30
        }
        return value
    }

    /// The value of up to `digits` hexadecimal digits; nil for anything else.
    static func hexadecimal(_ bytes: ArraySlice<UInt8>, digits: Int) -> Int? {
        guard !bytes.isEmpty, bytes.count <= digits else { return nil }
        var value = 0
        for byte in bytes {
            switch uppercased(byte) {
            case let digit where (0x30...0x39).contains(digit):
                value = value * 16 + Int(digit) - 0x30
            case let digit where (0x41...0x46).contains(digit):
                value = value * 16 + Int(digit) - 0x37
            default: return nil
            }
        }
        return value
    }
}
