import Inventory

/// What the inventory and the repository say of a host.
public struct AuditSubject: Sendable {
    /// The host.
    public var host: Host
    /// Every service that belongs on it.
    public var services: [Service]
    /// The unit's text as a deploy would install it, by the service's name.
    public var renderedUnits: [String: String]

    /// A host with its services.
    public init(host: Host, services: [Service], renderedUnits: [String: String] = [:]) {
        self.host = host
        self.services = services
        self.renderedUnits = renderedUnits
    }

    /// The paths whose times `audit.sh` must tell.
    public var paths: [String] {
        services.map { "/opt/fleet/\($0.name.text)/current/\($0.executable)" }
    }
}

extension Service {
    /// Its unit on a host with systemd.
    var unitName: String { "\(name.text).service" }

    /// The names by which its program is known.
    var programs: [String] {
        let named = match.flatMap { $0.utf8.contains(UInt8(ascii: " ")) ? nil : $0 }
        var names: [String] = []
        for path in [named, executable].compactMap({ $0 }) {
            let name = AuditFacts.lastPart(path)
            if !name.isEmpty, !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// Whether it writes the generator's relays: nothing here ever stops it.
    var controlsGenerator: Bool {
        source == .product("gen-server")
            || programs.contains { ["gen-server", "generator_server.py"].contains($0) }
    }

    /// Whether it is told to listen on this machine's own address alone.
    var isLocal: Bool {
        let words = arguments + environment.map(\.value)
        return words.contains { word in
            let value = word.utf8.split(separator: UInt8(ascii: "=")).last ?? word.utf8[...]
            let text = String(Substring(value))
            return ["localhost", "::1", "[::1]"].contains(text) || text.hasPrefix("127.")
                || text.hasPrefix("localhost:") || text.hasPrefix("[::1]:")
        }
    }
}
