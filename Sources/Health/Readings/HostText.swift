/// Bytes of a host as text and numbers, within limits.
enum HostText {
    /// Longest text of one value, in bytes.
    static let limit = 400

    /// The bytes as text: what is no UTF-8, controls, or turns the direction becomes `�`.
    static func clean(_ bytes: some Collection<UInt8>, limit: Int = limit) -> String {
        let text = String(decoding: bytes.prefix(limit), as: UTF8.self)
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            result.append(isHarmless(scalar) ? scalar : "\u{FFFD}")
        }
        return String(result)
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF:
            false
        default: true
        }
    }

    /// Digits alone, as a number that fits.
    static func natural(_ text: some StringProtocol) -> Int? {
        guard (1...18).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(text)
    }

    /// Kibibytes as bytes.
    static func kibibytes(_ text: some StringProtocol) -> Int? {
        natural(text).flatMap { $0 < 1 << 50 ? $0 * 1024 : nil }
    }

    /// A decimal number without exponents, infinities and the like.
    static func decimal(_ text: some StringProtocol) -> Double? {
        guard (1...24).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x2D })
        else { return nil }
        return Double(text)
    }

    /// The words of a text.
    static func words(_ text: some StringProtocol) -> [Substring] {
        Substring(text).split { $0 == " " || $0 == "\t" }
    }
}
