import RemoteOps

/// How to reach one host and how to prove who is who: everything that a connection needs, with
/// no inventory and no environment read behind the caller's back.
public struct SSHSettings: Sendable {
    /// Yields a secret's text, once, when it is really needed. What it throws becomes
    /// `secretUnavailable`.
    public typealias SecretSource = @Sendable () async throws -> String

    /// How the login user becomes root.
    public enum Privilege: Sendable {
        /// The login user is root.
        case isRoot
        /// sudo asks for no password.
        case passwordlessSudo
        /// sudo asks for this password.
        case sudo(SecretSource)
        /// The user cannot become root.
        case unprivileged
    }

    /// Which OpenSSH client configuration is read.
    public enum ConfigFile: Sendable, Equatable {
        /// None.
        case none
        /// `~/.ssh/config`, then `/etc/ssh/ssh_config`.
        case standard
        /// This file only.
        case file(String)
    }

    /// Old algorithms offered to this host after the modern ones, by their SSH names.
    public struct LegacyAlgorithms: Sendable, Equatable {
        /// Host keys and, for RSA, user keys; such as `ssh-rsa`.
        public var hostKey: [String] = []
        /// Such as `diffie-hellman-group14-sha1`.
        public var keyExchange: [String] = []
        /// Such as `aes128-cbc`.
        public var cipher: [String] = []
        /// Such as `hmac-sha1`.
        public var mac: [String] = []

        /// None of any kind.
        public init() {}
    }

    /// The host's name in the inventory, for errors and logs.
    public var name: String
    /// Host name or IP address, as the machine that dials (this one or the jump host) sees it.
    public var address: String
    /// 1 to 65535.
    public var port: Int
    /// The user to log in as.
    public var user: String
    /// Paths of private keys, tried in order. `~/` is this user's home.
    public var identities: [String] = []
    /// The login password.
    public var password: SecretSource?
    /// Whether the agent of `agentSocket` may be asked for keys.
    public var usesAgent = true
    /// The agent's socket; nil takes `SSH_AUTH_SOCK`.
    public var agentSocket: String?
    /// Accepted host keys as `SHA256:…`. Where there are any, known_hosts is not asked.
    public var hostKeyPins: [String] = []
    /// The known_hosts file; nil is `~/.ssh/known_hosts`. The system-wide one is read as well.
    public var knownHosts: String?
    /// Which client configuration is read.
    public var configFile: ConfigFile = .standard
    /// Old algorithms for this host alone.
    public var legacyAlgorithms = LegacyAlgorithms()
    /// How to become root.
    public var privilege: Privilege = .unprivileged
    /// Time for name look-up, TCP, key exchange and authentication together.
    public var connectTimeout: Duration = .seconds(15)
    /// How long a host that owes an answer may say nothing at all.
    public var livenessDeadline: Duration = .seconds(15)

    /// Settings with the defaults for all that is not named.
    public init(name: String, address: String, port: Int = 22, user: String) {
        self.name = name
        self.address = address
        self.port = port
        self.user = user
    }

    /// Whether any credential was named; where none was, the agent and the usual keys are tried.
    var namesCredentials: Bool { !identities.isEmpty || password != nil }
}

/// Who is talked to, for errors: the host, and the jump host on the way.
struct Hop: Sendable {
    var name: String
    var via: String?

    /// An error on this hop; `detail` is cleaned of control characters.
    func error(
        _ code: RemoteError.Code, effect: RemoteError.Effect = .nothingRan, detail: String = ""
    ) -> RemoteError {
        RemoteError(code, host: name, via: via, effect: effect, detail: Printable.text(detail))
    }
}
