import GeneratorCore

/// A command as a client sent it.
public enum Request: Sendable, Equatable {
    /// Is anybody there?
    case ping
    /// The inputs, read now.
    case inputs
    /// The report.
    case status
    /// Start the engine.
    case start(AnswerTime)
    /// Stop it.
    case stop(StopKind)
    /// Set the relays by hand.
    case relay(RelayArgument)
    /// A line for every change of the state from now on.
    case watch
    /// Nothing is to start for so many seconds.
    case hold(owner: String, seconds: Int64, reason: String)
    /// The owner of a hold gives it up.
    case release(owner: String)
    /// This run is vouched for, for so many seconds; zero gives the lease up.
    case lease(seconds: Int64)
    /// Starts are allowed again.
    case reset
    /// The server's version and protocol.
    case version
    /// The commands.
    case help
    /// Goodbye.
    case quit
    /// Blanks and nothing else.
    case empty
    /// A command without what it needs.
    case incomplete(Incomplete)
    /// Anything else: its printable beginning.
    case unknown(String)

    /// The commands that need more than their name.
    public enum Incomplete: Sendable, Equatable, CaseIterable {
        /// HOLD.
        case hold
        /// RELEASE.
        case release
        /// LEASE.
        case lease
    }

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
    /// matter. STOP is a stop whatever follows it; START with a word after it that is not known
    /// here is refused, because whoever sent it wants something else.
    public static func parse(_ line: [UInt8]) -> Request? {
        guard !line.isEmpty else { return nil }
        let words = line.split(whereSeparator: ASCII.isBlank)
        guard let first = words.first else { return .empty }
        switch word(first) {
        case "PING": return .ping
        case "INPUTS": return .inputs
        case "STATUS": return .status
        case "START" where words.count == 1: return .start(.atEnd)
        case "START" where words.count == 2 && word(words[1]) == "NOWAIT": return .start(.atOnce)
        case "STOP": return .stop(stopKind(words.dropFirst()))
        case "RELAY": return .relay(relayArgument(words.dropFirst()))
        case "WATCH": return .watch
        case "HOLD": return hold(words) ?? .incomplete(.hold)
        case "RELEASE": return release(words) ?? .incomplete(.release)
        case "LEASE": return lease(words) ?? .incomplete(.lease)
        case "RESET": return .reset
        case "VERSION": return .version
        case "HELP": return .help
        case "QUIT": return .quit
        case "START": return .unknown(ASCII.printable(line, limit: WireLimits.echo))
        default: return .unknown(ASCII.printable(first, limit: WireLimits.echo))
        }
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.map(ASCII.uppercased), as: UTF8.self)
    }

    private static func stopKind(_ words: ArraySlice<ArraySlice<UInt8>>) -> StopKind {
        switch words.first.map(word) {
        case "NOW": .now
        case "NOWAIT": .coolingDown(.atOnce)
        default: .coolingDown(.atEnd)
        }
    }

    private static func hold(_ words: [ArraySlice<UInt8>]) -> Request? {
        guard words.count >= 4, let owner = owner(words[1]),
            let seconds = ASCII.decimal(words[2], digits: 6), seconds >= 1,
            .seconds(seconds) <= Hold.longest
        else { return nil }
        let reason = words[3...].joined(separator: [ASCII.space])
        return .hold(
            owner: owner, seconds: seconds,
            reason: ASCII.printable(Array(reason), limit: WireLimits.holdReason))
    }

    private static func release(_ words: [ArraySlice<UInt8>]) -> Request? {
        guard words.count == 2, let owner = owner(words[1]) else { return nil }
        return .release(owner: owner)
    }

    private static func owner(_ word: ArraySlice<UInt8>) -> String? {
        guard word.count <= WireLimits.holdOwner, word.allSatisfy(ASCII.isVisible) else {
            return nil
        }
        return String(decoding: word, as: UTF8.self)
    }

    private static func lease(_ words: [ArraySlice<UInt8>]) -> Request? {
        guard words.count == 2, let seconds = ASCII.decimal(words[1], digits: 6),
            seconds == 0 || (WireLimits.shortestLease...86_400).contains(seconds)
        else { return nil }
        return .lease(seconds: seconds)
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
