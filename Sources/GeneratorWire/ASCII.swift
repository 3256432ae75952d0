// Bytes of the protocol. It is ASCII; what is not printable never reaches a log or a terminal.

enum ASCII {
    static var lineFeed: UInt8 { 0x0A }
    static var carriageReturn: UInt8 { 0x0D }
    static var space: UInt8 { 0x20 }
    static var tab: UInt8 { 0x09 }

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

    /// Whether the text contains `needle`, byte for byte.
    static func contains(_ needle: String, in text: String) -> Bool {
        let needle = Array(needle.utf8)
        let hay = Array(text.utf8)
        guard hay.count >= needle.count else { return false }
        for start in 0...(hay.count - needle.count)
        where hay[start..<(start + needle.count)].elementsEqual(needle) {
            return true
        }
        return false
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
