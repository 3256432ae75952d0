// Reasons as words and numbers, for files that outlive a process and for programs.

extension RunReason {
    /// `soc 38 40`: a word, and the numbers that it goes with.
    public var code: String {
        switch self {
        case .soc(let soc, let limit): "soc \(soc) \(limit)"
        case .voltage(let millivolts, let limit): "voltage \(millivolts) \(limit)"
        case .manual: "manual"
        case .exercise: "exercise"
        case .found: "found"
        }
    }

    /// The reason of a code; nil where there is none.
    public init?(code: String) {
        let code = Code(code)
        switch code.word {
        case "soc":
            guard let (soc, limit) = code.pair else { return nil }
            self = .soc(soc, below: limit)
        case "voltage":
            guard let (millivolts, limit) = code.pair else { return nil }
            self = .voltage(millivolts: millivolts, below: limit)
        case "manual": self = .manual
        case "exercise": self = .exercise
        case "found": self = .found
        default: return nil
        }
    }
}

extension StopReason {
    /// `soc 80 80`: a word, and the numbers that it goes with; times in seconds.
    public var code: String {
        switch self {
        case .soc(let soc, let limit): "soc \(soc) \(limit)"
        case .voltage(let millivolts, let limit): "voltage \(millivolts) \(limit)"
        case .runMax(let time): "run-max \(time.components.seconds)"
        case .blind(let time): "blind \(time.components.seconds)"
        case .manualOver: "manual-over"
        case .forceStop: "force-stop"
        case .exerciseOver: "exercise-over"
        case .byOthers: "by-others"
        case .startTooLong: "start-too-long"
        case .shutdown: "shutdown"
        }
    }

    /// The reason of a code; nil where there is none.
    public init?(code: String) {
        let code = Code(code)
        switch code.word {
        case "soc":
            guard let (soc, limit) = code.pair else { return nil }
            self = .soc(soc, reached: limit)
        case "voltage":
            guard let (millivolts, limit) = code.pair else { return nil }
            self = .voltage(millivolts: millivolts, reached: limit)
        case "run-max":
            guard let seconds = code.numbers.first else { return nil }
            self = .runMax(.seconds(seconds))
        case "blind":
            guard let seconds = code.numbers.first else { return nil }
            self = .blind(.seconds(seconds))
        case "manual-over": self = .manualOver
        case "force-stop": self = .forceStop
        case "exercise-over": self = .exerciseOver
        case "by-others": self = .byOthers
        case "start-too-long": self = .startTooLong
        case "shutdown": self = .shutdown
        default: return nil
        }
    }
}

extension Decision {
    /// The word for programs; the same as long as the same is being done for the same sort of
    /// reason.
    public var word: String {
        switch self {
        case .undecided: "undecided"
        case .start(let reason): "start-" + Code(reason.code).word
        case .run(let reason): "run-" + Code(reason.code).word
        case .stop(let reason): "stop-" + Code(reason.code).word
        case .wait(let reason): "wait-" + reason.word
        }
    }
}

extension WaitReason {
    fileprivate var word: String {
        switch self {
        case .enough: "enough"
        case .holding: "holding"
        case .untrusted(let trust): trust.word
        case .generatorUnknown: "generator-unknown"
        case .generatorBusy: "generator-busy"
        case .quietHours: "quiet-hours"
        case .paused: "paused"
        case .resting: "resting"
        case .afterFailure: "after-failure"
        case .error: "error"
        case .wishSpent: "wish-spent"
        }
    }
}

extension Trust {
    /// The word for programs.
    public var word: String {
        switch self {
        case .good: "battery-good"
        case .unknown: "battery-unknown"
        case .stale: "battery-stale"
        case .frozen: "battery-frozen"
        case .jumped: "battery-jumped"
        case .contradicted: "battery-contradicted"
        }
    }
}

/// A word and up to two numbers.
private struct Code {
    let word: String
    let numbers: [Int]

    init(_ text: String) {
        let parts = text.utf8.split(separator: 0x20)
        word = parts.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
        numbers = parts.dropFirst().prefix(2).compactMap {
            Int(String(decoding: $0, as: UTF8.self))
        }
    }

    var pair: (Int, Int)? { numbers.count == 2 ? (numbers[0], numbers[1]) : nil }
}
