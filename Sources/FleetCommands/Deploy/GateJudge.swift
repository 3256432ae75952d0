import GeneratorWire

/// What keeps the gate `generator-idle` closed, as far as STATUS shows it. The host asks again,
/// atomically, just before the restart: this is for those who wait, and says what for.
enum GateJudge {
    /// Said where the inputs are not known: then nothing is touched, not even by a stop.
    static let inputsUnknown = "its inputs cannot be read, and unknown counts as running"

    /// Nil where the generator is idle and held by nobody else.
    static func reason(_ status: GeneratorStatus, owner: String) -> String? {
        if !status.showsIdle { return busy(status) }
        switch status.hold {
        case .value(let hold?) where hold.owner != owner:
            return "it is held by \(hold.owner) for \(spoken(hold.secondsLeft)) more: "
                + hold.reason.printable
        case .unknown: return "whether it is held is unknown"
        case .value, .missing: return nil
        }
    }

    private static func busy(_ status: GeneratorStatus) -> String {
        if status.startInProgress == .value(true) { return "a start is in progress" }
        switch status.engine {
        case .running: return "the engine runs"
        case .cranking: return "the starter is engaged"
        case .unknown: return inputsUnknown
        case .standing: break
        }
        if let relays = status.relays.known, !relays.isEmpty { return "relays are on" }
        return "its answer is not that of an idle generator"
    }
}
