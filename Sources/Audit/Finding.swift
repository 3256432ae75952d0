import Inventory
import UnitLint

/// Something on a host that is not as it should be.
public struct Finding: Sendable, Equatable, Encodable {
    /// What part of the host a finding is about; a subcommand each.
    public enum Aspect: String, Sendable, CaseIterable, Encodable {
        case ports, processes, units, drift
    }

    /// What mends it by itself.
    public enum Remedy: Sendable, Equatable {
        /// Stop and disable a unit; without its stop commands where they kill by pattern, for they
        /// would meet the unit that stays.
        case disableUnit(String, withoutStopCommands: Bool)
        /// End a process.
        case stopProcess(ProcessIdentity)
        /// Install a service's unit as the inventory and `Units/` say, and start it where it
        /// should run and does not.
        case installUnit(String, of: ServiceName, start: Bool)
        /// Start a unit that gave up.
        case startUnit(String)
    }

    /// What kind of finding it is, such as `orphan`.
    public var id: String
    /// What it is about.
    public var aspect: Aspect
    /// The host, by its name in the inventory.
    public var host: String
    /// How much it matters.
    public var severity: LintSeverity
    /// Which thing it is about, the same in each run: a unit, `tcp/6053`, a path.
    public var subject: String
    /// What is wrong, as a sentence without a full stop.
    public var what: String
    /// What it is seen by.
    public var evidence = Evidence()
    /// Why it matters.
    public var why: String
    /// The command, or the step, that mends it.
    public var fix: String
    /// What `--fix` does about it; nil where that is left to a person.
    public var remedy: Remedy?
    /// The generator's controller that the remedy stops or starts, or could; nil where it leaves
    /// every controller alone.
    public var controller: Controller?

    private enum CodingKeys: String, CodingKey {
        case id, aspect, host, severity, subject, what, evidence, why, fix
    }
}

extension LintSeverity: Encodable {}

/// The service that controls the generator, and where to ask whether that is idle.
public struct Controller: Sendable, Hashable {
    /// The service of the inventory.
    public var service: ServiceName
    /// The port on which it answers.
    public var port: Int

    /// A controller from its parts.
    public init(service: ServiceName, port: Int) {
        self.service = service
        self.port = port
    }
}

/// What a finding is seen by; nil where it does not apply, or cannot be known.
public struct Evidence: Sendable, Equatable, Encodable {
    /// The process.
    public var pid: Int32?
    /// When it was started, in the kernel's ticks: with the number, who it is.
    public var startTicks: UInt64?
    /// When that was, in seconds since 1970.
    public var startTime: Int?
    /// Its executable.
    public var executable: String?
    /// Its command line, at most `commandMax` bytes of each argument's text.
    public var command: String?
    /// The user, by name where it has one.
    public var user: String?
    /// Its control group.
    public var cgroup: String?
    /// The unit.
    public var unit: String?
    /// The port, such as `tcp/6053`.
    public var port: String?
    /// The socket's number.
    public var inode: UInt64?
    /// The file.
    public var path: String?
    /// The line in it, counted from 1.
    public var line: Int?
    /// Anything else, as the host says it.
    public var detail: String?

    static let commandMax = 300

    /// Nothing yet.
    public init() {}
}

/// Who a process is: the number may be another's later, the start time tells.
public struct ProcessIdentity: Sendable, Hashable {
    /// Its number.
    public var pid: Int32
    /// When it was started, in the kernel's ticks.
    public var startTicks: UInt64
    /// Its executable.
    public var executable: String

    /// An identity from its parts.
    public init(pid: Int32, startTicks: UInt64, executable: String) {
        self.pid = pid
        self.startTicks = startTicks
        self.executable = executable
    }
}
