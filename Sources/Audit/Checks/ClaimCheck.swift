import Inventory
import UnitFile
import UnitLint

/// Two or more units that want one port: declared, or seen from their commands, their environment
/// or the configuration files that these name.
enum ClaimCheck {
    static func findings(_ view: AuditView) -> [Finding] {
        let running = view.units.filter {
            $0.unit.name.kind == .service && $0.unit.state == .loaded && $0.enablement == .enabled
        }
        var claims: [PortClaim: [String]] = [:]
        for unit in running {
            for port in Set(unit.claimedPorts + configured(unit, view)) {
                claims[port, default: []].append(unit.unit.name.text)
            }
        }
        return claims.filter { $0.value.count > 1 }.map { port, names in
            let wanted = Set(view.subject.services.map(\.unitName))
            let surplus = names.first { !wanted.contains($0) } ?? names[0]
            let (fix, remedy, controller) = view.disabling(surplus)
            var found = view.finding(
                "port-claimed-twice", .ports, .error, port.text,
                "\(names.count) units that are enabled or run want \(port.text): "
                    + names.joined(separator: ", "),
                why:
                    "One of them gets the port at boot; the others fail and are restarted, and none"
                    + " is reliable.", fix: fix)
            found.evidence.port = port.text
            found.evidence.unit = surplus
            found.evidence.path = view.facts.loaded[surplus]?["FragmentPath"]
            found.remedy = remedy
            found.controller = controller
            return found
        }
    }

    /// Ports in the configuration files that a service's commands and environment name.
    private static func configured(_ unit: LintUnit, _ view: AuditView) -> [PortClaim] {
        let words =
            unit.commandWords.flatMap { $0 } + unit.unit.environment.map(\.value)
            + unit.unit.words(of: "EnvironmentFile", in: "Service")
        return view.facts.portLines.flatMap { path, lines -> [PortClaim] in
            guard
                words.contains(where: {
                    $0 == path || $0.hasSuffix("=" + path)
                        || $0 == "-" + path
                })
            else { return [] }
            return lines.compactMap(number).map { PortClaim($0) }
        }
    }

    private static let names: Set<String> = [
        "port", "listen_port", "bind_port", "http_port", "api_port", "server_port", "tcp_port",
    ]

    /// The number of `api_port = 6053` and its like; a port of somebody else, such as
    /// `broker_port`, is none that is listened on.
    static func number(_ line: String) -> Int? {
        let signs = Set("\"{}, \t".utf8)
        let halves = line.utf8.split(maxSplits: 1) {
            $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":")
        }
        guard halves.count == 2 else { return nil }
        let key = String(decoding: halves[0].filter { !signs.contains($0) }, as: UTF8.self)
        let value = String(decoding: halves[1].filter { !signs.contains($0) }, as: UTF8.self)
        guard names.contains(key.lowercased()), let number = Int(value),
            (1...65535).contains(number)
        else { return nil }
        return number
    }
}
