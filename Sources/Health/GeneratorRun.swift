import Foundation

/// A run of the generator, as the monitor's log tells it: `IDLE -> STARTING: …`, and so on.
public struct GeneratorRun: Sendable, Equatable {
    /// How it went.
    public enum Result: Sendable, Equatable {
        /// It still starts or runs.
        case goesOn
        /// It ran, and stands again.
        case ended
        /// It did not start, or broke off.
        case failed
    }

    /// When it was started, in seconds since 1970.
    public var began: Double
    /// When it ended; nil where it goes on.
    public var ended: Double?
    /// Why it was started, in the monitor's words.
    public var reason: String
    /// Why it ended.
    public var endReason: String
    /// How it went.
    public var result: Result

    /// The runs in lines of the monitor's log, oldest first.
    public static func all(_ lines: [HostReadings.LogLine]) -> [GeneratorRun] {
        var runs: [GeneratorRun] = []
        for line in lines {
            guard let time = line.time, let step = Step(line.text) else { continue }
            let isOpen = runs.last?.result == .goesOn
            switch step.to {
            case "STARTING", "RUNNING":
                guard !isOpen else { continue }
                runs.append(
                    GeneratorRun(
                        began: time, reason: step.text, endReason: "", result: .goesOn))
            case "STOPPING" where isOpen:
                // It stands only after that; why it was stopped is said here.
                runs[runs.count - 1].endReason = step.text
            case "IDLE" where isOpen:
                runs[runs.count - 1].ended = time
                runs[runs.count - 1].result = .ended
                if runs[runs.count - 1].endReason.isEmpty {
                    runs[runs.count - 1].endReason = step.text
                }
            case "ERROR_RECOVERY" where isOpen, "ERROR" where isOpen:
                runs[runs.count - 1].ended = time
                runs[runs.count - 1].result = .failed
                runs[runs.count - 1].endReason = step.text
            default: continue
            }
        }
        return runs
    }

    /// `OLD -> NEW: why`
    private struct Step {
        var to: String
        var text: String

        init?(_ line: String) {
            guard let arrow = line.range(of: " -> ") else { return nil }
            let rest = line[arrow.upperBound...]
            guard let colon = rest.firstIndex(of: ":") else { return nil }
            to = String(rest[..<colon])
            text = String(rest[rest.index(after: colon)...]).trimmingCharacters(in: .whitespaces)
            guard to.utf8.allSatisfy({ (0x41...0x5A).contains($0) || $0 == 0x5F }) else {
                return nil
            }
        }
    }

    /// When it began, in UTC.
    public var beganText: String {
        Date(timeIntervalSince1970: began).formatted(.iso8601)
    }

    /// `2 h, soc 38 % < 40 %: ended, soc 80 %`
    public var text: String {
        let length = ended.map { Amount.time($0 - began) } ?? "goes on"
        let outcome =
            switch result {
            case .goesOn: ""
            case .ended: "; ended: \(endReason)"
            case .failed: "; FAILED: \(endReason)"
            }
        return "\(length), \(reason)\(outcome)"
    }
}
