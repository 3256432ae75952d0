import Inventory

/// A fleet in the words of ssh_config(5).
enum SSHConfig {
    static func text(_ selection: Selection) -> String {
        let head = "# The fleet \(selection.fleet.name), by fleetctl inventory export ssh-config.\n"
        return head
            + selection.hosts.map { host in
                "\nHost \(host.name)\n"
                    + options(host, selection.fleet, jump: host.via?.text)
                    .map { "    \($0.name) \($0.value)\n" }.joined()
            }.joined()
    }

    /// What ssh is to be told of a host.
    ///
    /// - Parameter jump: the value of ProxyJump.
    static func options(
        _ host: Host, _ fleet: Fleet, jump: String?
    ) -> [(name: String, value: String)] {
        var options = [
            (name: "HostName", value: literal(host.address)), ("Port", "\(host.port)"),
            ("User", host.user),
        ]
        if let identity = host.identity { options.append(("IdentityFile", path(identity))) }
        if let jump { options.append(("ProxyJump", jump)) }
        if let known = fleet.knownHosts { options.append(("UserKnownHostsFile", path(known))) }
        // fleetctl takes no unknown key either.
        options.append(("StrictHostKeyChecking", "yes"))
        let old = host.legacyAlgorithms
        for (name, algorithms) in [
            ("HostKeyAlgorithms", old.hostKey), ("KexAlgorithms", old.keyExchange),
            ("Ciphers", old.cipher), ("MACs", old.mac),
        ] where !algorithms.isEmpty {
            options.append((name, "+" + algorithms.joined(separator: ",")))
        }
        return options
    }

    /// In quotes.
    private static func path(_ path: String) -> String {
        let escaped = path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"" + literal(escaped) + "\""
    }

    /// Without the tokens of ssh_config(5).
    private static func literal(_ text: String) -> String {
        text.replacing("%", with: "%%")
    }
}
