/// What can be wrong with a plant.
public enum PlantFault: Sendable, Equatable {
    /// Register 5 says this many percent, whatever the battery holds.
    case bogusSOC(Int)
    /// The registers stay as they are now.
    case frozenRegisters
    /// The inverter says nothing.
    case noAnswer
    /// The inverter refuses: 1 function, 2 address, 3 value, 4 read failed, 6 busy.
    case exception(UInt8)
    /// The starter turns and turns.
    case engineWillNotCatch
    /// Each time the engine has run for this long, it dies.
    case stall(after: Duration)
    /// The tank is empty.
    case fuelOut
}

// MARK: As text, for command lines

extension PlantFault {
    /// Reads `bogus-soc 3`, `frozen`, `no-answer`, `exception 6`, `will-not-catch`, `stall 300`
    /// (seconds) and `fuel-out`; nil for anything else.
    public init?(_ text: String) {
        let words = text.utf8.split(separator: 32).map { String(decoding: $0, as: UTF8.self) }
        switch (words.first, words.dropFirst().first.map(Int.init), words.count) {
        case ("bogus-soc", let percent??, 2) where (0...255).contains(percent):
            self = .bogusSOC(percent)
        case ("exception", let code??, 2) where (1...11).contains(code):
            self = .exception(UInt8(code))
        case ("stall", let seconds??, 2) where (0...1_000_000).contains(seconds):
            self = .stall(after: .seconds(seconds))
        case ("frozen", nil, 1): self = .frozenRegisters
        case ("no-answer", nil, 1): self = .noAnswer
        case ("will-not-catch", nil, 1): self = .engineWillNotCatch
        case ("fuel-out", nil, 1): self = .fuelOut
        default: return nil
        }
    }

    /// The same text; a stall's time in whole seconds.
    public var text: String {
        switch self {
        case .bogusSOC(let percent): "bogus-soc \(percent)"
        case .frozenRegisters: "frozen"
        case .noAnswer: "no-answer"
        case .exception(let code): "exception \(code)"
        case .engineWillNotCatch: "will-not-catch"
        case .stall(let after): "stall \(after.components.seconds)"
        case .fuelOut: "fuel-out"
        }
    }
}
