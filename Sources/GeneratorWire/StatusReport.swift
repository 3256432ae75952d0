import GeneratorCore

/// What STATUS says: the nine lines that clients have always read, then lines that they skip.
public struct StatusReport: Sendable, Equatable {
    /// What is at the other end of the bus.
    public enum Bus: Sendable, Equatable {
        /// The board, and it answers.
        case working
        /// The board, but its latest access failed.
        case failing
        /// No board: simulated.
        case simulated
    }

    /// The inputs as last read.
    public var inputs: InputReading
    /// The relays as acknowledged by the board; nil where that is not known.
    public var relays: RelaySet?
    /// Every relay that may be energised.
    public var possibleRelays: RelaySet
    /// Where the machine is.
    public var state: GeneratorState
    /// What is at the other end of the bus.
    public var bus: Bus
    /// Clients being served.
    public var clients: Int
    /// The board's health.
    public var system: SystemHealth
    /// The server's version.
    public var version: String
    /// Seconds since the server was started.
    public var serverUptimeSeconds: Int64
    /// The latest thing that went wrong.
    public var lastProblem: Problem?

    /// The board's health, as far as it can be read; nil is unknown.
    public struct SystemHealth: Sendable, Equatable {
        /// Seconds since the system was booted.
        public var uptimeSeconds: Int64?
        /// Memory in use, in percent.
        public var memoryPercent: Int?
        /// Free space of the root file system, in MiB.
        public var diskFreeMebibytes: Int64?
        /// Used space of the root file system, in percent.
        public var diskUsedPercent: Int?
        /// Health from its parts.
        public init(
            uptimeSeconds: Int64?, memoryPercent: Int?, diskFreeMebibytes: Int64?,
            diskUsedPercent: Int?
        ) {
            self.uptimeSeconds = uptimeSeconds
            self.memoryPercent = memoryPercent
            self.diskFreeMebibytes = diskFreeMebibytes
            self.diskUsedPercent = diskUsedPercent
        }
    }

    /// The protocol's number: 1 had the nine lines only.
    public static var protocolVersion: Int { 2 }

    /// A report from its parts.
    public init(
        inputs: InputReading, relays: RelaySet?, possibleRelays: RelaySet, state: GeneratorState,
        bus: Bus, clients: Int, system: SystemHealth, version: String, serverUptimeSeconds: Int64,
        lastProblem: Problem?
    ) {
        self.inputs = inputs
        self.relays = relays
        self.possibleRelays = possibleRelays
        self.state = state
        self.bus = bus
        self.clients = clients
        self.system = system
        self.version = version
        self.serverUptimeSeconds = serverUptimeSeconds
        self.lastProblem = lastProblem
    }

    /// The lines, `END` last. Old clients stop at the first `END` anywhere in the data, so no
    /// earlier line has these letters.
    public var lines: [String] {
        let body = [
            "INPUTS: " + WireText.inputs(inputs),
            "RELAYS: " + relaysText,
            "RUNNING: " + (inputs.showsRunningEngine ? "YES" : "NO"),
            "START_IN_PROGRESS: " + (state.isStarting ? "YES" : "NO"),
            "I2C: " + busText,
            "THREADS: \(clients)",
            "UPTIME: " + Self.uptimeText(system.uptimeSeconds),
            "MEMORY: " + (system.memoryPercent.map { "\($0)%" } ?? "unknown"),
            "DISK: " + Self.diskText(system),
            "STATE: " + WireText.name(state),
            "VERSION: " + version,
            "PROTOCOL: \(Self.protocolVersion)",
            "SERVER_UPTIME: \(serverUptimeSeconds)",
            "LAST_ERROR: " + (lastProblem.map(WireText.sentence) ?? "none"),
        ]
        return body.map { ASCII.contains(WireText.end, in: $0) ? $0.lowercased() : $0 }
            + [WireText.end]
    }

    private var relaysText: String {
        guard let relays else {
            return "UNKNOWN (at most " + WireText.hexadecimal(possibleRelays) + ")"
        }
        return WireText.relayNames(relays) + " (" + WireText.hexadecimal(relays) + ")"
    }

    private var busText: String {
        switch bus {
        case .working: "OK"
        case .failing: "ERROR"
        case .simulated: "SIMULATED"
        }
    }

    private static func uptimeText(_ seconds: Int64?) -> String {
        guard let seconds else { return "unknown" }
        return "\(seconds / 3600)h\(seconds % 3600 / 60)m"
    }

    private static func diskText(_ system: SystemHealth) -> String {
        guard let free = system.diskFreeMebibytes, let used = system.diskUsedPercent else {
            return "unknown"
        }
        let tenths = (free * 10 + 512) / 1024
        let amount = free >= 1024 ? "\(tenths / 10).\(tenths % 10)G" : "\(free)M"
        return amount + " free (\(used)% used)"
    }
}

extension InputReading {
    /// Whether the inputs are known and show a running engine.
    public var showsRunningEngine: Bool {
        switch self {
        case .valid(let inputs): inputs.showRunningEngine
        case .unknown: false
        }
    }
}
