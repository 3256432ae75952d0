import Inventory

/// What `inventory show` prints, as table and as JSON; secrets are references.
struct InventorySummary: Encodable, Equatable {
    struct HostRow: Encodable, Equatable {
        var name: String
        var address: String
        var port: Int
        var user: String
        var via: String?
        var identity: String?
        var password: String?
        var sudo: String
        var sudoPassword: String?
        var hostKeys: [String]
        var legacy: Legacy?
        var arch: String
        var initSystem: String
        var tags: [String]

        enum CodingKeys: String, CodingKey {
            case name, address, port, user, via, identity, password, sudo, legacy, arch, tags
            case sudoPassword = "sudo_password"
            case hostKeys = "host_key"
            case initSystem = "init"
        }
    }

    struct Legacy: Encodable, Equatable {
        var hostKey, keyExchange, cipher, mac: [String]

        enum CodingKeys: String, CodingKey {
            case hostKey = "host_key"
            case keyExchange = "key_exchange"
            case cipher, mac
        }
    }

    struct ServiceRow: Encodable, Equatable {
        var name: String
        var hosts: [String]
        var product: String?
        var artifact: String?
        var executable: String
        var arguments: [String]
        var environment: [String: String]
        var config: [ConfigRow]
        var unit: String?
        var user: String?
        var group: String?
        var ports: [String]
        var match: String?
        var replaces: [String]
        var gate: String?
        var health: [String]
        var stopTimeout: String
        var afterExit: [String]

        enum CodingKeys: String, CodingKey {
            case name, product, artifact, executable, environment, config, unit, user, group
            case ports, match, replaces, gate, health
            case hosts = "host"
            case arguments = "args"
            case stopTimeout = "stop_timeout"
            case afterExit = "after_exit"
        }
    }

    struct ConfigRow: Encodable, Equatable {
        var source, name, mode: String
    }

    var fleet: String
    var knownHosts: String?
    var hosts: [HostRow]
    var services: [ServiceRow]

    enum CodingKeys: String, CodingKey {
        case fleet, hosts, services
        case knownHosts = "known_hosts"
    }

    init(_ selection: Selection) {
        fleet = selection.fleet.name
        knownHosts = selection.fleet.knownHosts
        hosts = selection.hosts.map(HostRow.init)
        services = selection.services.map(ServiceRow.init)
    }
}

extension InventorySummary.HostRow {
    init(_ host: Host) {
        name = host.name.text
        address = host.address
        port = host.port
        user = host.user
        via = host.via?.text
        identity = host.identity
        password = host.password?.description
        hostKeys = host.hostKeyPins
        let old = host.legacyAlgorithms
        legacy =
            old == LegacyAlgorithms()
            ? nil
            : InventorySummary.Legacy(
                hostKey: old.hostKey, keyExchange: old.keyExchange, cipher: old.cipher, mac: old.mac
            )
        arch = host.architecture.rawValue
        initSystem = host.initSystem.rawValue
        tags = host.tags
        switch host.privilege {
        case .isRoot: sudo = "root"
        case .passwordlessSudo: sudo = "passwordless"
        case .unprivileged: sudo = "none"
        case .sudo(let secret):
            sudo = "password"
            sudoPassword = (secret ?? host.password)?.description
        }
    }
}

extension InventorySummary.ServiceRow {
    init(_ service: Service) {
        name = service.name.text
        hosts = service.hosts.map(\.text)
        switch service.source {
        case .product(let name): product = name
        case .artifact(let path): artifact = path
        }
        executable = service.executable
        arguments = service.arguments
        environment = Dictionary(
            service.environment.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }
        )
        config = service.configFiles.map { file in
            InventorySummary.ConfigRow(
                source: file.source, name: file.name,
                mode: "0" + String(file.mode, radix: 8))
        }
        unit = service.unit
        user = service.user
        group = service.group
        ports = service.ports.map(\.description)
        match = service.match
        replaces = service.replaces
        gate = service.gate?.rawValue
        health = service.health.map(Self.text)
        stopTimeout = DurationText.format(service.stopTimeout)
        afterExit = service.afterExit
    }

    /// A health check in a few words.
    private static func text(_ check: HealthCheck) -> String {
        switch check {
        case .steady(let duration): "steady \(DurationText.format(duration))"
        case .tcp(let port, _, let expect, _):
            "tcp \(port)" + (expect.map { " expects \($0)" } ?? "")
        case .command(let argv, _): "command " + argv.joined(separator: " ")
        case .listens(let claim, _): "listens \(claim)"
        case .http(let port, let path, let status, _): "http \(port) \(path) \(status)"
        case .file(let path, let younger, _): "file \(path) \(DurationText.format(younger))"
        }
    }
}
