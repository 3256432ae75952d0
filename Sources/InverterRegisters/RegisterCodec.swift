/// Moves values between registers and a snapshot, one way or the other.
struct RegisterCodec {
    /// Which counters: a word a day, two words, low one first, for ever.
    enum Span { case today, lifetime }

    private enum Direction { case decode, encode }

    private let direction: Direction
    /// What is decoded, or what was encoded so far.
    private(set) var registers: InputRegisters

    /// For filling a snapshot.
    init(decoding registers: InputRegisters) {
        direction = .decode
        self.registers = registers
    }

    /// For filling registers.
    init() {
        direction = .encode
        registers = InputRegisters()
    }

    /// A word as it is.
    mutating func word(_ register: UInt16, _ value: inout UInt16?) {
        switch direction {
        case .decode: value = registers[register]
        case .encode: if let value { registers.set(register, value) }
        }
    }

    /// Two words, the low one first.
    mutating func long(_ register: UInt16, _ value: inout UInt32?) {
        var low = value.map { UInt16(truncatingIfNeeded: $0) }
        var high = value.map { UInt16(truncatingIfNeeded: $0 >> 16) }
        word(register, &low)
        word(register + 1, &high)
        value = low.flatMap { low in high.map { UInt32($0) << 16 | UInt32(low) } }
    }

    /// An unsigned word that counts in `unit`.
    mutating func number(
        _ register: UInt16, _ value: inout Int?, unit: Int, in range: ClosedRange<Int>
    ) {
        var raw = possible(value, range).flatMap { UInt16(exactly: Self.rounded($0, unit)) }
        word(register, &raw)
        value = possible(raw.map { Int($0) * unit }, range)
    }

    /// A signed word that counts in `unit`.
    mutating func signed(
        _ register: UInt16, _ value: inout Int?, unit: Int, in range: ClosedRange<Int>
    ) {
        var raw = possible(value, range).flatMap { Int16(exactly: Self.rounded($0, unit)) }
            .map { UInt16(bitPattern: $0) }
        word(register, &raw)
        value = possible(raw.map { Int(Int16(bitPattern: $0)) * unit }, range)
    }

    /// W, or VA.
    mutating func watts(_ register: UInt16, _ value: inout Int?) {
        number(register, &value, unit: 1, in: Possible.watts)
    }

    /// Wh, which the inverter counts in tenths of a kWh.
    mutating func energy(_ register: UInt16, _ value: inout Int64?, _ span: Span) {
        switch span {
        case .today:
            var raw = today(value).flatMap { UInt16(exactly: ($0 + 50) / 100) }
            word(register, &raw)
            value = today(raw.map { Int64($0) * 100 })
        case .lifetime:
            var raw = value.flatMap { $0 < 0 ? nil : UInt32(exactly: ($0 + 50) / 100) }
            long(register, &raw)
            value = raw.map { Int64($0) * 100 }
        }
    }

    /// Charge in the low byte, health in the high one. Without health the battery does not talk.
    mutating func charge(_ register: UInt16, _ charge: inout Int?, health: inout Int?) {
        var raw: UInt16?
        if let health = possible(health, Possible.stateOfHealth) {
            // 255 % is how "unknown" is said to those who decode.
            let low = possible(charge, Possible.stateOfCharge) ?? 0xFF
            raw = UInt16(health) << 8 | UInt16(low)
        }
        word(register, &raw)
        health = possible(raw.map { Int($0 >> 8) }, Possible.stateOfHealth)
        charge =
            health == nil ? nil : possible(raw.map { Int($0 & 0xFF) }, Possible.stateOfCharge)
    }

    /// The operating state.
    mutating func mode(_ register: UInt16, _ value: inout InverterMode?) {
        var raw = value?.code
        word(register, &raw)
        value = raw.map(InverterMode.init(code:))
    }

    /// Bit 0; the others are of no known meaning.
    mutating func acInput(_ register: UInt16, _ value: inout ACInput?) {
        var raw = value.map { $0 == .generator ? UInt16(1) : 0 }
        word(register, &raw)
        value = raw.map { $0 & 1 == 1 ? .generator : .grid }
    }

    /// Five words of two characters, low byte first.
    mutating func serialNumber(_ register: UInt16, _ value: inout SerialNumber?) {
        var bytes: [UInt8] = []
        let given = value?.bytes ?? []
        for offset in 0..<SerialNumber.length / 2 {
            var raw: UInt16?
            if given.count == SerialNumber.length {
                raw = UInt16(given[2 * offset]) | UInt16(given[2 * offset + 1]) << 8
            }
            word(register + UInt16(offset), &raw)
            guard let raw else { continue }
            bytes += [UInt8(raw & 0xFF), UInt8(raw >> 8)]
        }
        value = SerialNumber(bytes)
    }

    private func possible(_ value: Int?, _ range: ClosedRange<Int>) -> Int? {
        value.flatMap { range.contains($0) ? $0 : nil }
    }

    private func today(_ value: Int64?) -> Int64? {
        value.flatMap { Possible.wattHoursToday.contains($0) ? $0 : nil }
    }

    private static func rounded(_ value: Int, _ unit: Int) -> Int {
        (value < 0 ? value - unit / 2 : value + unit / 2) / unit
    }
}
