import ChargePolicy
import Platform

/// What the next process must know, on the disk: written whole or not at all.
struct MemoryFile {
    private static var format: String { "1" }
    private static var limit: Int { 2048 }
    /// While nothing happens the file is written anew so often; while the engine runs, and its
    /// time counts, more often.
    private static var quietInterval: Duration { .seconds(3_600) }
    private static var runInterval: Duration { .seconds(60) }

    private let path: String
    private let bootID: String
    private var last: String?
    private var writtenAt: Duration = .zero
    private var hasFailed = false

    init(path: String, bootID: String) {
        self.path = path
        self.bootID = bootID
    }

    /// What was found.
    enum Found {
        /// No file: the first process of all.
        case nothing
        /// A memory, as old as it is now.
        case memory(Memory)
        /// A file that says nothing that can be used, and why.
        case unusable(String)
    }

    /// What the process before left.
    func read(at now: Duration) -> Found {
        guard TextFile.exists(path) else { return .nothing }
        guard let bytes = TextFile.read(path, limit: Self.limit) else {
            return .unusable("cannot be read")
        }
        let values = KeyValueText(bytes)
        guard values["format"] == Self.format, values["complete"] == "yes" else {
            return .unusable("is not whole, or of another version")
        }
        guard let memory = MemoryText.memory(values), let written = Self.time("written", values)
        else { return .unusable("says what makes no sense") }
        // A file of this boot knows how old it is. Of another boot only the least is known.
        let age = values["boot"] == bootID && !bootID.isEmpty ? now - written : now
        return .memory(memory.aged(by: max(.zero, age)))
    }

    /// Writes where something has changed, or its time has come. What went wrong, the first time
    /// that it does.
    mutating func write(_ memory: Memory, at now: Duration, _ urgency: Urgency) -> PosixError? {
        let kind = MemoryText.kind(memory)
        let isRunning = if case .running = memory.phase { true } else { false }
        let interval = isRunning ? Self.runInterval : Self.quietInterval
        guard urgency == .now || kind != last || now - writtenAt >= interval else { return nil }
        last = kind
        writtenAt = now
        let lines =
            ["format=" + Self.format, "boot=" + bootID] + MemoryText.lines(memory)
            + ["written=" + MemoryText.milliseconds(now), "complete=yes", ""]
        do throws(PosixError) {
            try TextFile.replace(path, with: Array(lines.joined(separator: "\n").utf8), .durable)
            hasFailed = false
            return nil
        } catch {
            // It is tried again with the next change, or when its time has come.
            defer { hasFailed = true }
            return hasFailed ? nil : error
        }
    }

    enum Urgency { case now, whenDue }

    private static func time(_ key: String, _ values: KeyValueText) -> Duration? {
        values.number(key, in: 0...(1 << 50)).map { .milliseconds($0) }
    }
}

/// A memory as lines of `key=value`.
enum MemoryText {
    /// The lines.
    static func lines(_ memory: Memory) -> [String] {
        var lines = [
            "failures=\(memory.failures)", "pause=" + milliseconds(memory.pause),
            "rest=" + milliseconds(memory.rest), "wait=" + milliseconds(memory.wait),
            "since_exercise=" + milliseconds(memory.sinceExercise),
            "force_charge=" + word(memory.forceCharge), "wish_spent=" + word(memory.wishIsSpent),
        ]
        switch memory.phase {
        case .idle: lines.append("phase=idle")
        case .starting(let reason): lines += ["phase=starting", "reason=" + reason.code]
        case .running(let reason, let run, let stopsAtSoc):
            lines += [
                "phase=running", "reason=" + reason.code, "run=" + milliseconds(run),
                "stops_at_soc=" + word(stopsAtSoc),
            ]
        case .stopping(let reason, let run, let isFailedStart):
            lines += [
                "phase=stopping", "reason=" + reason.code,
                "failed_start=" + word(isFailedStart),
            ]
            if let run { lines.append("run=" + milliseconds(run)) }
        case .recovering(let left): lines += ["phase=recovering", "left=" + milliseconds(left)]
        case .error: lines.append("phase=error")
        }
        return lines
    }

    /// What of it changes at once when something happens, and not just with time.
    static func kind(_ memory: Memory) -> String {
        var still = memory
        still.pause = memory.pause > .zero ? .seconds(1) : .zero
        still.rest = memory.rest > .zero ? .seconds(1) : .zero
        still.wait = memory.wait > .zero ? .seconds(1) : .zero
        still.sinceExercise = .zero
        switch memory.phase {
        case .running(let reason, _, let stops):
            still.phase = .running(reason, .zero, stopsAtSoc: stops)
        case .recovering: still.phase = .recovering(.zero)
        case .idle, .starting, .stopping, .error: break
        }
        return lines(still).joined(separator: " ")
    }

    /// The memory; nil where a line is missing or makes no sense.
    static func memory(_ values: KeyValueText) -> Memory? {
        guard let failures = values.number("failures", in: 0...100),
            let pause = time("pause", values), let rest = time("rest", values),
            let wait = time("wait", values),
            let exercise = time("since_exercise", values), let phase = phase(values)
        else { return nil }
        var memory = Memory()
        memory.failures = Int(failures)
        memory.pause = pause
        memory.rest = rest
        memory.wait = wait
        memory.sinceExercise = exercise
        memory.forceCharge = values["force_charge"] == "yes"
        memory.wishIsSpent = values["wish_spent"] == "yes"
        memory.phase = phase
        return memory
    }

    private static func phase(_ values: KeyValueText) -> Memory.Phase? {
        let code = values["reason"] ?? ""
        switch values["phase"] {
        case "idle": return .idle
        case "error": return .error
        case "recovering": return time("left", values).map { .recovering($0) }
        case "starting": return RunReason(code: code).map { .starting($0) }
        case "running":
            guard let reason = RunReason(code: code), let run = time("run", values) else {
                return nil
            }
            return .running(reason, run, stopsAtSoc: values["stops_at_soc"] != "no")
        case "stopping":
            return StopReason(code: code).map {
                .stopping(
                    $0, run: time("run", values), isFailedStart: values["failed_start"] == "yes")
            }
        default: return nil
        }
    }

    static func milliseconds(_ time: Duration) -> String {
        let parts = time.components
        return "\(parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000)"
    }

    private static func time(_ key: String, _ values: KeyValueText) -> Duration? {
        values.number(key, in: 0...(1 << 50)).map { .milliseconds($0) }
    }

    private static func word(_ value: Bool) -> String { value ? "yes" : "no" }
}
