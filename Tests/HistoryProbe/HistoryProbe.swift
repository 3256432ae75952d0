// Writes to a history in a process of its own: for tests with several writers, and with a disk that
// is full.
import Foundation
import Health
import HistoryStore

@main struct HistoryProbe {
    /// `history-probe PATH FIRST COUNT`: records so many rounds, a second apart, from this second
    /// on. Says of each `kept`, or why it was not.
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let first = Int(arguments[2]), let count = Int(arguments[3])
        else { exit(64) }
        do {
            let store = try HistoryStore(path: arguments[1])
            for second in first..<(first + count) { say(outcome(store, second)) }
        } catch {
            say("\(error)")
            exit(1)
        }
    }

    private static func outcome(_ store: HistoryStore, _ second: Int) -> String {
        let time = Date(timeIntervalSince1970: TimeInterval(second))
        let samples = (0..<50).map {
            MetricSample("probe_number", Double(second), labels: ["number": "\($0)"])
        }
        let host = HostHealth(
            host: "pi", answer: .answered, takenAt: time, seconds: 0.1, samples: samples,
            verdicts: [Verdict("probe", host: "pi", .warning, "it is \(second)")])
        do {
            try store.record(round: FleetHealth(fleet: "f", takenAt: time, hosts: [host]))
            return "kept"
        } catch {
            return "\(error)"
        }
    }

    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}
