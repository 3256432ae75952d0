/// Input registers as far as they were read. Dense: a monitor makes one a round, for years.
public struct InputRegisters: Sendable, Equatable {
    // Ends with the highest register that is known, so that equal registers are equal values.
    private var words: [UInt16?] = []

    /// None.
    public init() {}

    /// Takes the answer to a block. False, and nothing taken, where it has another length.
    public mutating func take(_ block: RegisterBlock, _ answer: [UInt16]) -> Bool {
        guard answer.count == Int(block.count) else { return false }
        for (offset, word) in answer.enumerated() { set(block.start + UInt16(offset), word) }
        return true
    }

    /// Sets one register, as simulators do.
    public mutating func set(_ register: UInt16, _ word: UInt16) {
        while words.count <= Int(register) { words.append(nil) }
        words[Int(register)] = word
    }

    /// A register's word; nil where it was not read.
    public subscript(register: UInt16) -> UInt16? {
        Int(register) < words.count ? words[Int(register)] : nil
    }

    /// Whether nothing was read.
    public var isEmpty: Bool { words.isEmpty }

    /// FNV-1a (Fowler, Noll, Vo) over all that was read, numbers and words, 64 bits. An inverter
    /// at work changes some word in every round: where rounds have one fingerprint for minutes, it
    /// repeats itself and its numbers mean nothing.
    public var fingerprint: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ word: UInt16) {
            hash = (hash ^ UInt64(word >> 8)) &* 0x100_0000_01B3
            hash = (hash ^ UInt64(word & 0xFF)) &* 0x100_0000_01B3
        }
        for (register, word) in words.enumerated() {
            guard let word else { continue }
            mix(UInt16(register))
            mix(word)
        }
        return hash
    }
}
