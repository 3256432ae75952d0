import GeneratorCore
import Platform

/// What the next process of this boot must know: a hold, a latched failure, when the starter was
/// used, and the engine that runs. It lives on tmpfs, so that a reboot forgets it.
struct StateFile {
    /// A running engine is taken over only where the file was written so recently.
    private static var fresh: Duration { .seconds(30) }
    /// While the engine runs the file is written anew so often.
    private static var heartbeat: Duration { .seconds(5) }
    private static var format: String { "1" }
    private static var limit: Int { 1024 }

    private let path: String
    private let bootID: String
    private var last: [String] = []
    private var writtenAt: Instant?
    private var hasFailed = false

    init(path: String, bootID: String) {
        self.path = path
        self.bootID = bootID
    }

    /// What the process before left; nothing where there is no file of this boot.
    func read(adopting: Bool, at now: Instant) -> Inheritance {
        var found = Inheritance()
        guard let bytes = TextFile.read(path, limit: Self.limit) else { return found }
        let values = KeyValueText(bytes)
        guard values["format"] == Self.format, values["complete"] == "yes", !bootID.isEmpty,
            values["boot"] == bootID
        else { return found }
        found.hold = Self.hold(values, at: now)
        found.latched = values["latched"].flatMap { word in
            Problem.allCases.first { Self.word($0) == word }
        }
        found.crankEnded = Self.instant("crank_ended", values).flatMap { $0 <= now ? $0 : nil }
        if adopting, let written = Self.instant("written", values), now >= written,
            now - written <= Self.fresh
        {
            found.engine = Self.engine(values)
        }
        return found
    }

    /// When it wants to be written by itself; nil where nothing runs.
    var nextWrite: Instant? {
        guard let writtenAt, last.contains(where: { $0.hasPrefix("phase=") }) else { return nil }
        return writtenAt + Self.heartbeat
    }

    /// Writes the file where something in it has changed, or its time has come. What went wrong,
    /// the first time that it does.
    mutating func write(_ machine: GeneratorMachine, at now: Instant) -> PosixError? {
        var lines = ["boot=" + bootID]
        if let hold = machine.hold {
            lines.append("hold_until=" + Self.text(hold.until))
            lines.append("hold_owner=" + hold.owner)
            lines.append("hold_reason=" + hold.reason)
        }
        if let latched = machine.latched { lines.append("latched=" + Self.word(latched)) }
        if let ended = machine.crankEnded { lines.append("crank_ended=" + Self.text(ended)) }
        var running: [String] = []
        if let engine = machine.runningEngine(at: now) {
            lines.append("phase=" + Self.word(engine.phase))
            lines.append("loaded=" + (engine.wasLoaded ? "yes" : "no"))
            running = ["run=" + "\(engine.runTime.components.seconds)"]
        }
        let isDue = nextWrite.map { now >= $0 } ?? false
        guard lines != last || isDue else { return nil }
        last = lines
        writtenAt = now
        let all =
            ["format=" + Self.format] + lines + running
            + ["written=" + Self.text(now), "complete=yes", ""]
        do throws(PosixError) {
            try TextFile.replace(path, with: Array(all.joined(separator: "\n").utf8), .passing)
            hasFailed = false
            return nil
        } catch {
            defer { hasFailed = true }
            return hasFailed ? nil : error
        }
    }

    private static func hold(_ values: KeyValueText, at now: Instant) -> Hold? {
        guard let until = instant("hold_until", values), let owner = values["hold_owner"],
            until > now, until - now <= Hold.longest
        else { return nil }
        return Hold(owner: owner, reason: values["hold_reason"] ?? "", until: until)
    }

    private static func engine(_ values: KeyValueText) -> Inheritance.RunningEngine? {
        guard
            let phase = Inheritance.RunningEngine.Phase.allCases.first(where: {
                word($0) == values["phase"]
            }), let run = values.number("run", in: 0...31_536_000)
        else { return nil }
        return Inheritance.RunningEngine(
            phase: phase, runTime: .seconds(run), wasLoaded: values["loaded"] != "no")
    }

    /// Milliseconds of the kernel's monotonic clock, which all processes of a boot share.
    private static func text(_ instant: Instant) -> String {
        let parts = instant.sinceOrigin.components
        return "\(parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000)"
    }

    private static func instant(_ key: String, _ values: KeyValueText) -> Instant? {
        values.number(key, in: 0...(1 << 50)).map { Instant(sinceOrigin: .milliseconds($0)) }
    }

    private static func word(_ phase: Inheritance.RunningEngine.Phase) -> String {
        switch phase {
        case .charging: "charging"
        case .runningWithoutCharger: "running"
        case .coolingDown: "cooling"
        }
    }

    /// The word for a problem that latches; the others never get into the file.
    private static func word(_ problem: Problem) -> String {
        switch problem {
        case .inputsLost: "inputs-lost"
        case .relayWriteFailed: "relay-write"
        case .didNotStart: "no-start"
        case .engineStopped: "engine-stopped"
        case .engineNotSeen: "engine-not-seen"
        case .notAdopted: "not-adopted"
        case .inputsUnknown, .starterEngaged, .starterNotReleased, .runTimeOver, .leaseLapsed,
            .notIdle, .cancelledByStop, .cancelledByStart, .cancelledByRelay, .sequenceUnderWay,
            .starterByHand, .chargerByHand, .engineLoaded, .tooManyWaiting, .shuttingDown:
            "other"
        }
    }
}
