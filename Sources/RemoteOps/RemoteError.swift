/// Why something could not be done on a host. The code decides exit status and advice; the
/// sentence for people is made from it at the command line.
public struct RemoteError: Error, Sendable, Equatable {
    /// What went wrong.
    public enum Code: Sendable, Equatable {
        /// The name could not be resolved.
        case addressUnknown
        /// The connection was refused or there is no route.
        case unreachable
        /// No connection, banner or key exchange in time.
        case connectTimedOut
        /// What answers is no SSH server; the first bytes, printable ones only.
        case notSSH(received: String)
        /// Client and server share no algorithm of some kind; libssh's words are in `detail`.
        case noCommonAlgorithm
        /// The host's key is not known yet.
        case hostKeyUnknown(presented: HostKeyFingerprint)
        /// The host shows another key than the one known or pinned.
        case hostKeyChanged(presented: HostKeyFingerprint, expected: [HostKeyFingerprint])
        /// Every credential was refused.
        case authenticationRefused(tried: [String], offered: [String])
        /// A secret's reference could not be resolved; never the secret itself.
        case secretUnavailable
        /// sudo refused: a wrong or missing password, or not allowed.
        case sudoRefused
        /// The server refused a channel, an exec or a forward.
        case channelRefused
        /// The link broke.
        case connectionLost
        /// Nothing was heard from the host for longer than the liveness deadline.
        case silent
        /// The command did not end in time.
        case commandTimedOut
        /// The command printed more than `RunOptions.outputLimit`.
        case outputLimit
        /// The caller's own input could not be read.
        case inputFailed
        /// The task was cancelled.
        case cancelled
        /// A setting that libssh refuses (a bad algorithm name, an unreadable key file).
        case badSetting
    }

    /// What may have happened on the host before the failure.
    public enum Effect: Sendable, Equatable {
        /// Nothing was started there.
        case nothingRan
        /// A command was started; how far it came is unknown.
        case mayHaveRun
    }

    /// What went wrong.
    public var code: Code
    /// The host that was meant, by its name in the inventory.
    public var host: String
    /// The jump host that the way leads through, where there is one.
    public var via: String?
    /// What may have happened on the host.
    public var effect: Effect
    /// The underlying cause in the library's or the system's words; control characters removed.
    public var detail: String

    /// An error from its parts.
    public init(
        _ code: Code, host: String, via: String? = nil, effect: Effect = .nothingRan,
        detail: String = ""
    ) {
        self.code = code
        self.host = host
        self.via = via
        self.effect = effect
        self.detail = detail
    }
}

/// A host key as people compare it: `ssh-ed25519 SHA256:…`, as `ssh-keygen -l` prints it.
public struct HostKeyFingerprint: Sendable, Hashable {
    /// The key's type, such as `ssh-ed25519`.
    public var type: String
    /// `SHA256:` and the unpadded base64 of the hash.
    public var sha256: String

    /// A fingerprint from its parts.
    public init(type: String, sha256: String) {
        self.type = type
        self.sha256 = sha256
    }
}
