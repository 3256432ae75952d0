/// The inventory's format as tables: every key with its form, its limits and what it means.
/// Validation, the JSON Schema and the spelling suggestions all read these.
enum InventoryFormat {
    /// The format's version, the only one so far.
    static let version = 1
    /// Longest time that a check or a stop may take, in seconds.
    static let durationLimit = 3600
    /// Limits of a host's health, whatever their unit.
    static let healthLimitRange = 0...100_000
    /// The most older releases that a host may be told to keep.
    static let keptReleasesLimit = 100
    /// Old algorithms that a host may be offered beyond the modern ones: what libssh 0.10 can
    /// still do but does not propose by itself.
    static let legacyHostKeys = ["ssh-rsa"]
    static let legacyKeyExchanges = [
        "diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1",
        "diffie-hellman-group-exchange-sha1",
    ]
    static let legacyCiphers = ["aes256-cbc", "aes192-cbc", "aes128-cbc", "3des-cbc"]
    static let legacyMACs = ["hmac-sha1", "hmac-sha1-etm@openssh.com"]

    static let root = ObjectShape(
        noun: "inventory",
        keys: [
            KeyShape(
                "version", .integer(version...version), .required,
                "Version of this format: \(version)."),
            KeyShape("fleet", .text(.title), .required, "The fleet's name, for titles."),
            KeyShape(
                "known_hosts", .text(.path),
                "The known_hosts file; ~/.ssh/known_hosts where it is not given. Relative to the"
                    + " inventory's folder."),
            KeyShape(
                "defaults", .object(defaults),
                "Values for hosts that do not give their own."),
            KeyShape(
                "hosts", .named(.label, .object(host), noun: "host", atLeast: 1), .required,
                "The machines, by name."),
            KeyShape(
                "services", .named(.label, .object(service), noun: "service", atLeast: 0),
                "What runs on them, by name."),
        ])

    static let host = ObjectShape(
        noun: "host",
        keys: [
            KeyShape(
                "address", .text(.address), .required,
                "Host name or IP address, as seen from here or from `via`."),
            KeyShape("port", .integer(1...65535), "SSH port; 22 where it is not given."),
            KeyShape(
                "user", .text(.account), "The user to log in as; required, here or as a default."),
            KeyShape("via", .text(.label), "The host through whose session this one is reached."),
            KeyShape(
                "identity", .text(.path),
                "Private key file; `~` and paths relative to the inventory's folder are allowed."),
            KeyShape(
                "password", .secret,
                "The login password by reference: `env:NAME`, `file:PATH` (mode 0600) or"
                    + " `command:COMMAND`. Never the password itself."),
            KeyShape(
                "sudo", .choice(SudoPolicy.allCases.map(\.rawValue)),
                "How to become root: `root` (the user is root), `passwordless` (default),"
                    + " `password` (sudo asks for one), `none` (not at all)."),
            KeyShape(
                "sudo_password", .secret,
                "sudo's password by reference, where it is not the login password."),
            KeyShape(
                "host_key", .oneOrMany(.pin),
                "Fingerprints of the host's keys, `SHA256:…`; known_hosts decides where none is"
                    + " given."),
            KeyShape(
                "legacy", .object(legacy),
                "Old SSH algorithms that this host needs, and no other host is offered."),
            KeyShape(
                "arch", .choice(Host.Architecture.allCases.map(\.rawValue)),
                "The processor; required, here or as a default."),
            KeyShape(
                "init", .choice(Host.InitSystem.allCases.map(\.rawValue)),
                "What starts services at boot; `systemd` where it is not given."),
            KeyShape("tags", .list(.text(.tag), atLeast: 0), "Labels to select hosts by."),
            KeyShape(
                "health", .object(healthLimits),
                "Limits of the host's health that differ from those of its kind."),
        ])

    static let healthLimits = ObjectShape(
        noun: "limit of health",
        keys: HealthLimits.Measure.allCases.map {
            KeyShape($0.rawValue, .object(limit($0)), $0.description)
        })

    /// The two limits of a measure.
    static func limit(_ measure: HealthLimits.Measure) -> ObjectShape {
        let range = Shape.integer(healthLimitRange)
        return ObjectShape(
            noun: "limit",
            keys: [
                KeyShape("warning", range, "From here on it is a warning."),
                KeyShape("critical", range, "From here on it is critical."),
            ])
    }

    /// Host keys that make sense for every host alike.
    static let defaults = ObjectShape(
        noun: "default for hosts",
        keys: host.keys.filter { !["address", "via", "host_key"].contains($0.name) })

    static let legacy = ObjectShape(
        noun: "kind of algorithm",
        keys: [
            KeyShape("host_key", .list(.choice(legacyHostKeys), atLeast: 1), "Host key types."),
            KeyShape(
                "key_exchange", .list(.choice(legacyKeyExchanges), atLeast: 1), "Key exchanges."),
            KeyShape("cipher", .list(.choice(legacyCiphers), atLeast: 1), "Ciphers."),
            KeyShape(
                "mac", .list(.choice(legacyMACs), atLeast: 1), "Message authentication codes."),
        ])

    static let service = ObjectShape(
        noun: "service",
        keys: [
            KeyShape(
                "host", .oneOrMany(.text(.label)), .required, "The host, or several."),
            KeyShape(
                "product", .text(.label),
                "A program of this package, built for the host's processor. Either this or"
                    + " `artifact`."),
            KeyShape(
                "artifact", .text(.path),
                "A file or folder taken as it is, relative to the inventory's folder."),
            KeyShape(
                "executable", .text(.innerPath),
                "The file of the release that is started: the product's name where it is not"
                    + " given; required for an artifact."),
            KeyShape(
                "args", .list(.text(.word), atLeast: 0),
                "Arguments; `@release@` and other variables are filled in. No secrets."),
            KeyShape(
                "environment", .named(.identifier, .text(.word), noun: "variable", atLeast: 0),
                "Environment of the process. No secrets."),
            KeyShape(
                "config", .list(.object(config), atLeast: 0),
                "Configuration files that travel in the release, under `config/`."),
            KeyShape(
                "unit", .text(.unitName),
                "The unit's source under `Units/`; `<service>.service` where it is not given."
                    + " systemd hosts only."),
            KeyShape("user", .text(.account), "The user it runs as; root where it is not given."),
            KeyShape("group", .text(.account), "The group; the user's own where it is not given."),
            KeyShape(
                "ports", .list(.port, atLeast: 0),
                "Ports it listens on: `9999` (TCP) or `9999/udp`."),
            KeyShape(
                "match", .text(.line),
                "Name of its executable or script, by which port-guard knows an orphan that it may stop."
            ),
            KeyShape(
                "replaces", .list(.text(.unitName), atLeast: 0),
                "Older units whose place it takes. systemd hosts only."),
            KeyShape(
                "gate", .choice(Service.Gate.allCases.map(\.rawValue)),
                "What must hold before it may be restarted: `generator-idle`."),
            KeyShape(
                "starters", .list(.text(.label), atLeast: 1),
                "Services that may start the generator: stopped during a restart of a server that"
                    + " cannot be held, and started again. systemd hosts only."),
            KeyShape(
                "health", .list(.variant(health, noun: "health check"), atLeast: 0),
                "How to see that it works."),
            KeyShape(
                "metrics", .text(.absolutePath),
                "A file in Prometheus' text format that it writes: its numbers are part of its"
                    + " host's health."),
            KeyShape(
                "stop_timeout", .duration(1...durationLimit),
                "Time to end after SIGTERM before SIGKILL; 10s where it is not given."),
            KeyShape(
                "after_exit", .list(.text(.word), atLeast: 1),
                "Arguments with which the executable is run once after the process has ended,"
                    + " however it ended."),
            KeyShape(
                "keep_releases", .integer(0...keptReleasesLimit),
                "How many older releases stay on the host beside the current one and the one before;"
                    + " 3 where it is not given."),
        ])

    static let config = ObjectShape(
        noun: "configuration file",
        keys: [
            KeyShape(
                "source", .text(.path), .required,
                "The file here, relative to the inventory's folder."),
            KeyShape(
                "name", .text(.fileName),
                "Its name under `config/`; the source's own where it is not given."),
            KeyShape(
                "mode", .mode, "Permissions in quotes, \"0644\" where they are not given."),
        ])

    static let health = [
        ObjectShape(
            noun: "health check",
            keys: [
                KeyShape(
                    "steady", .duration(0...durationLimit), .required,
                    "Stays up, unrestarted, for this long; 0s asks only that it runs.")
            ]),
        ObjectShape(
            noun: "health check",
            keys: [
                KeyShape(
                    "tcp", .integer(1...65535), .required,
                    "Something accepts on this port, which must be one of `ports`."),
                KeyShape("send", .text(.line), "A line to send; a line feed is added."),
                KeyShape("expect", .text(.line), "What the answering line contains."),
                KeyShape(
                    "within", .duration(1...durationLimit),
                    "Time for it to come true; 10s where it is not given."),
            ]),
        ObjectShape(
            noun: "health check",
            keys: [
                KeyShape(
                    "command", .list(.text(.word), atLeast: 1), .required,
                    "A command on the host that exits 0: program and arguments."),
                within,
            ]),
        ObjectShape(
            noun: "health check",
            keys: [
                KeyShape(
                    "listens", .port, .required,
                    "Processes of the service itself, and no others, listen on this port, which"
                        + " must be one of `ports`."),
                within,
            ]),
        ObjectShape(
            noun: "health check",
            keys: [
                KeyShape(
                    "http", .integer(1...65535), .required,
                    "A web server answers on this port, which must be one of `ports`."),
                KeyShape(
                    "path", .text(.urlPath), "What is asked for; `/` where it is not given."),
                KeyShape(
                    "status", .integer(100...599),
                    "The status that it answers with; 200 where it is not given."),
                within,
            ]),
        ObjectShape(
            noun: "health check",
            keys: [
                KeyShape(
                    "file", .text(.absolutePath), .required,
                    "A file on the host that has been written since the deploy began."),
                KeyShape(
                    "younger", .duration(1...durationLimit), .required,
                    "How long ago it was written at most."),
                within,
            ]),
    ]

    private static let within = KeyShape(
        "within", .duration(1...durationLimit),
        "Time for it to come true; 10s where it is not given.")
}

/// The words of the key `sudo`.
enum SudoPolicy: String, Sendable, CaseIterable {
    case root, passwordless, password
    case never = "none"
}
