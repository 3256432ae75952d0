import UnitLint

/// What `--fix` does on a host: a few steps that cannot harm, in an order in which none undoes
/// another. Everything else is left to a person.
public struct FixPlan: Sendable, Equatable {
    /// One step.
    public enum Step: Sendable, Hashable {
        /// Stop a unit and keep it from starting at boot. Where its own stop commands kill by
        /// pattern they are left out, for they would meet the unit that stays.
        case disable(unit: String, withoutStopCommands: Bool)
        /// End a process: that very one, and no other that has its number by then.
        case stop(ProcessIdentity)
        /// Start a unit that gave up.
        case start(unit: String)

        /// The step as one word for `audit-fix.sh`; nil where it cannot be said safely.
        public var word: String? {
            let word: String
            switch self {
            case .disable(let unit, let isQuiet): word = (isQuiet ? "silence:" : "disable:") + unit
            case .stop(let process):
                word = "stop:\(process.pid):\(process.startTicks):\(process.executable)"
            case .start(let unit): word = "start:\(unit)"
            }
            return word.utf8.allSatisfy { (0x20...0x7E).contains($0) } ? word : nil
        }

        /// The step in words.
        public var text: String {
            switch self {
            case .disable(let unit, let isQuiet):
                "stop and disable \(unit)"
                    + (isQuiet ? ", without its stop commands, which kill by pattern" : "")
            case .stop(let process):
                "end process \(process.pid), \(process.executable), by SIGTERM, then SIGKILL"
            case .start(let unit): "start \(unit)"
            }
        }
    }

    /// The steps, in their order: units first, for they would bring processes back.
    public var steps: [Step] = []

    /// What can be done about findings of one host.
    public init(_ findings: [Finding]) {
        var disabled: [Step] = []
        var stopped: [Step] = []
        var started: [Step] = []
        for finding in findings {
            switch finding.remedy {
            case .disableUnit(let unit, let isQuiet):
                disabled.append(.disable(unit: unit, withoutStopCommands: isQuiet))
            case .stopProcess(let process): stopped.append(.stop(process))
            case .startUnit(let unit): started.append(.start(unit: unit))
            case nil: break
            }
        }
        var seen: Set<Step> = []
        steps =
            (disabled.sorted { $0.text < $1.text } + stopped.sorted { $0.text < $1.text }
            + started.sorted { $0.text < $1.text })
            .filter { $0.word != nil && seen.insert($0).inserted }
    }
}
