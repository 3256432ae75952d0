import Inventory

/// What `--fix` does on a host: a few steps that cannot harm, in an order in which none undoes
/// another. Everything else is left to a person.
public struct FixPlan: Sendable, Equatable {
    /// One step.
    public enum Step: Sendable, Hashable {
        /// Stop a unit and keep it from starting at boot. Where its own stop commands kill by
        /// pattern they are left out, for they would meet the unit that stays.
        case disable(unit: String, withoutStopCommands: Bool)
        /// End a process: that very one, and no other that has its number by then.
        case stop(ProcessIdentity, Patience)
        /// Install a service's unit; what runs goes on as it was started.
        case install(unit: String, service: ServiceName)
        /// Start a unit.
        case start(unit: String)
    }

    /// What becomes of a process that does not heed SIGTERM.
    public enum Patience: Sendable, Hashable {
        /// SIGKILL after a while.
        case limited
        /// It stays: a generator's controller must open the relays itself.
        case endless
    }

    /// Steps that go to the host together.
    public enum Round: Sendable, Equatable {
        /// By `audit-fix.sh`.
        case script([Step])
        /// By the engine of `units install`.
        case install([Step])

        /// Its steps.
        public var steps: [Step] {
            switch self {
            case .script(let steps), .install(let steps): steps
            }
        }
    }

    /// The steps that leave the generator's controller alone, in their order: units first, for they
    /// would bring processes back.
    public var steps: [Step]
    /// The steps on controllers, which come last, and only while the generator is idle.
    public var controllerSteps: [Step]
    /// Those who are asked for that.
    public var controllers: [Controller]

    /// What can be done about findings of one host.
    public init(_ findings: [Finding]) {
        let guarded = findings.filter { $0.controller != nil }
        controllerSteps = Self.steps(guarded)
        controllers = Set(guarded.compactMap(\.controller)).sorted {
            ($0.service.text, $0.port) < ($1.service.text, $1.port)
        }
        // What one finding puts behind the gate no other takes out.
        let kept = Set(controllerSteps)
        steps = Self.steps(findings.filter { $0.controller == nil }).filter { !kept.contains($0) }
    }

    /// Whether nothing is to be done.
    public var isEmpty: Bool { steps.isEmpty && controllerSteps.isEmpty }

    /// Whether the gate must be passed: to install a unit starts and stops nothing.
    public var needsGate: Bool {
        controllerSteps.contains { if case .install = $0 { false } else { true } }
    }

    /// Steps by those who carry them out, their order kept.
    public static func rounds(_ steps: [Step]) -> [Round] {
        steps.reduce(into: []) { rounds, step in
            switch (rounds.last, step) {
            case (.install(let before)?, .install):
                rounds[rounds.count - 1] = .install(before + [step])
            case (_, .install): rounds.append(.install([step]))
            case (.script(let before)?, _):
                rounds[rounds.count - 1] = .script(before + [step])
            default: rounds.append(.script([step]))
            }
        }
    }

    private static func steps(_ findings: [Finding]) -> [Step] {
        var disabled: [Step] = []
        var stopped: [Step] = []
        var installed: [Step] = []
        var started: [Step] = []
        for finding in findings {
            switch finding.remedy {
            case .disableUnit(let unit, let isQuiet):
                disabled.append(.disable(unit: unit, withoutStopCommands: isQuiet))
            case .stopProcess(let process):
                stopped.append(.stop(process, finding.controller == nil ? .limited : .endless))
            case .installUnit(let unit, let service, let start):
                installed.append(.install(unit: unit, service: service))
                if start { started.append(.start(unit: unit)) }
            case .startUnit(let unit): started.append(.start(unit: unit))
            case nil: break
            }
        }
        var seen: Set<Step> = []
        return [disabled, stopped, installed, started].flatMap { kind in
            kind.filter { $0.word != nil && seen.insert($0).inserted }
                .sorted { $0.text < $1.text }
        }
    }
}

extension FixPlan.Step {
    /// The step as one word, as `audit-fix.sh` takes and prints it; nil where it cannot be said
    /// safely.
    public var word: String? {
        let word: String
        switch self {
        case .disable(let unit, let isQuiet): word = (isQuiet ? "silence:" : "disable:") + unit
        case .stop(let process, let patience):
            let verb = patience == .limited ? "stop" : "ask"
            word = "\(verb):\(process.pid):\(process.startTicks):\(process.executable)"
        case .install(let unit, _): word = "install:\(unit)"
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
        case .stop(let process, let patience):
            "end process \(process.pid), \(process.executable), by SIGTERM"
                + (patience == .limited ? ", then SIGKILL" : " alone")
        case .install(let unit, _): "install \(unit) as the inventory and Units/ say"
        case .start(let unit): "start \(unit)"
        }
    }
}
