import GeneratorCore

/// A change of the server's state, as a line for those who watch.
public struct StateChange: Sendable, Equatable {
    /// Where it was.
    public var from: GeneratorState
    /// Where it is.
    public var to: GeneratorState
    /// How long it stays there by itself, in seconds; nil where that has no end of its own.
    public var secondsLeft: Int64?

    /// A change from its parts.
    public init(from: GeneratorState, to: GeneratorState, left: Duration?) {
        self.from = from
        self.to = to
        secondsLeft = left.map(WireText.secondsLeft)
    }

    /// `CHANGE: VERIFYING WARMING_UP 60`; `-` where the new state has no end of its own.
    public var line: String {
        "CHANGE: " + WireText.name(from) + " " + WireText.name(to) + " "
            + (secondsLeft.map { "\($0)" } ?? "-")
    }

    /// Reads such a line; nil for anything else.
    public init?(line: String) {
        let words = line.utf8.split(separator: ASCII.space).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard words.count == 4, words[0] == "CHANGE:", let from = WireText.state(words[1]),
            let to = WireText.state(words[2])
        else { return nil }
        self.from = from
        self.to = to
        secondsLeft = Int64(words[3])
        if secondsLeft == nil, words[3] != "-" { return nil }
    }
}
