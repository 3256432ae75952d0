import CLibSSH

/// The algorithms offered to a host that needs old ones: libssh's own defaults first, in its
/// order, then what the inventory names. libssh 0.10 has no `+name` syntax, so the whole list is
/// given. A host that names nothing gets libssh's defaults untouched.
enum AlgorithmLists {
    /// A list as libssh takes it, and what it is a list of.
    struct List {
        var kind: String
        var text: String
    }

    private static let hostKeys = [
        "ssh-ed25519", "ecdsa-sha2-nistp521", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp256",
        "rsa-sha2-512", "rsa-sha2-256",
    ]
    private static let keyExchanges = [
        "curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256",
        "ecdh-sha2-nistp384", "ecdh-sha2-nistp521", "diffie-hellman-group18-sha512",
        "diffie-hellman-group16-sha512", "diffie-hellman-group-exchange-sha256",
        "diffie-hellman-group14-sha256",
    ]
    private static let ciphers = [
        "chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com", "aes128-gcm@openssh.com",
        "aes256-ctr", "aes192-ctr", "aes128-ctr",
    ]
    private static let macs = [
        "hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256",
        "hmac-sha2-512",
    ]

    /// The options to set for a host's old algorithms.
    static func wanted(
        _ legacy: SSHSettings.LegacyAlgorithms
    ) -> [(option: ssh_options_e, list: List)] {
        rows(legacy).filter { !$0.extra.isEmpty }.flatMap { row in
            let list = List(
                kind: row.kind, text: (row.modern + row.extra).joined(separator: ","))
            return row.options.map { ($0, list) }
        }
    }

    /// Each old algorithm with the option that would take it alone.
    static func named(
        _ legacy: SSHSettings.LegacyAlgorithms
    ) -> [(option: ssh_options_e, name: String)] {
        rows(legacy).flatMap { row in row.extra.map { (row.options[0], $0) } }
    }

    private static func rows(
        _ legacy: SSHSettings.LegacyAlgorithms
    ) -> [(kind: String, options: [ssh_options_e], modern: [String], extra: [String])] {
        [
            (
                "host key algorithm",
                [SSH_OPTIONS_HOSTKEYS, SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES],
                hostKeys, legacy.hostKey
            ),
            ("key exchange", [SSH_OPTIONS_KEY_EXCHANGE], keyExchanges, legacy.keyExchange),
            (
                "cipher", [SSH_OPTIONS_CIPHERS_C_S, SSH_OPTIONS_CIPHERS_S_C],
                ciphers, legacy.cipher
            ),
            ("MAC", [SSH_OPTIONS_HMAC_C_S, SSH_OPTIONS_HMAC_S_C], macs, legacy.mac),
        ]
    }
}
