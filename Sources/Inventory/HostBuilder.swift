/// Reads one host from its mapping and the defaults, and checks what of it fits together.
struct HostBuilder {
    let fields: Fields
    let defaults: Fields?
    private let format = InventoryFormat.host

    init(fields: Fields, defaults: Fields?) {
        self.fields = fields
        self.defaults = defaults
    }

    func build(_ name: HostName, _ list: inout ProblemList) -> Host {
        let user = inherited("user")?.text("user", of: format)
        if !has("user") { missing("user", &list) }
        if !has("arch") { missing("arch", &list) }
        let architecture = inherited("arch")?.text("arch", of: format)
            .flatMap(Host.Architecture.init)
        let password = inherited("password")?.secret("password", of: format)
        return Host(
            name: name,
            address: list.required(fields.text("address", of: format), or: ""),
            port: inherited("port")?.number("port", of: format) ?? 22,
            user: list.required(user, or: ""),
            via: fields.text("via", of: format).flatMap(HostName.init),
            identity: inherited("identity")?.text("identity", of: format),
            password: password,
            privilege: privilege(user: user, &list),
            hostKeyPins: pins(&list),
            legacyAlgorithms: legacyAlgorithms(&list),
            architecture: list.required(architecture, or: .amd64),
            initSystem: inherited("init")?.text("init", of: format)
                .flatMap(Host.InitSystem.init) ?? .systemd,
            tags: tags(&list),
            health: health(&list))
    }

    /// The mapping that decides a key: the host's own, else the defaults.
    private func inherited(_ key: String) -> Fields? { fields.has(key) ? fields : defaults }

    private func has(_ key: String) -> Bool { inherited(key)?.has(key) ?? false }

    private func missing(_ key: String, _ list: inout ProblemList) {
        guard fields.node.entries != nil else { return }
        list.add(
            fields.node, fields.path, "the key '\(key)' is missing",
            "give it here or under 'defaults'")
    }

    // MARK: Becoming root

    private func privilege(user: String?, _ list: inout ProblemList) -> Host.Privilege {
        if user == "root" {
            // What the defaults say of sudo is meant for hosts whose user needs it.
            for key in ["sudo", "sudo_password"] where fields.has(key) {
                if fields.text(key, of: format) == SudoPolicy.root.rawValue { continue }
                list.add(
                    fields[key], "\(fields.path).\(key)", "the user is root and needs no sudo",
                    "remove the key")
            }
            return .isRoot
        }
        let source = inherited("sudo")
        let policy = source?.text("sudo", of: format).flatMap(SudoPolicy.init)
        checkSudoPassword(policy, &list)
        switch policy {
        case .root:
            list.add(
                source?["sudo"], fields.path + ".sudo",
                "sudo is 'root', but the user is \(user.map { "'\($0)'" } ?? "another")",
                "write user: root, or how the user becomes root: passwordless or password")
            return .isRoot
        case .password?: return .sudo(sudoPassword(&list))
        case .never?: return .unprivileged
        case .passwordless?, nil: return .passwordlessSudo
        }
    }

    /// A password for a sudo that is not said to ask for one.
    private func checkSudoPassword(_ policy: SudoPolicy?, _ list: inout ProblemList) {
        let isMisplaced =
            fields.has("sudo_password")
            ? policy != .password && (policy != nil || !has("sudo"))
            : has("sudo_password") && !has("sudo")
        guard isMisplaced else { return }
        list.add(
            inherited("sudo_password")?["sudo_password"], fields.path + ".sudo_password",
            "there is a password for sudo, but sudo is not said to ask for one",
            "write sudo: password")
    }

    private func sudoPassword(_ list: inout ProblemList) -> SecretReference? {
        if !has("sudo_password"), !has("password") {
            list.add(
                fields["sudo"] ?? fields.node, fields.path + ".sudo",
                "sudo asks for a password, and none is given",
                "give 'password' or 'sudo_password' by reference (env:, file:, command:)")
        }
        return inherited("sudo_password")?.secret("sudo_password", of: format)
    }

    // MARK: Lists

    private func pins(_ list: inout ProblemList) -> [String] {
        let pins = fields.texts("host_key", of: format)
        reportRepeats(pins, "fingerprint", at: "host_key", &list)
        return pins.map(\.text)
    }

    private func tags(_ list: inout ProblemList) -> [String] {
        let tags = inherited("tags")?.texts("tags", of: format) ?? []
        if fields.has("tags") { reportRepeats(tags, "tag", at: "tags", &list) }
        return tags.map(\.text)
    }

    // MARK: Health

    /// The defaults' limits, and over them the host's own.
    private func health(_ list: inout ProblemList) -> HealthLimits {
        var limits = HealthLimits()
        for source in [defaults, fields].compactMap({ $0?.fields("health") }) {
            for measure in HealthLimits.Measure.allCases {
                guard let values = source.fields(measure.rawValue) else { continue }
                let format = InventoryFormat.limit(measure)
                var pair = limits.pairs[measure] ?? HealthLimits.Pair()
                pair.warning = values.number("warning", of: format) ?? pair.warning
                pair.critical = values.number("critical", of: format) ?? pair.critical
                limits.pairs[measure] = pair
                check(pair, measure, values, &list)
            }
        }
        return limits
    }

    private func check(
        _ pair: HealthLimits.Pair, _ measure: HealthLimits.Measure, _ values: Fields,
        _ list: inout ProblemList
    ) {
        guard let warning = pair.warning, let critical = pair.critical,
            measure.isBadWhenLow ? warning < critical : warning > critical
        else { return }
        list.add(
            values.node, values.path, "it would be critical before it is a warning",
            "give 'warning' the \(measure.isBadWhenLow ? "greater" : "smaller") number")
    }

    private func reportRepeats(
        _ values: [(text: String, node: Node)], _ noun: String, at key: String,
        _ list: inout ProblemList
    ) {
        var seen: Set<String> = []
        for (text, node) in values where !seen.insert(text).inserted {
            list.add(node, "\(fields.path).\(key)", "the \(noun) '\(text)' is given twice")
        }
    }

    private func legacyAlgorithms(_ list: inout ProblemList) -> LegacyAlgorithms {
        guard let legacy = inherited("legacy")?.fields("legacy") else { return LegacyAlgorithms() }
        let format = InventoryFormat.legacy
        return LegacyAlgorithms(
            hostKey: legacy.texts("host_key", of: format).map(\.text),
            keyExchange: legacy.texts("key_exchange", of: format).map(\.text),
            cipher: legacy.texts("cipher", of: format).map(\.text),
            mac: legacy.texts("mac", of: format).map(\.text))
    }
}
