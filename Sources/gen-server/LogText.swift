import GeneratorCore
import GeneratorWire

/// The log's words.
enum LogText {
    static func line(_ note: Note) -> String {
        switch note {
        case .state(let from, let to):
            "state " + WireText.name(from) + " -> " + WireText.name(to)
        case .problem(let problem): "PROBLEM: " + WireText.sentence(problem)
        case .writeFailed(let relays, let attempt):
            "relay write " + WireText.relayNames(relays) + " failed, attempt \(attempt)"
        case .writeRecovered(let relays, let attempts):
            "relay write " + WireText.relayNames(relays) + " succeeded after \(attempts) failures"
        }
    }
}
