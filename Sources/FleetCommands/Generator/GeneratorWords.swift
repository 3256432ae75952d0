import GeneratorCore
import GeneratorWire
import Inventory

// What people read of the generator's state.

extension GeneratorState {
    /// What it does there.
    var words: String {
        switch self {
        case .off: "off"
        case .preparing: "relays off, looking at the engine"
        case .ignition: "ignition on"
        case .cranking: "cranking"
        case .glowCranking: "cranking with glow plugs"
        case .verifying: "looking whether it runs"
        case .warmingUp: "warming up"
        case .stabilising: "letting the voltage settle"
        case .charging: "charging"
        case .runningWithoutCharger: "running, charger open"
        case .coolingDown: "cooling down"
        case .stopping: "switching the relays off"
        case .failed: "off after a failure"
        case .held: "off and held"
        case .adopting: "taking a running engine over"
        case .manual: "relays set by hand"
        }
    }
}

extension GeneratorStatus {
    /// Whether the server is the legacy one, which has the nine lines only.
    var isLegacy: Bool { protocolVersion == .missing && state == .missing }

    /// The engine in a word.
    var engineWords: String {
        switch engine {
        case .running: "running"
        case .standing: "standing"
        case .cranking: "cranking"
        case .unknown: "unknown"
        }
    }

    /// The relays by their names; unknown where they are.
    var relayWords: String { relays.known.map(WireText.relayNames) ?? "unknown" }

    /// What it does, as far as the server says that: the legacy one only hints at it.
    var stateWords: String {
        switch state {
        case .value(let state): return state.words
        case .unknown: return "in a state that this fleetctl does not know"
        case .missing: break
        }
        if startInProgress == .value(true) { return "starting" }
        switch (engine, relays.known) {
        case (.running, [.ignition, .charger]?): return "charging"
        case (.running, []?): return "running with the relays off"
        case (.running, _): return "running, charger not closed"
        case (.standing, []?): return "off"
        case (.standing, _): return "engine standing, relays not off"
        case (.cranking, _): return "cranking"
        case (.unknown, _): return "unknown"
        }
    }

    /// What needs somebody's attention; empty where nothing does.
    var findings: [String] {
        var findings: [String] = []
        if let latched = latched.known.flatMap({ $0 }) {
            findings.append("no start before `fleetctl generator reset`, since: \(latched)")
        } else if latched == .unknown {
            findings.append("whether starts are allowed cannot be told")
        }
        if bus == .value(.failing) { findings.append("the relay board does not answer") }
        if bus == .unknown || bus == .missing {
            findings.append("how the relay board answers is unknown")
        }
        if engine == .unknown {
            findings.append("the inputs cannot be read: whether the engine runs is unknown")
        }
        if relays.known == nil { findings.append("which relays are on is unknown") }
        if state == .unknown || startInProgress.known == nil {
            findings.append("what it is doing is unknown")
        }
        return findings
    }

    /// Why it is where it is, in the server's words: what latched it, or went wrong last.
    var problem: String? {
        if let latched = latched.known.flatMap({ $0 }) { return latched }
        guard let lastError = lastError.known, lastError != "none" else { return nil }
        return lastError
    }
}

/// Whole seconds as people say them, such as `1m38s`.
func spoken(_ seconds: Int64) -> String { DurationText.format(.seconds(max(0, seconds))) }
