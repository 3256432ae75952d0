/// One machine of the fleet, as the inventory describes it.
public struct Host: Sendable, Equatable {
    /// Its processor, which decides the cross build.
    public enum Architecture: String, Sendable, CaseIterable { case arm64, armhf, armv5, amd64 }

    /// What starts services at boot.
    public enum InitSystem: String, Sendable, CaseIterable {
        case systemd
        case rcLocal = "rc-local"
    }

    /// How the login user becomes root.
    public enum Privilege: Sendable, Equatable {
        /// The login user is root.
        case isRoot
        /// sudo asks for no password.
        case passwordlessSudo
        /// sudo asks for this password; the host's own where nil.
        case sudo(SecretReference?)
        /// The user cannot become root: only commands as the login user.
        case unprivileged
    }

    /// Its name in the inventory.
    public var name: HostName
    /// Host name or IP address to connect to, as seen from `via` or from here.
    public var address: String
    /// 1 to 65535; 22 by default.
    public var port: Int
    /// The user to log in as.
    public var user: String
    /// The host whose session carries the connection.
    public var via: HostName?
    /// A private key's path; `~` is expanded by the adapter.
    public var identity: String?
    /// The login password, by reference.
    public var password: SecretReference?
    /// How to become root.
    public var privilege: Privilege
    /// Accepted host keys as `SHA256:…`; empty means known_hosts decides.
    public var hostKeyPins: [String]
    /// Algorithms offered to this host beyond the modern ones, by their SSH names.
    public var legacyAlgorithms: LegacyAlgorithms
    /// Its processor.
    public var architecture: Architecture
    /// What starts its services.
    public var initSystem: InitSystem
    /// Free labels for selection, in the order of the file.
    public var tags: [String]
    /// Limits of its health that differ from those of its kind.
    public var health: HealthLimits

    /// A host from its parts.
    public init(
        name: HostName, address: String, port: Int = 22, user: String, via: HostName? = nil,
        identity: String? = nil, password: SecretReference? = nil,
        privilege: Privilege = .passwordlessSudo, hostKeyPins: [String] = [],
        legacyAlgorithms: LegacyAlgorithms = LegacyAlgorithms(), architecture: Architecture,
        initSystem: InitSystem = .systemd, tags: [String] = [],
        health: HealthLimits = HealthLimits()
    ) {
        self.name = name
        self.address = address
        self.port = port
        self.user = user
        self.via = via
        self.identity = identity
        self.password = password
        self.privilege = privilege
        self.hostKeyPins = hostKeyPins
        self.legacyAlgorithms = legacyAlgorithms
        self.architecture = architecture
        self.initSystem = initSystem
        self.tags = tags
        self.health = health
    }
}

/// Old algorithms that one host needs, by their SSH names; empty lists mean modern ones only.
public struct LegacyAlgorithms: Sendable, Equatable {
    /// Such as `ssh-rsa`.
    public var hostKey: [String]
    /// Such as `diffie-hellman-group14-sha1`.
    public var keyExchange: [String]
    /// Such as `aes128-cbc`.
    public var cipher: [String]
    /// Such as `hmac-sha1`.
    public var mac: [String]

    /// The algorithms of each kind; none by default.
    public init(
        hostKey: [String] = [], keyExchange: [String] = [], cipher: [String] = [],
        mac: [String] = []
    ) {
        self.hostKey = hostKey
        self.keyExchange = keyExchange
        self.cipher = cipher
        self.mac = mac
    }
}

/// Where a secret comes from; the inventory never holds the secret itself.
public enum SecretReference: Sendable, Equatable {
    /// An environment variable of fleetctl's own process (`env:NAME`).
    case environment(String)
    /// The first line of a file with mode 0600 or stricter (`file:PATH`).
    case file(String)
    /// The first line that a command prints (`command:argv…`, run by sh).
    case command(String)
}
