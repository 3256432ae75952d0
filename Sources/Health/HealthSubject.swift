import Inventory

/// A host and its services, as far as their health is asked for.
public struct HealthSubject: Sendable, Equatable {
    /// One service on the host.
    public struct Service: Sendable, Equatable {
        /// What is known of its inside.
        public enum Role: Sendable, Equatable {
            /// Nothing but that it should run.
            case plain
            /// The generator's server, which answers on this port.
            case generator(port: Int)
            /// The monitor, which writes its rows and its status there.
            case monitor(csvFolder: String, statusFile: String)
        }

        /// Its name.
        public var name: String
        /// Its unit; nil on a host without systemd.
        public var unit: String?
        /// Its ports, such as `tcp/9999`.
        public var ports: [String]
        /// What is known of its inside.
        public var role: Role
        /// A file that it writes its numbers to; nil where there is none.
        public var metricsFile: String?
        /// Files that it writes, and the age in seconds that they may have.
        public var files: [String: Double]

        /// A service of an inventory on a host.
        public init(_ service: Inventory.Service, on host: Host) {
            name = service.name.text
            unit = host.initSystem == .systemd ? service.name.text + ".service" : nil
            ports = service.ports.map { "\($0.transport.rawValue)/\($0.number)" }
            role = Self.role(of: service)
            metricsFile = service.metricsFile
            files = [:]
            for case .file(let path, let younger, _) in service.health {
                files[path] = Double(younger.components.seconds)
            }
        }

        private static func role(of service: Inventory.Service) -> Role {
            switch service.source {
            case .product("gen-server"):
                return .generator(port: service.ports.first?.number ?? 9999)
            case .product("pigenny-monitor"):
                return .monitor(
                    csvFolder: Arguments.value(of: "--log-dir", in: service.arguments)
                        ?? "/var/log/pigenny",
                    statusFile: Arguments.value(of: "--status-file", in: service.arguments)
                        ?? "/run/pigenny-monitor/status")
            case .product, .artifact:
                return service.gate == .generatorIdle
                    ? service.ports.first.map { .generator(port: $0.number) } ?? .plain : .plain
            }
        }

        /// The words that ask `readings.sh` for it.
        var words: [String] {
            let claims = ports.isEmpty ? "-" : ports.joined(separator: ",")
            var words = ["service=\(name):\(unit ?? "-"):\(claims)"]
            switch role {
            case .plain: break
            case .generator(let port): words.append("generator=\(port)")
            case .monitor(let folder, let status):
                words += ["csv=" + folder, "status=" + status]
                words.append("runs=" + (unit ?? "-"))
            }
            if let metricsFile { words.append("metrics=" + metricsFile) }
            return words + files.keys.sorted().map { "file=" + $0 }
        }
    }

    /// Its name in the inventory.
    public var host: String
    /// What sort of machine it is.
    public var kind: HostKind
    /// Limits that the inventory gives.
    public var limits: HealthLimits
    /// Its services.
    public var services: [Service]
    /// Whether it hangs behind another host.
    public var via: String?

    /// A host of an inventory with these of its services.
    public init(_ host: Host, services: [Inventory.Service]) {
        self.host = host.name.text
        kind = HostKind(host)
        limits = host.health
        self.services = services.map { Service($0, on: host) }
        via = host.via?.text
    }

    /// The arguments of `readings.sh`.
    public var words: [String] { services.flatMap(\.words) }

    /// The limit of a measure on this host.
    public func limit(_ measure: HealthLimits.Measure) -> Limit {
        kind.limit(measure).overridden(by: limits.pairs[measure])
    }
}
