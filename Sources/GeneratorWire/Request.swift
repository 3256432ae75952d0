import GeneratorCore

/// A command as a client sent it.
public enum Request: Sendable, Equatable {
    /// Is anybody there?
    case ping
    /// The inputs, read now.
    case inputs
    /// The report.
    case status
    /// Start the engine; answered at the end of the sequence.
    case start
    /// Stop it; answered when the relays are off.
    case stop
    /// Set the relays by hand.
    case relay(RelayArgument)
    /// The commands.
    case help
    /// Goodbye.
    case quit
    /// Blanks and nothing else.
    case empty
    /// Anything else: its printable beginning.
    case unknown(String)

    /// What came after `RELAY`.
    public enum RelayArgument: Sendable, Equatable {
        /// 00 to 0F.
        case relays(RelaySet)
        /// A number, but not one of the board's.
        case outOfRange
        /// No hexadecimal number.
        case notHexadecimal
        /// Nothing.
        case missing
    }

    /// The command in a line; nil for a line without a byte, which is ignored. Case does not
    /// matter. STOP is a stop whatever follows it; START with anything after it is refused,
    /// because whoever sent it wants something that is not known here.
    public static func parse(_ line: [UInt8]) -> Request? {
        guard !line.isEmpty else { return nil }
        let words = line.split(whereSeparator: ASCII.isBlank)
        guard let first = words.first else { return .empty }
        let verb = String(decoding: first.map(ASCII.uppercased), as: UTF8.self)
        switch verb {
        case "PING": return .ping
        case "INPUTS": return .inputs
        case "STATUS": return .status
        case "START" where words.count == 1: return .start
        case "STOP": return .stop
        case "RELAY": return .relay(relayArgument(words.dropFirst()))
        case "HELP": return .help
        case "QUIT": return .quit
        case "START": return .unknown(ASCII.printable(line, limit: WireLimits.echo))
        default: return .unknown(ASCII.printable(first, limit: WireLimits.echo))
        }
    }

    private static func relayArgument(
        _ words: ArraySlice<ArraySlice<UInt8>>
    ) -> RelayArgument {
        guard var digits = words.first else { return .missing }
        guard words.count == 1 else { return .notHexadecimal }
        if digits.count > 2,
            digits.starts(with: [0x30, 0x78]) || digits.starts(with: [0x30, 0x58])
        {
            digits = digits.dropFirst(2)
        }
        guard let value = ASCII.hexadecimal(digits, digits: 8) else { return .notHexadecimal }
        guard let byte = UInt8(exactly: value), byte <= 0x0F else { return .outOfRange }
        return .relays(RelaySet(rawValue: byte))
    }
}
