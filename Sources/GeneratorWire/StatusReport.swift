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
    /// How long it has been there, in seconds.
    public var stateSeconds: Int64
    /// How long it stays there by itself, in seconds; nil where that has no end of its own.
    public var stateSecondsLeft: Int64?
    /// What is at the other end of the bus.
    public var bus: Bus
    /// Clients being served.
    public var clients: Int
    /// The board's health.
    public var system: SystemHealth
    /// The server itself.
    public var server: ServerFacts
    /// Who holds the generator, and for how long.
    public var hold: GeneratorStatus.HoldStatus?
    /// Seconds that the lease lasts; nil where there is none.
    public var leaseSecondsLeft: Int64?
    /// How long this run has lasted, in seconds; nil where there is none.
    public var runSeconds: Int64?
    /// What the engine has done so far.
    public var counters: ServiceCounters
    /// Why no start is allowed before a reset.
    public var latched: Problem?
    /// The latest thing that went wrong.
    public var lastProblem: Problem?

    /// What the server says of itself.
    public struct ServerFacts: Sendable, Equatable {
        /// Its version.
        public var version: String
        /// Seconds since it was started.
        public var uptimeSeconds: Int64
        /// Clients that it has taken since then.
        public var connections: UInt64
        /// The kernel's name for this boot; empty where it has none.
        public var bootID: String
        /// Facts from their parts.
        public init(version: String, uptimeSeconds: Int64, connections: UInt64, bootID: String) {
            self.version = version
            self.uptimeSeconds = uptimeSeconds
            self.connections = connections
            self.bootID = bootID
        }
    }

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

    /// What the machine says of itself now.
    public init(
        of machine: GeneratorMachine, at now: Instant, bus: Bus, clients: Int,
        system: SystemHealth, server: ServerFacts
    ) {
        inputs = machine.currentInputs(at: now)
        relays = machine.confirmedRelays
        possibleRelays = machine.possibleRelays
        state = machine.state
        stateSeconds = WireText.seconds(now - machine.stateSince)
        stateSecondsLeft = machine.phaseLeft(at: now).map(WireText.secondsLeft)
        self.bus = bus
        self.clients = clients
        self.system = system
        self.server = server
        hold = machine.hold.map {
            GeneratorStatus.HoldStatus(
                owner: $0.owner, secondsLeft: WireText.secondsLeft($0.until - now),
                reason: $0.reason)
        }
        leaseSecondsLeft = machine.leaseUntil.map { WireText.secondsLeft($0 - now) }
        runSeconds = machine.runTime(at: now).map(WireText.seconds)
        counters = machine.counters
        latched = machine.latched
        lastProblem = machine.lastProblem
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
            "STATE_SECONDS: \(stateSeconds)",
            "STATE_LEFT: " + (stateSecondsLeft.map { "\($0)" } ?? "none"),
            "ENGINE: " + WireText.name(GeneratorStatus.Engine(inputs)),
            "HOLD: " + holdText,
            "LEASE: " + (leaseSecondsLeft.map { "\($0)" } ?? "none"),
            "VERSION: " + server.version,
            "PROTOCOL: \(Self.protocolVersion)",
            "SERVER_UPTIME: \(server.uptimeSeconds)",
            "CONNECTIONS: \(server.connections)",
            "RUN_SECONDS: \(runSeconds ?? 0)",
            "SERVICE_HOURS: " + Self.hoursText(counters.runTime),
            "STARTS: \(counters.starts)",
            "LATCHED: " + (latched.map(WireText.sentence) ?? "none"),
            "LAST_ERROR: " + (lastProblem.map(WireText.sentence) ?? "none"),
            "BOOT_ID: " + (server.bootID.isEmpty ? "unknown" : server.bootID),
        ]
        return body.map(ASCII.withoutEnd) + [WireText.end]
    }

    private var holdText: String {
        guard let hold else { return "none" }
        return hold.owner + " \(hold.secondsLeft) " + hold.reason
    }

    /// Hours with one decimal.
    private static func hoursText(_ time: Duration) -> String {
        let tenths = WireText.seconds(time) / 360
        return "\(tenths / 10).\(tenths % 10)"
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
