/// Cells of one line, quoted as RFC 4180 says where they must be.
enum CSVText {
    private static var comma: UInt8 { 0x2C }
    private static var quote: UInt8 { 0x22 }

    /// A text as a cell.
    static func cell(_ text: String) -> String {
        var bytes: [UInt8] = []
        var isPlain = true
        for byte in text.utf8 {
            switch byte {
            case 0..<0x20, 0x7F: bytes.append(0x20)
            case quote:
                isPlain = false
                bytes += [quote, quote]
            case comma:
                isPlain = false
                bytes.append(byte)
            default: bytes.append(byte)
            }
        }
        let cell = String(decoding: bytes, as: UTF8.self)
        return isPlain ? cell : "\"" + cell + "\""
    }

    /// The cells of a line without its end; nil where a quote is out of place.
    static func cells(_ line: [UInt8]) -> [[UInt8]]? {
        enum Place { case begin, plain, quoted, afterQuote }
        var cells: [[UInt8]] = []
        var cell: [UInt8] = []
        var place = Place.begin
        for byte in line {
            switch (place, byte) {
            case (.begin, quote): place = .quoted
            case (.plain, quote): return nil
            case (.begin, comma), (.plain, comma), (.afterQuote, comma):
                cells.append(cell)
                cell.removeAll()
                place = .begin
            case (.begin, _), (.plain, _):
                cell.append(byte)
                place = .plain
            case (.quoted, quote): place = .afterQuote
            case (.quoted, _): cell.append(byte)
            case (.afterQuote, quote):
                cell.append(quote)
                place = .quoted
            case (.afterQuote, _): return nil
            }
        }
        guard place != .quoted else { return nil }
        return cells + [cell]
    }
}

/// Numbers as the files have them.
enum NumberText {
    /// Thousandths in tenths, `52.1`, rounded half away from zero.
    static func tenths(_ thousandths: Int) -> String {
        let sign = thousandths < 0 ? "-" : ""
        let tenths = (thousandths.magnitude + 50) / 100
        return (tenths == 0 ? "" : sign) + "\(tenths / 10).\(tenths % 10)"
    }

    /// A decimal number in thousandths; nil for anything else. Later digits are dropped.
    /// Before the point are at most six: in thousandths they fit 32 bits.
    static func thousandths(_ text: [UInt8]) -> Int? {
        var digits = text[...]
        let isNegative = digits.first == 0x2D
        if isNegative { digits.removeFirst() }
        let parts = digits.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = natural(parts[0], digitsMax: 6) else {
            return nil
        }
        var thousandths = whole * 1000
        if parts.count == 2 {
            guard (1...20).contains(parts[1].count), parts[1].allSatisfy(isDigit) else {
                return nil
            }
            var weight = 100
            for digit in parts[1].prefix(3) {
                thousandths += Int(digit - 0x30) * weight
                weight /= 10
            }
        }
        return isNegative ? -thousandths : thousandths
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// Digits and nothing else.
    private static func natural(_ text: ArraySlice<UInt8>, digitsMax: Int) -> Int? {
        guard (1...digitsMax).contains(text.count), text.allSatisfy(isDigit) else { return nil }
        return text.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// Seconds since 1970, as a whole number with or without a fraction.
    static func seconds(_ text: [UInt8]) -> Int64? {
        let parts = text.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count) else { return nil }
        for part in parts {
            guard (1...12).contains(part.count), part.allSatisfy(isDigit) else { return nil }
        }
        return parts[0].reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
    }
}
