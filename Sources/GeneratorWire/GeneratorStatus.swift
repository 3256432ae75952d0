import GeneratorCore

/// A value that a server may have said, may not know, or may never have mentioned. There is no
/// default for the latter two.
public enum Reported<Value: Sendable & Equatable>: Sendable, Equatable {
    /// Said.
    case value(Value)
    /// Mentioned, but not as anything that is understood here.
    case unknown
    /// Not mentioned.
    case missing

    /// The value; nil where it is unknown or missing.
    public var known: Value? {
        switch self {
        case .value(let value): value
        case .unknown, .missing: nil
        }
    }
}

/// What a server said to STATUS, the legacy one included.
public struct GeneratorStatus: Sendable, Equatable {
    /// The inputs; unknown also where the server could not read them.
    public var inputs: Reported<Inputs> = .missing
    /// The relays; unknown also where the server does not know what the board took.
    public var relays: Reported<RelaySet> = .missing
    /// RUNNING as said. Where the inputs are unknown this says NO all the same: see ``engine``.
    public var running: Reported<Bool> = .missing
    /// START_IN_PROGRESS.
    public var startInProgress: Reported<Bool> = .missing
    /// I2C.
    public var bus: Reported<StatusReport.Bus> = .missing
    /// THREADS, the clients being served.
    public var clients: Reported<Int> = .missing
    /// UPTIME of the board, as said.
    public var uptime: Reported<String> = .missing
    /// MEMORY, as said.
    public var memory: Reported<String> = .missing
    /// DISK, as said.
    public var disk: Reported<String> = .missing
    /// STATE; the legacy server has none.
    public var state: Reported<GeneratorState> = .missing
    /// STATE_SECONDS, how long it has been there; the legacy server has none.
    public var stateSeconds: Reported<Int64> = .missing
    /// STATE_LEFT, how long it stays there by itself; the inner nil where that has no end.
    public var stateSecondsLeft: Reported<Int64?> = .missing
    /// HOLD; the inner nil where there is none.
    public var hold: Reported<HoldStatus?> = .missing
    /// LEASE, in seconds; the inner nil where there is none.
    public var leaseSeconds: Reported<Int64?> = .missing
    /// RUN_SECONDS of this run, 0 where there is none; the legacy server has no such line.
    public var runSeconds: Reported<Int64> = .missing
    /// LATCHED, why no start is allowed before RESET; the inner nil where starts are allowed.
    public var latched: Reported<String?> = .missing
    /// BOOT_ID; the legacy server has none.
    public var bootID: Reported<String> = .missing
    /// VERSION; the legacy server has none.
    public var version: Reported<String> = .missing
    /// PROTOCOL; the legacy server has none.
    public var protocolVersion: Reported<Int> = .missing
    /// SERVER_UPTIME in seconds; the legacy server has none.
    public var serverUptimeSeconds: Reported<Int64> = .missing
    /// LAST_ERROR, `none` where there is none; the legacy server has no such line.
    public var lastError: Reported<String> = .missing
    /// Every `KEY: value` line in its order, for tools that show them all. At most 64.
    public var entries: [Entry] = []

    /// One line of the report.
    public struct Entry: Sendable, Equatable {
        /// What comes before the first colon.
        public var key: String
        /// What comes after it, without blanks around.
        public var value: String
    }

    /// Who holds the generator.
    public struct HoldStatus: Sendable, Equatable {
        /// Who.
        public var owner: String
        /// For how long still.
        public var secondsLeft: Int64
        /// Why.
        public var reason: String
        /// A hold from its parts.
        public init(owner: String, secondsLeft: Int64, reason: String) {
            self.owner = owner
            self.secondsLeft = secondsLeft
            self.reason = reason
        }
    }

    /// What can be said of the engine.
    public enum Engine: Sendable, Equatable {
        /// The inputs are known and IN1 is seen.
        case running
        /// The inputs are known and show neither engine nor starter.
        case standing
        /// The starter is seen.
        case cranking
        /// Nothing certain.
        case unknown

        /// What the inputs say.
        init(_ reading: InputReading) {
            switch reading {
            case .unknown: self = .unknown
            case .valid(let inputs) where inputs.contains(.starterEngaged): self = .cranking
            case .valid(let inputs) where inputs.contains(.engineRunning): self = .running
            case .valid: self = .standing
            }
        }
    }

    /// The engine, judged by the inputs and never by a default.
    public var engine: Engine {
        Engine(inputs.known.map(InputReading.valid) ?? .unknown)
    }

    /// Everything that must be known and quiet before anyone takes the server away.
    public var showsIdle: Bool {
        guard engine == .standing, running == .value(false), startInProgress == .value(false),
            relays == .value([])
        else { return false }
        switch state {
        case .missing: return true
        case .unknown: return false
        case .value(let state): return [.off, .failed, .held].contains(state)
        }
    }

    /// Reads the lines of a STATUS reply, with or without the last `END`. Unknown keys are skipped.
    public static func parse(_ lines: [String]) -> GeneratorStatus {
        var status = GeneratorStatus()
        for line in lines.prefix(WireLimits.replyLines) {
            let bytes = Array(line.utf8)
            guard let colon = bytes.firstIndex(of: 0x3A) else { continue }
            let key = ASCII.printable(bytes[..<colon], limit: WireLimits.replyLine)
            let value = ASCII.printable(trimmed(bytes[(colon + 1)...]), limit: WireLimits.replyLine)
            status.entries.append(Entry(key: key, value: value))
            status.take(key, value)
        }
        return status
    }

    private mutating func take(_ key: String, _ value: String) {
        switch key {
        case "INPUTS": inputs = Self.reported(Self.inputs(value))
        case "RELAYS": relays = Self.reported(Self.relays(value))
        case "RUNNING": running = Self.reported(Self.yesNo(value))
        case "START_IN_PROGRESS": startInProgress = Self.reported(Self.yesNo(value))
        case "I2C": bus = Self.reported(Self.bus(value))
        case "THREADS": clients = Self.reported(Int(value))
        case "UPTIME": uptime = .value(value)
        case "MEMORY": memory = .value(value)
        case "DISK": disk = .value(value)
        case "STATE":
            state = Self.reported(WireText.state(value))
        case "STATE_SECONDS": stateSeconds = Self.reported(Int64(value))
        case "STATE_LEFT": stateSecondsLeft = Self.orNone(value) { Int64($0) }
        case "HOLD": hold = Self.orNone(value, Self.hold)
        case "LEASE": leaseSeconds = Self.orNone(value) { Int64($0) }
        case "RUN_SECONDS": runSeconds = Self.reported(Int64(value))
        case "LATCHED": latched = Self.orNone(value) { $0 }
        case "BOOT_ID": bootID = .value(value)
        case "VERSION": version = .value(value)
        case "PROTOCOL": protocolVersion = Self.reported(Int(value))
        case "SERVER_UPTIME": serverUptimeSeconds = Self.reported(Int64(value))
        case "LAST_ERROR": lastError = .value(value)
        default: break
        }
    }
}

// Values.
extension GeneratorStatus {
    private static func reported<Value>(_ value: Value?) -> Reported<Value> {
        guard let value else { return .unknown }
        return .value(value)
    }

    /// `none`, or what `read` makes of it.
    private static func orNone<Value>(
        _ value: String, _ read: (String) -> Value?
    ) -> Reported<Value?> {
        if value == "none" { return .value(nil) }
        guard let read = read(value) else { return .unknown }
        return .value(read)
    }

    /// `owner 540 reason`.
    private static func hold(_ value: String) -> HoldStatus? {
        let words = value.utf8.split(separator: ASCII.space, maxSplits: 2)
        guard words.count >= 2,
            let seconds = Int64(String(decoding: words[1], as: UTF8.self))
        else { return nil }
        return HoldStatus(
            owner: String(decoding: words[0], as: UTF8.self), secondsLeft: seconds,
            reason: words.count == 3 ? String(decoding: words[2], as: UTF8.self) : "")
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes
        while let first = bytes.first, ASCII.isBlank(first) { bytes.removeFirst() }
        while let last = bytes.last, ASCII.isBlank(last) { bytes.removeLast() }
        return bytes
    }

    private static func yesNo(_ value: String) -> Bool? {
        value == "YES" ? true : value == "NO" ? false : nil
    }

    private static func bus(_ value: String) -> StatusReport.Bus? {
        switch value {
        case "OK": .working
        case "ERROR": .failing
        case "SIMULATED": .simulated
        default: nil
        }
    }

    /// `IN1=1 … raw=3`: the bits and the number must agree.
    private static func inputs(_ value: String) -> Inputs? {
        for raw in UInt8(0)...15 where value == WireText.inputs(.valid(Inputs(rawValue: raw))) {
            return Inputs(rawValue: raw)
        }
        return nil
    }

    /// `IGN+CHARGER (0x0A)`: the names and the number must agree.
    private static func relays(_ value: String) -> RelaySet? {
        for raw in UInt8(0)...15 {
            let relays = RelaySet(rawValue: raw)
            let text = WireText.relayNames(relays) + " (" + WireText.hexadecimal(relays) + ")"
            if value == text { return relays }
        }
        return nil
    }
}
