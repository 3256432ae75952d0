/// The sentences that people read about a failure, made in one place: which host and hop, what
/// is known, whether something may have run there, what to do next.
extension RemoteError {
    /// Which way a failure points: at a lack of permission or at everything else.
    public enum Kind: Sendable, Equatable {
        /// A host key or a credential: the operator must decide or be let in.
        case notPermitted
        /// Everything else.
        case failed
    }

    /// The kind, which decides the exit code.
    public var kind: Kind {
        switch code {
        case .hostKeyUnknown, .hostKeyChanged, .authenticationRefused, .sudoRefused:
            .notPermitted
        case .addressUnknown, .unreachable, .connectTimedOut, .notSSH, .noCommonAlgorithm,
            .secretUnavailable, .channelRefused, .connectionLost, .silent, .commandTimedOut,
            .outputLimit, .inputFailed, .cancelled, .badSetting:
            .failed
        }
    }

    /// The whole message: host and hop, what happened, the cause in the system's words, whether
    /// something may have run, what to do. Several lines without a line break at the end.
    public var message: String {
        var lines = ["\(place): \(summary)"]
        if !detail.isEmpty { lines.append("  cause: \(detail)") }
        lines += facts.map { "  \($0)" }
        lines.append("  state: \(state)")
        lines.append("  next: \(advice)")
        return lines.joined(separator: "\n")
    }

    /// The host, and the jump host on the way to it.
    public var place: String { via.map { "\(host) (through \($0))" } ?? host }

    /// What happened, in a few words.
    public var summary: String {
        switch code {
        case .addressUnknown: "its name cannot be resolved"
        case .unreachable: "it cannot be reached"
        case .connectTimedOut: "it did not answer in time"
        case .notSSH(let received):
            received.isEmpty
                ? "what answers there is no SSH server"
                : "what answers there is no SSH server; it says “\(received)”"
        case .noCommonAlgorithm: "it offers none of the algorithms that are allowed here"
        case .hostKeyUnknown: "its host key is not known"
        case .hostKeyChanged: "ITS HOST KEY IS NOT THE ONE EXPECTED"
        case .authenticationRefused: "it refused every credential"
        case .secretUnavailable: "a secret could not be had"
        case .sudoRefused: "sudo refused"
        case .channelRefused: "it refused to open a channel"
        case .connectionLost: "the connection was lost"
        case .silent: "it fell silent"
        case .commandTimedOut: "the command did not end in time"
        case .outputLimit: "the command printed more than is allowed"
        case .inputFailed: "the data to send could not be read"
        case .cancelled: "cancelled"
        case .badSetting: "a setting cannot be used"
        }
    }

    /// What is known besides, a line each.
    private var facts: [String] {
        switch code {
        case .hostKeyUnknown(let presented):
            ["shown: \(presented.text)"]
        case .hostKeyChanged(let presented, let expected):
            ["shown: \(presented.text)"] + expected.map { "expected: \($0.text)" }
        case .authenticationRefused(let tried, let offered):
            [
                "tried: \(tried.isEmpty ? "nothing" : tried.joined(separator: ", "))",
                "the server takes: "
                    + (offered.isEmpty ? "it did not say" : offered.joined(separator: ", ")),
            ]
        case .addressUnknown, .unreachable, .connectTimedOut, .notSSH, .noCommonAlgorithm,
            .secretUnavailable, .sudoRefused, .channelRefused, .connectionLost, .silent,
            .commandTimedOut, .outputLimit, .inputFailed, .cancelled, .badSetting:
            []
        }
    }

    /// What may be different on the host now.
    public var state: String {
        switch effect {
        case .nothingRan: "nothing was run there"
        case .mayHaveRun:
            "a command was started there; it may have done all of its work, some or none"
        }
    }

    /// What to do next.
    public var advice: String {
        switch code {
        case .addressUnknown:
            via.map { "check `address` in the inventory; \($0) must be able to resolve it" }
                ?? "check `address` in the inventory and the name service here"
        case .unreachable:
            "check that it is on, that sshd runs and that address and port are right"
                + (via.map { ", as seen from \($0)" } ?? "")
        case .connectTimedOut:
            "check that it is on and the network to it; --timeout gives it more time"
        case .notSSH: "check `address` and `port` in the inventory"
        case .noCommonAlgorithm:
            "for an old server name its algorithms under `legacy` of this host"
        case .hostKeyUnknown:
            "compare the fingerprint with the host's own (ssh-keygen -lf on its console), then: "
                + "fleetctl host trust --host \(host)"
        case .hostKeyChanged:
            "connect no further until you know why. If the host was reinstalled, remove the old "
                + "key (ssh-keygen -R, or `host_key` in the inventory), then: "
                + "fleetctl host trust --host \(host)"
        case .authenticationRefused:
            "check `user`, `identity` and `password` of this host, and authorized_keys there"
        case .secretUnavailable: "check the secret's reference in the inventory"
        case .sudoRefused:
            "check `sudo` and its password in the inventory, and the user's rule in sudoers there"
        case .channelRefused:
            "check MaxSessions, AllowTcpForwarding and forced commands in the server's settings"
        case .connectionLost, .silent: effect == .nothingRan ? "try again" : retry
        case .commandTimedOut: retry
        case .outputLimit: "have the command print less, or into a file there"
        case .inputFailed: "check the file that was to be sent"
        case .cancelled: effect == .nothingRan ? "nothing to be done" : retry
        case .badSetting: "correct it in the inventory"
        }
    }

    private var retry: String { "look at the host before you try again" }
}

extension HostKeyFingerprint {
    /// Type and hash as one text; the hash alone where the type is not known.
    public var text: String { type.isEmpty ? sha256 : "\(type) \(sha256)" }
}
