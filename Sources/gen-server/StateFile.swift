import GeneratorCore
import Platform

/// What the next process of this boot must know: a hold, a latched failure, when the starter was
/// used, and the engine that runs. It lives on tmpfs, so that a reboot forgets it.
struct StateFile {
    /// A running engine is taken over only where the file was written so recently.
    private static var fresh: Duration { .seconds(30) }
    /// While the engine runs the file is written anew so often.
    private static var heartbeat: Duration { .seconds(5) }
    private static var header: String { "gen-server state 1" }
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
        let lines = bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
        guard lines.first == Self.header, lines.last == "complete" else { return found }
        var values: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.utf8.split(separator: 0x3D, maxSplits: 1)
            guard parts.count == 2 else { continue }
            values[String(decoding: parts[0], as: UTF8.self)] = String(
                decoding: parts[1], as: UTF8.self)
        }
        guard !bootID.isEmpty, values["boot"] == bootID else { return found }
        found.hold = Self.hold(values, at: now)
        found.latched = values["latched"].flatMap { word in
            Problem.allCases.first { Self.word($0) == word }
        }
        found.crankEnded = Self.instant(values["crank_ended"]).flatMap { $0 <= now ? $0 : nil }
        if adopting, let written = Self.instant(values["written"]), now >= written,
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
            [Self.header] + lines + running + ["written=" + Self.text(now), "complete", ""]
        do throws(PosixError) {
            try TextFile.replace(path, with: Array(all.joined(separator: "\n").utf8), .passing)
            hasFailed = false
            return nil
        } catch {
            defer { hasFailed = true }
            return hasFailed ? nil : error
        }
    }

    private static func hold(_ values: [String: String], at now: Instant) -> Hold? {
        guard let until = instant(values["hold_until"]), let owner = values["hold_owner"],
            until > now, until - now <= Hold.longest
        else { return nil }
        return Hold(owner: owner, reason: values["hold_reason"] ?? "", until: until)
    }

    private static func engine(_ values: [String: String]) -> Inheritance.RunningEngine? {
        guard
            let phase = Inheritance.RunningEngine.Phase.allCases.first(where: {
                word($0) == values["phase"]
            }), let run = values["run"].flatMap({ Int64($0) }), (0...31_536_000).contains(run)
        else { return nil }
        return Inheritance.RunningEngine(
            phase: phase, runTime: .seconds(run), wasLoaded: values["loaded"] != "no")
    }

    /// Milliseconds of the kernel's monotonic clock, which all processes of a boot share.
    private static func text(_ instant: Instant) -> String {
        let parts = instant.sinceOrigin.components
        return "\(parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000)"
    }

    private static func instant(_ text: String?) -> Instant? {
        guard let milliseconds = text.flatMap({ Int64($0) }), milliseconds >= 0,
            milliseconds < 1 << 50
        else { return nil }
        return Instant(sinceOrigin: .milliseconds(milliseconds))
    }

    private static func word(_ phase: Inheritance.RunningEngine.Phase) -> String {
        switch phase {
        case .charging: "charging"
        case .runningWithoutCharger: "running"
        case .coolingDown: "cooling"
        }
    }

    /// A problem's place among all; the file is read by the same program or a newer one.
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
