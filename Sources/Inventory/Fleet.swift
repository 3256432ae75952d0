/// A validated inventory: every reference resolves, every value is in range.
public struct Fleet: Sendable, Equatable {
    /// The fleet's name, for titles and reports.
    public var name: String
    /// The known_hosts file to use; nil is `~/.ssh/known_hosts`.
    public var knownHosts: String?
    /// The hosts, in the order of the file.
    public var hosts: [Host]
    /// The services, in the order of the file.
    public var services: [Service]

    /// A fleet from its parts. Use `Fleet.validated` for anything read from outside.
    public init(name: String, knownHosts: String? = nil, hosts: [Host], services: [Service]) {
        self.name = name
        self.knownHosts = knownHosts
        self.hosts = hosts
        self.services = services
    }

    /// The host of that name.
    public func host(_ name: HostName) -> Host? {
        // By index: a host that is not the one is not copied for the comparison.
        hosts.indices.first { hosts[$0].name == name }.map { hosts[$0] }
    }

    /// The services of a host, in the order of the file.
    public func services(on host: HostName) -> [Service] {
        services.filter { $0.hosts.contains(host) }
    }
}
