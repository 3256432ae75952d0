import Inventory
import InventoryFile
import Logging
import RemoteOps
import SSHTransport

/// The sessions of one run: each host is connected once, when it is first asked for; the session
/// to a jump host carries the tunnels to everything behind it, also while it is still being made.
actor Connections {
    private struct Entry {
        var task: Task<Result<SSHHost, RemoteError>, Never>
        var waiting = 0
    }

    private let fleet: Fleet
    private let connectTimeout: Duration
    private let secrets: SecretResolver
    private let hosts: [HostName: Host]
    /// The hosts that others are reached through.
    private let jumps: Set<HostName>
    private var entries: [HostName: Entry] = [:]

    /// Connections to the hosts of a fleet; none is made yet.
    init(
        _ fleet: Fleet, connectTimeout: Duration = .seconds(15),
        secrets: SecretResolver = SecretResolver()
    ) {
        self.fleet = fleet
        self.connectTimeout = connectTimeout
        self.secrets = secrets
        hosts = Dictionary(
            fleet.hosts.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        jumps = Set(fleet.hosts.compactMap(\.via))
    }

    /// Connections as the command line asks for them; `-vv` shows libssh's own log.
    init(_ fleet: Fleet, _ common: CommonOptions, _ options: ConnectionOptions) {
        self.init(fleet, common.base, options)
    }

    /// The same for verbs with results of their own kind.
    init(_ fleet: Fleet, _ base: BaseOptions, _ options: ConnectionOptions) {
        self.init(fleet, connectTimeout: .seconds(options.timeout))
        guard base.verbose > 1 else { return }
        var logger = Logger(label: "libssh") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .trace
        SSHLibrary.setLogger(logger)
    }

    /// The session to a host. A failure is kept: whoever asks again hears it again, until
    /// `drop`.
    func host(_ name: HostName) async throws(RemoteError) -> any RemoteHost {
        try await session(name)
    }

    /// The same, for what only SSH can do.
    func session(_ name: HostName) async throws(RemoteError) -> SSHHost {
        let task = enter(name)
        let result = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            Task { await self.abandon(name) }
        }
        entries[name]?.waiting -= 1
        return try result.get()
    }

    /// Runs a command over sessions of its own, on the whole way through jump hosts: it proves that
    /// a new connection can be made.
    nonisolated func runApart(
        _ name: HostName, _ command: RemoteCommand, input: ByteSource, options: RunOptions
    ) async throws(RemoteError) -> CommandResult {
        let own = Connections(fleet, connectTimeout: connectTimeout, secrets: secrets)
        let result: Result<CommandResult, RemoteError>
        do throws(RemoteError) {
            result = .success(
                try await own.host(name).run(command, input: input, options: options))
        } catch {
            result = .failure(error)
        }
        await own.close()
        return try result.get()
    }

    /// Ends the session to a host, so that the next `host` makes a new one.
    func drop(_ name: HostName) async {
        guard let entry = entries.removeValue(forKey: name) else { return }
        entry.task.cancel()
        if case .success(let host) = await entry.task.value { await host.close() }
    }

    /// Ends the session to a host that is done with, unless others are reached through it.
    func finish(_ name: HostName) async {
        guard !jumps.contains(name) else { return }
        await drop(name)
    }

    /// Ends every session: what is behind a jump host first, then the jump hosts.
    func close() async {
        let ordered = entries.keys.map { (name: $0, depth: depth($0)) }
            .sorted { $0.depth > $1.depth }
        for entry in ordered { await drop(entry.name) }
    }

    /// Runs `body` and then ends every session, also where it fails.
    nonisolated func closing<Value>(_ body: () async throws -> Value) async throws -> Value {
        let result: Result<Value, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        await close()
        return try result.get()
    }

    /// How a host is reached, from the inventory.
    func settings(_ name: HostName) throws(RemoteError) -> SSHSettings {
        guard let host = hosts[name] else {
            throw RemoteError(.badSetting, host: name.text, detail: "it is not in the inventory")
        }
        var settings = SSHSettings(host, knownHosts: fleet.knownHosts, secrets: secrets)
        settings.connectTimeout = connectTimeout
        return settings
    }

    // MARK: Making them

    private func enter(_ name: HostName) -> Task<Result<SSHHost, RemoteError>, Never> {
        if var entry = entries[name] {
            entry.waiting += 1
            entries[name] = entry
            return entry.task
        }
        let task = Task { () -> Result<SSHHost, RemoteError> in
            do throws(RemoteError) {
                return .success(try await self.connect(name))
            } catch {
                return .failure(error)
            }
        }
        entries[name] = Entry(task: task, waiting: 1)
        return task
    }

    /// One of those who wait was cancelled; the connection is given up with the last of them.
    private func abandon(_ name: HostName) {
        guard let entry = entries[name], entry.waiting <= 1 else { return }
        entry.task.cancel()
    }

    private func connect(_ name: HostName) async throws(RemoteError) -> SSHHost {
        let settings = try settings(name)
        guard let via = hosts[name]?.via else { return try await SSHHost.connect(settings) }
        do throws(RemoteError) {
            return try await SSHHost.connect(settings, via: try await session(via))
        } catch {
            guard error.host == via.text else { throw error }
            // What fails is the jump host; the host behind it was never asked.
            var error = error
            error.detail =
                "it is the way to \(name)" + (error.detail.isEmpty ? "" : "; ")
                + error.detail
            throw error
        }
    }

    private func depth(_ name: HostName) -> Int {
        var depth = 0
        var next = hosts[name]?.via
        while let via = next, depth < hosts.count {
            depth += 1
            next = hosts[via]?.via
        }
        return depth
    }
}

extension SSHSettings {
    /// The settings of a host of the inventory; secrets are fetched when they are needed.
    init(_ host: Host, knownHosts: String?, secrets: SecretResolver) {
        self.init(
            name: host.name.text, address: host.address, port: host.port, user: host.user)
        identities = host.identity.map { [$0] } ?? []
        password = host.password.map { Self.source($0, secrets) }
        hostKeyPins = host.hostKeyPins
        self.knownHosts = knownHosts
        legacyAlgorithms.hostKey = host.legacyAlgorithms.hostKey
        legacyAlgorithms.keyExchange = host.legacyAlgorithms.keyExchange
        legacyAlgorithms.cipher = host.legacyAlgorithms.cipher
        legacyAlgorithms.mac = host.legacyAlgorithms.mac
        switch host.privilege {
        case .isRoot: privilege = .isRoot
        case .passwordlessSudo: privilege = .passwordlessSudo
        case .unprivileged: privilege = .unprivileged
        case .sudo(let reference):
            if let reference = reference ?? host.password {
                privilege = .sudo(Self.source(reference, secrets))
            } else {
                privilege = .passwordlessSudo
            }
        }
    }

    private static func source(
        _ reference: SecretReference, _ secrets: SecretResolver
    ) -> SecretSource {
        { try await secrets.resolve(reference).reveal() }
    }
}
