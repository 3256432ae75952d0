import GeneratorCore

/// The words of the protocol, one place for server and clients.
public enum WireText {
    static var end: String { "END" }

    static var help: [String] {
        [
            "Commands:",
            "  PING - answers PONG",
            "  STATUS - inputs, relays, state and health of the board",
            "  INPUTS - the four inputs, read now",
            "  START - start the generator, answers when the charger is closed",
            "  STOP - stop it, answers when the relays are off; wins over everything",
            "  START NOWAIT, STOP NOWAIT - the same, answered at once",
            "  STOP NOW - all relays off this instant, without cooldown",
            "  RELAY xx - set the relays by hand, hex 00-0F; RELAY 00 is all off at once",
            "  WATCH - a line for every change of the state",
            "  HOLD owner seconds reason - nothing is started for so long",
            "  RELEASE owner - the hold is over",
            "  LEASE seconds - unless renewed, cool down and stop after so long; 0 gives it up",
            "  RESET - allow starts again after a failed one",
            "  VERSION - of the server and its protocol",
            "  HELP - this list",
            "  QUIT - close the connection",
            end,
        ]
    }

    /// `IN1=0 IN2=1 IN3=0 IN4=0 raw=2`, or `ERROR`.
    public static func inputs(_ reading: InputReading) -> String {
        guard case .valid(let inputs) = reading else { return "ERROR" }
        let raw = inputs.rawValue
        return
            "IN1=\(raw & 1) IN2=\(raw >> 1 & 1) IN3=\(raw >> 2 & 1) IN4=\(raw >> 3 & 1) raw=\(raw)"
    }

    /// `IGN+CHARGER`, or `OFF`.
    public static func relayNames(_ relays: RelaySet) -> String {
        var names: [String] = []
        if relays.contains(.ignition) { names.append("IGN") }
        if relays.contains(.glow) { names.append("GLOW") }
        if relays.contains(.charger) { names.append("CHARGER") }
        if relays.contains(.start) { names.append("START") }
        return names.isEmpty ? "OFF" : names.joined(separator: "+")
    }

    /// `0x0A`.
    static func hexadecimal(_ relays: RelaySet) -> String {
        "0x0" + String(relays.rawValue, radix: 16, uppercase: true)
    }

    static func badRelay(_ argument: Request.RelayArgument) -> String {
        switch argument {
        case .outOfRange: "ERROR: Relay value must be 0x00-0x0F"
        case .notHexadecimal: "ERROR: Invalid hex value"
        case .missing: "ERROR: RELAY requires hex value (e.g., RELAY 0A)"
        case .relays(let relays): "OK: Relays set to " + hexadecimal(relays)
        }
    }

    static func outcome(_ outcome: Outcome) -> String {
        switch outcome {
        case .started: "OK: Generator started and charger enabled"
        case .startBegun: "OK: Start begun"
        case .alreadyRunning: "ERROR: Generator already running"
        case .startInProgress: "ERROR: Start already in progress"
        case .failedToStart(let inputs):
            "ERROR: Generator failed to start (status=\(inputs.rawValue))"
        case .stopped(let cooldown?):
            "OK: Generator stopped (after " + duration(cooldown) + " cooldown)"
        case .stopped(nil): "OK: Generator stopped"
        case .stopInProgress(let left):
            "OK: Stop in progress, \(secondsLeft(left)) s of cooldown left"
        case .stopBegun(nil): "OK: Stop begun"
        case .stopBegun(let cooldown?): "OK: Stop begun, \(secondsLeft(cooldown)) s of cooldown"
        case .held(let time): "OK: Held for \(secondsLeft(time)) s"
        case .released: "OK: Released"
        case .leased(let time): "OK: Leased for \(seconds(time)) s"
        case .leaseGivenUp: "OK: No lease"
        case .reset: "OK: Reset"
        case .nothingToReset: "OK: Nothing to reset"
        case .refusedByHold(let hold, let left):
            "ERROR: Held by " + hold.owner + " for \(secondsLeft(left)) s more: " + hold.reason
        case .refusedUntilReset(let problem):
            "ERROR: No start before RESET, since: " + sentence(problem)
        case .starterRests(let left): "ERROR: Starter rests for \(secondsLeft(left)) s more"
        case .relaysSet(let relays):
            "OK: Relays set to " + hexadecimal(relays) + " (" + relayNames(relays) + ")"
        case .refused(let problem): "ERROR: " + sentence(problem)
        }
    }

    /// `3 min` where it is whole minutes, else `45 s`.
    static func duration(_ duration: Duration) -> String {
        let whole = seconds(duration)
        return whole > 0 && whole % 60 == 0 ? "\(whole / 60) min" : "\(whole) s"
    }

    static func usage(_ command: Request.Incomplete) -> String {
        switch command {
        case .hold:
            "ERROR: HOLD requires an owner of at most 32 letters, seconds (1-86400) and a reason"
        case .release: "ERROR: RELEASE requires the owner of the hold"
        case .lease: "ERROR: LEASE requires seconds (10-86400, or 0 to give it up)"
        }
    }

    /// Whole seconds that have passed.
    static func seconds(_ duration: Duration) -> Int64 {
        max(0, duration.components.seconds)
    }

    /// Seconds that are left, a begun one counted.
    static func secondsLeft(_ duration: Duration) -> Int64 {
        let parts = duration.components
        return max(0, parts.seconds + (parts.attoseconds > 0 ? 1 : 0))
    }

    /// What went wrong, and what to do, in a line that old clients can show.
    public static func sentence(_ problem: Problem) -> String {
        switch problem {
        case .inputsUnknown: "Inputs cannot be read, so nothing is cranked; check the I2C board"
        case .inputsLost: "Inputs could no longer be read; relays are switched off"
        case .starterEngaged: "Starter is engaged already (IN4), so nothing is cranked"
        case .starterNotReleased: "Starter still engaged (IN4) after its release; check the relay"
        case .relayWriteFailed: "Relay board does not take writes; switching off is being retried"
        case .didNotStart: "Engine did not start"
        case .engineStopped: "Engine stopped by itself"
        case .runTimeOver: "Longest run time reached"
        case .leaseLapsed: "Lease was not renewed"
        case .notAdopted: "Engine that was to be taken over is not seen running"
        case .notIdle: "Engine or a relay is on, or a sequence is under way"
        case .cancelledByStop: "Cancelled by STOP"
        case .cancelledByStart: "Cancelled by START"
        case .cancelledByRelay: "Cancelled by RELAY"
        case .sequenceUnderWay: "A sequence is under way; use STOP, or RELAY 00"
        case .starterByHand: "The starter is energised by START only"
        case .chargerByHand: "The charger is closed on a warm running engine only, as RELAY 0A"
        case .engineLoaded: "The engine has carried load; use STOP, or RELAY 00"
        case .engineNotSeen: "Engine is not seen running"
        case .tooManyWaiting: "Too many clients wait already"
        case .shuttingDown: "Server is shutting down"
        }
    }

    /// The word for a state in STATUS.
    public static func name(_ state: GeneratorState) -> String {
        switch state {
        case .off: "OFF"
        case .preparing: "PREPARING"
        case .ignition: "IGNITION"
        case .cranking: "CRANKING"
        case .glowCranking: "GLOW_CRANKING"
        case .verifying: "VERIFYING"
        case .warmingUp: "WARMING_UP"
        case .stabilising: "STABILISING"
        case .charging: "CHARGING"
        case .runningWithoutCharger: "RUNNING_WITHOUT_CHARGER"
        case .coolingDown: "COOLING_DOWN"
        case .stopping: "STOPPING"
        case .failed: "FAILED"
        case .held: "HELD"
        case .adopting: "ADOPTING"
        case .manual: "MANUAL"
        }
    }

    /// The state that goes by that word.
    static func state(_ word: String) -> GeneratorState? {
        GeneratorState.allCases.first { name($0) == word }
    }

    /// The word for what is known of the engine.
    static func name(_ engine: GeneratorStatus.Engine) -> String {
        switch engine {
        case .running: "RUNNING"
        case .standing: "STANDING"
        case .cranking: "CRANKING"
        case .unknown: "UNKNOWN"
        }
    }
}
