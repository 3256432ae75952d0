import Inventory
import UnitFile

extension LintRule {
    /// Two services on one port.
    static let sharedPort = LintRule(
        "shared-port", .error,
        explanation: "Only one of them gets the port at boot; the other fails and is restarted, and"
            + " neither is reliable.",
        source: "the fight of two services over port 6053",
        fix: "disable one of the units, or give them ports of their own"
    ) { context in
        clashes(context.runnable.filter { $0.name.kind == .service }, context) { $0 }
    }

    /// A socket unit on a port of another unit.
    static let socketPortClash = LintRule(
        "socket-port-clash", .error,
        explanation:
            "systemd holds the port for the socket's service; whoever else wants it fails.",
        source: "systemd.socket(5), ListenStream=",
        fix: "disable one of the units, or give them ports of their own"
    ) { context in
        clashes(context.runnable, context) { claims in
            // Services among themselves are the other rule's.
            claims.contains { $0.unit.name.kind == .socket } ? claims : []
        }
    }

    private static func clashes(
        _ units: [LintUnit], _ context: LintContext,
        _ narrowed: ([PortUse]) -> [PortUse]
    ) -> [LintHit] {
        let uses = units.flatMap(PortUse.all)
        let byPort = Dictionary(grouping: uses) { $0.port }
        return byPort.values.flatMap { uses -> [LintHit] in
            let claims = narrowed(uses)
            guard let first = claims.first else { return [] }
            return claims.dropFirst().compactMap { claim in
                guard claim.unit.name != first.unit.name, !isPair(claim.unit, first.unit) else {
                    return nil
                }
                let port = "\(claim.port.transport.rawValue) port \(claim.port.number)"
                return claim.hit("\(first.unit.name.text) is on \(port) too")
            }
        }
    }

    /// A socket and the service that it is for.
    private static func isPair(_ left: LintUnit, _ right: LintUnit) -> Bool {
        [(left, right), (right, left)].contains { socket, service in
            socket.name.kind == .socket && socket.startedUnit == service.name.text
        }
    }
}

/// A port that a unit listens on, and how that is known.
struct PortUse {
    var unit: LintUnit
    var port: PortClaim
    var setting: EffectiveUnit.Setting?

    func hit(_ message: String) -> LintHit {
        setting.map { unit.hit($0, message) }
            ?? unit.hit(lacking: unit.name.kind == .socket ? "Socket" : "Service", message)
    }

    /// A unit's ports: declared, or else as its socket, command line or environment says.
    static func all(_ unit: LintUnit) -> [PortUse] {
        switch unit.name.kind {
        case .socket: listened(unit)
        case .service: served(unit)
        default: []
        }
    }

    private static func listened(_ unit: LintUnit) -> [PortUse] {
        [("ListenStream", PortClaim.Transport.tcp), ("ListenDatagram", .udp)].flatMap { key, kind in
            unit.unit.settings(of: key, in: "Socket").compactMap { setting in
                number(setting.value).map {
                    PortUse(unit: unit, port: PortClaim($0, kind), setting: setting)
                }
            }
        }
    }

    private static func served(_ unit: LintUnit) -> [PortUse] {
        var uses: [PortUse] = []
        for (command, setting) in unit.unit.commands("ExecStart") {
            for number in numbers(in: Array(command.argv.dropFirst())) {
                uses.append(PortUse(unit: unit, port: PortClaim(number), setting: setting))
            }
        }
        for variable in unit.unit.environment where isListening(variable.name.lowercased()) {
            if let number = number(variable.value) {
                uses.append(PortUse(unit: unit, port: PortClaim(number), setting: variable.setting))
            }
        }
        // What is declared counts; the rest only says where it stands.
        guard let declared = unit.declared?.ports, !declared.isEmpty else { return uses }
        return declared.map { port in
            let setting = uses.first { $0.port.number == port.number }?.setting
            return PortUse(unit: unit, port: port, setting: setting)
        }
    }

    private static let names: Set<String> = [
        "port", "listen", "listen_port", "listen_address", "listen_addr", "bind", "bind_port",
        "bind_address", "http_port", "api_port", "server_port", "tcp_port",
    ]

    private static func isListening(_ name: String) -> Bool {
        names.contains(String(name.map { $0 == "-" ? "_" : $0 }))
    }

    /// The ports of `--port 80`, `--listen=0.0.0.0:80` and their like.
    private static func numbers(in arguments: [String]) -> [Int] {
        arguments.indices.compactMap { index in
            let argument = arguments[index]
            guard argument.hasPrefix("--") else { return nil }
            let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1).map(String.init)
            guard let name = parts.first, isListening(name.lowercased()) else { return nil }
            if parts.count > 1 { return number(parts[1]) }
            return index + 1 < arguments.count ? number(arguments[index + 1]) : nil
        }
    }

    /// The port of `80`, `host:80` or `[::]:80`.
    static func number(_ text: String) -> Int? {
        let digits = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            .last.map { String(Substring($0)) }
        guard let number = digits.flatMap({ Int($0) }), (1...65535).contains(number),
            !text.hasPrefix("/")
        else { return nil }
        return number
    }
}
