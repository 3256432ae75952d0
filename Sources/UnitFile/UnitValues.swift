/// A time span as systemd writes it, such as `1min 30s`, `500ms` or `infinity` (systemd.time(7)).
public enum UnitSpan: Sendable, Equatable {
    case microseconds(UInt64)
    case infinity

    /// The span that a value means; a number without a unit counts seconds. Nil where it is none.
    public init?(_ text: String) {
        if text == "infinity" {
            self = .infinity
            return
        }
        var reader = NumberReader(text)
        var total: UInt64 = 0
        while let number = reader.next(units: Self.units, plain: 1_000_000) {
            let (sum, isOver) = total.addingReportingOverflow(number)
            if isOver { return nil }
            total = sum
        }
        guard reader.isDone else { return nil }
        self = .microseconds(total)
    }

    /// As a duration; nil for infinity.
    public var duration: Duration? {
        switch self {
        case .microseconds(let count): .microseconds(Int64(clamping: count))
        case .infinity: nil
        }
    }

    /// Each unit by its names, in microseconds.
    private static let units: [String: UInt64] = {
        let second: UInt64 = 1_000_000
        let table: [(names: String, size: UInt64)] = [
            ("us usec µs μs", 1), ("ms msec", 1000), ("s sec second seconds", second),
            ("m min minute minutes", 60 * second), ("h hr hour hours", 3600 * second),
            ("d day days", 86400 * second), ("w week weeks", 7 * 86400 * second),
            // 30.44 and 365.25 days.
            ("M month months", 2_629_800 * second), ("y year years", 31_557_600 * second),
        ]
        return Dictionary(
            table.flatMap { row in row.names.split(separator: " ").map { (String($0), row.size) } }
        ) { first, _ in first }
    }()
}

/// A size such as `32M`, `50%` or `infinity` (systemd.resource-control(5)).
public enum UnitSize: Sendable, Equatable {
    case bytes(UInt64)
    /// Of what there is, in hundredths of a percent.
    case share(UInt64)
    case infinity

    /// The size that a value means; suffixes K to E count by 1024. Nil where it is none.
    public init?(_ text: String) {
        if text == "infinity" {
            self = .infinity
            return
        }
        if text.hasSuffix("%") {
            var reader = NumberReader(String(text.dropLast()))
            guard let share = reader.next(units: [:], plain: 100), reader.isDone else {
                return nil
            }
            self = .share(share)
            return
        }
        var reader = NumberReader(text)
        var total: UInt64 = 0
        while let number = reader.next(units: Self.units, plain: 1) {
            let (sum, isOver) = total.addingReportingOverflow(number)
            if isOver { return nil }
            total = sum
        }
        guard reader.isDone else { return nil }
        self = .bytes(total)
    }

    private static let units: [String: UInt64] = [
        "B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "P": 1 << 50, "E": 1 << 60,
    ]
}

/// Booleans as systemd reads them.
public enum UnitBoolean {
    /// What a value means; nil where it is neither.
    public static func parse(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "1", "yes", "y", "true", "t", "on": true
        case "0", "no", "n", "false", "f", "off": false
        default: nil
        }
    }
}

/// Reads numbers with units: digits, a fraction, a unit, and again.
private struct NumberReader {
    private var rest: Substring.UTF8View
    private var isBroken = false
    private var isBegun = false

    init(_ text: String) { rest = Substring(text).utf8 }

    /// Whether everything was read and something was there.
    var isDone: Bool { isBegun && !isBroken && rest.isEmpty }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private mutating func digits() -> Substring.UTF8View {
        let digits = rest.prefix(while: Self.isDigit)
        rest = rest[digits.endIndex...]
        return digits
    }

    /// The next number in the smallest unit; nil at the end and where something else stands.
    mutating func next(units: [String: UInt64], plain: UInt64) -> UInt64? {
        passBlanks()
        guard !rest.isEmpty, !isBroken else { return nil }
        isBegun = true
        isBroken = true
        if rest.first == UInt8(ascii: "+"), rest.dropFirst().first.map(Self.isDigit) == true {
            rest.removeFirst()
        }
        let whole = digits()
        var fraction = rest[rest.startIndex..<rest.startIndex]
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = digits()
            if fraction.isEmpty { return nil }
        }
        guard !whole.isEmpty || !fraction.isEmpty, let number = UInt64("0\(Substring(whole))")
        else { return nil }
        passBlanks()
        let name = rest.prefix { !Self.isDigit($0) && $0 != 0x20 && $0 != 0x09 && $0 != 0x2E }
        guard let unit = name.isEmpty ? plain : units[String(Substring(name))] else { return nil }
        rest = rest[name.endIndex...]
        passBlanks()
        let (product, isOver) = number.multipliedReportingOverflow(by: unit)
        if isOver { return nil }
        let (sum, isTooMuch) = product.addingReportingOverflow(Self.part(fraction, of: unit))
        if isTooMuch { return nil }
        isBroken = false
        return sum
    }

    /// Digits beyond these are less than a microsecond or a byte of any unit in use.
    private static let fractionLimit = 9

    private static func part(_ digits: Substring.UTF8View, of unit: UInt64) -> UInt64 {
        var numerator: UInt64 = 0
        var denominator: UInt64 = 1
        for digit in digits.prefix(fractionLimit) {
            numerator = numerator * 10 + UInt64(digit - UInt8(ascii: "0"))
            denominator *= 10
        }
        let product = unit.multipliedFullWidth(by: numerator)
        return denominator.dividingFullWidth(product).quotient
    }

    private mutating func passBlanks() { rest = rest.drop { $0 == 0x20 || $0 == 0x09 } }
}
