/// What the probe found on a host.
public struct HostFacts: Sendable, Equatable {
    /// `uname -n`, `-m`, `-r`.
    public var nodeName = ""
    /// The machine's hardware name, such as `aarch64`.
    public var machine = ""
    /// The kernel's release.
    public var kernel = ""
    /// Effective user id that the probe ran as.
    public var userID: Int?
    /// Seconds since 1970 by the host's clock.
    public var clock: Int?
    /// The kernel's boot id.
    public var bootID: String?
    /// Whether systemd is what runs the host.
    public var isSystemd = false
    /// Programs found on PATH, of those that the scripts can use.
    public var tools: Set<String> = []
    /// Space for `/opt/fleet`, in bytes; nil where it could not be read.
    public var diskFree: Int?
    /// Files that `/opt/fleet` still has room for; nil where that has no fixed limit.
    public var inodesFree: Int?
    /// The lock's content where a deploy is under way.
    public var lock: String?
    /// A deploy that is under way there, or was interrupted.
    public var transaction: StandingTransaction?
    /// `/etc/rc.local` on hosts without systemd; nil where there is none.
    public var rcLocal: ExactFile?
    /// What was found of each service that was asked about, by name.
    public var services: [String: ServiceFacts] = [:]

    /// No facts yet.
    public init() {}
}

/// A deploy that a host has neither committed nor taken back yet.
public struct StandingTransaction: Sendable, Equatable {
    /// What its journal says last.
    public enum Phase: String, Sendable {
        /// Its steps were begun.
        case begun
        /// All steps are done; it waits for the confirmation.
        case switched
        /// It is being taken back.
        case undoing
        /// It is decided; only its end is missing.
        case confirmed
        /// It has ended; its folder is left.
        case over
        /// The journal cannot be read.
        case unclear
    }

    /// Names it.
    public var id: String
    /// How far it came.
    public var phase: Phase
    /// Seconds since 1970 by the host's clock; nil where unreadable.
    public var begun: Int?
    /// Who deploys.
    public var owner: String
    /// The step that was begun last, from 1; 0 where none was.
    public var step: Int
    /// That step, as the apply script knows it.
    public var stepLine: String
    /// Whether its process lives.
    public var isAlive: Bool

    /// A transaction from its parts.
    public init(
        id: String, phase: Phase, begun: Int?, owner: String, step: Int, stepLine: String,
        isAlive: Bool
    ) {
        self.id = id
        self.phase = phase
        self.begun = begun
        self.owner = owner
        self.step = step
        self.stepLine = stepLine
        self.isAlive = isAlive
    }
}

/// A text file of a host: its hash, and its text where the text hashes to it.
public struct FileText: Sendable, Equatable {
    /// SHA-256 in lower-case hexadecimal.
    public var sha256: String
    /// Lines as the probe printed them: a missing line end at the end of the file, NULs and
    /// anything after 64 KiB are lost. Compare hashes before trusting it.
    public var lines: [String]

    /// A file's text from its parts.
    public init(sha256: String, lines: [String]) {
        self.sha256 = sha256
        self.lines = lines
    }
}

/// A file of a host, byte for byte.
public struct ExactFile: Sendable, Equatable {
    /// SHA-256 in lower-case hexadecimal.
    public var sha256: String
    /// Its bytes; cut at 64 KiB.
    public var bytes: [UInt8]

    /// The probe reads no more than this.
    public static let sizeMax = 65536

    /// A file from its parts.
    public init(sha256: String, bytes: [UInt8]) {
        self.sha256 = sha256
        self.bytes = bytes
    }

    /// The whole file as text; nil where it is no UTF-8, holds a NUL or may be cut.
    public var text: String? {
        guard bytes.count < Self.sizeMax, !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// What was found of one service.
public struct ServiceFacts: Sendable, Equatable {
    /// What `current` points to.
    public var current: ReleaseID?
    /// Releases whose files were read, with those files as they are on the disk.
    public var releases: [ReleaseID: [InstalledFile]] = [:]
    /// Texts of the releases' configuration files that everybody may read, by path.
    public var texts: [ReleaseID: [String: FileText]] = [:]
    /// Those of the current release.
    public var configTexts: [String: FileText] {
        get { current.flatMap { texts[$0] } ?? [:] }
        set { if let current { texts[current] = newValue } }
    }
    /// Room that each release on the disk takes, in bytes; of what releases share, one has it all.
    public var storedBytes: [ReleaseID: Int] = [:]
    /// systemd's properties of the unit, by their names in systemctl(1).
    public var unitProperties: [String: String] = [:]
    /// The unit file in `/etc/systemd/system`.
    public var unitFile: FileText?
    /// The older units that it replaces.
    public var replaced: [ReplacedUnit] = []
    /// The supervisor's status line.
    public var supervisor: String?
    /// The main process.
    public var process: ProcessFacts?
    /// Who listens on the service's ports.
    public var listeners: [Listener] = []

    /// No facts yet.
    public init() {}
}

/// A file of a release as it is on the host's disk.
public struct InstalledFile: Sendable, Hashable {
    /// Path inside the release.
    public var path: String
    /// SHA-256 in lower-case hexadecimal.
    public var sha256: String
    /// Permission bits; nil where `ls` printed something else.
    public var mode: Int?

    /// A file from its parts.
    public init(path: String, sha256: String, mode: Int?) {
        self.path = path
        self.sha256 = sha256
        self.mode = mode
    }
}

/// A unit that another takes the place of.
public struct ReplacedUnit: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// systemd's LoadState, such as `not-found`.
    public var loadState: String
    /// systemd's UnitFileState, such as `enabled`.
    public var unitFileState: String
    /// systemd's ActiveState.
    public var activeState: String

    /// A unit from its parts.
    public init(name: String, loadState: String, unitFileState: String, activeState: String) {
        self.name = name
        self.loadState = loadState
        self.unitFileState = unitFileState
        self.activeState = activeState
    }

    /// Whether it can still get in the way: it exists and is active or starts at boot.
    public var isInTheWay: Bool {
        guard loadState != "not-found" else { return false }
        return unitFileState.hasPrefix("enabled") || !["inactive", "failed"].contains(activeState)
    }
}

/// A process, with what tells it from a later one of the same number.
public struct ProcessFacts: Sendable, Equatable {
    /// Process id.
    public var pid: Int
    /// Clock ticks after boot (field 22 of proc_pid_stat(5)); nil where unreadable.
    public var startTime: Int?
    /// Target of `/proc/PID/exe`; ends in ` (deleted)` where the file is gone.
    public var executable: String
    /// Target of `/proc/PID/cwd`.
    public var workingDirectory: String

    /// A process from its parts.
    public init(pid: Int, startTime: Int?, executable: String, workingDirectory: String) {
        self.pid = pid
        self.startTime = startTime
        self.executable = executable
        self.workingDirectory = workingDirectory
    }

    /// The release of `service` that the process was started from: its working folder or its
    /// executable lies in it. Nil where neither does.
    public func release(of service: String) -> ReleaseID? {
        let prefix = HostLayout.releases(service) + "/"
        for path in [workingDirectory, executable] where path.hasPrefix(prefix) {
            let name = path.dropFirst(prefix.count).prefix { $0 != "/" && $0 != " " }
            if let release = ReleaseID(String(name)) { return release }
        }
        return nil
    }
}

/// A socket that listens, and who holds it.
public struct Listener: Sendable, Equatable {
    /// `tcp` or `udp`.
    public var transport: String
    /// 1 to 65535.
    public var port: Int
    /// The holder; nil where no process that the probe may see holds the socket.
    public var pid: Int?
    /// `/proc/PID/cgroup`, its lines joined by spaces.
    public var cgroup: String
    /// The command line, arguments joined by spaces, at most 300 bytes.
    public var commandLine: String

    /// A listener from its parts.
    public init(transport: String, port: Int, pid: Int?, cgroup: String, commandLine: String) {
        self.transport = transport
        self.port = port
        self.pid = pid
        self.cgroup = cgroup
        self.commandLine = commandLine
    }

    /// The systemd unit whose cgroup the holder is in: the innermost `.service`, `.scope` or
    /// `.socket` of the path in systemd's own hierarchy (cgroup 2, or `name=systemd`).
    public var unit: String? {
        for line in cgroup.split(separator: " ") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, fields[1] == "name=systemd" || fields[0] == "0" else {
                continue
            }
            let unit = fields[2].split(separator: "/").last {
                $0.hasSuffix(".service") || $0.hasSuffix(".scope") || $0.hasSuffix(".socket")
            }
            if let unit { return String(unit) }
        }
        return nil
    }
}
