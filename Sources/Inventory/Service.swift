/// Something that fleetctl puts on hosts and keeps there.
public struct Service: Sendable, Equatable {
    /// Where its files come from.
    public enum Source: Sendable, Equatable {
        /// A product of this package, built for the host's architecture.
        case product(String)
        /// A file or folder beside the inventory, taken as it is.
        case artifact(String)
    }

    /// A condition that must hold before the service may be restarted.
    public enum Gate: String, Sendable, CaseIterable { case generatorIdle = "generator-idle" }

    /// Its name.
    public var name: ServiceName
    /// Where it runs; at least one host.
    public var hosts: [HostName]
    /// Where its files come from.
    public var source: Source
    /// The file of the release that is started: the product's own name, or for an artifact
    /// a path inside it.
    public var executable: String
    /// Arguments, with `@variables@`.
    public var arguments: [String]
    /// Environment of the process, in the order of the file; no secrets.
    public var environment: [EnvironmentVariable]
    /// Configuration files carried in the release.
    public var configFiles: [ConfigFile]
    /// The unit's source file, relative to `Units/`; nil takes `<name>.service`.
    public var unit: String?
    /// The user that it runs as; nil is root.
    public var user: String?
    /// The group that it runs as; nil is the user's own.
    public var group: String?
    /// Ports that it listens on.
    public var ports: [PortClaim]
    /// The name of its executable or script: an orphan of that name on one of `ports` may be
    /// stopped before a start, unless there is a gate. Of a path the last part counts.
    public var match: String?
    /// Older unit names that it takes the place of.
    public var replaces: [String]
    /// What must hold before a restart.
    public var gate: Gate?
    /// Services that may start what the gate watches over; they are stopped for a restart where the
    /// server cannot be held.
    public var starters: [ServiceName]
    /// How to see that it works.
    public var health: [HealthCheck]
    /// A file of Prometheus' text format that it writes on the host; nil where it writes none.
    public var metricsFile: String?
    /// Time to end by itself after SIGTERM before SIGKILL.
    public var stopTimeout: Duration
    /// Arguments with which the executable is run once after every end of the process, however
    /// it ended (`--relays-off`); empty for none. ExecStopPost= under systemd.
    public var afterExit: [String]
    /// Older releases that stay on the host beside the current one and the one before.
    public var keptReleases: Int

    /// Enough to see which change broke something, and small on a 64 MB board.
    public static let keptReleasesDefault = 3

    /// A service from its parts.
    public init(
        name: ServiceName, hosts: [HostName], source: Source, executable: String,
        arguments: [String] = [], environment: [EnvironmentVariable] = [],
        configFiles: [ConfigFile] = [], unit: String? = nil, user: String? = nil,
        group: String? = nil, ports: [PortClaim] = [], match: String? = nil,
        replaces: [String] = [], gate: Gate? = nil, starters: [ServiceName] = [],
        health: [HealthCheck] = [], metricsFile: String? = nil,
        stopTimeout: Duration = .seconds(10), afterExit: [String] = [],
        keptReleases: Int = Service.keptReleasesDefault
    ) {
        self.name = name
        self.hosts = hosts
        self.source = source
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.configFiles = configFiles
        self.unit = unit
        self.user = user
        self.group = group
        self.ports = ports
        self.match = match
        self.replaces = replaces
        self.gate = gate
        self.starters = starters
        self.health = health
        self.metricsFile = metricsFile
        self.stopTimeout = stopTimeout
        self.afterExit = afterExit
        self.keptReleases = keptReleases
    }
}

/// One variable of a service's environment.
public struct EnvironmentVariable: Sendable, Equatable {
    /// A C identifier.
    public var name: String
    /// No line breaks.
    public var value: String
    /// A variable from its parts.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// A file of the operator's that travels in the release, under `config/`.
public struct ConfigFile: Sendable, Equatable {
    /// Path on the operator's machine, relative to the inventory file.
    public var source: String
    /// File name under `config/` in the release.
    public var name: String
    /// Permission bits, 0o644 by default; never writable by group or others.
    public var mode: Int
    /// A file from its parts.
    public init(source: String, name: String, mode: Int = 0o644) {
        self.source = source
        self.name = name
        self.mode = mode
    }
}

/// A port that a service owns on its host.
public struct PortClaim: Sendable, Hashable {
    /// Which protocol.
    public enum Transport: String, Sendable, CaseIterable { case tcp, udp }
    /// 1 to 65535.
    public var number: Int
    /// Which protocol.
    public var transport: Transport
    /// A claim from its parts.
    public init(_ number: Int, _ transport: Transport = .tcp) {
        self.number = number
        self.transport = transport
    }
}

/// One way to see that a service works after it was started.
public enum HealthCheck: Sendable, Equatable {
    /// The unit or supervised process stays up, unrestarted, for this long.
    case steady(Duration)
    /// Something accepts on the TCP port within the time; where `expect` is given, a line that
    /// contains it comes back (after `send` and LF, if given).
    case tcp(port: Int, send: String?, expect: String?, within: Duration)
    /// A command on the host exits 0 within the time.
    case command([String], within: Duration)
    /// Processes of the service, and no others, listen on the port within the time.
    case listens(PortClaim, within: Duration)
    /// A web server on the port answers a GET of the path with the status within the time.
    case http(port: Int, path: String, status: Int, within: Duration)
    /// The file was written since the deploy began, and at most `younger` ago, within the time.
    case file(path: String, younger: Duration, within: Duration)
}
