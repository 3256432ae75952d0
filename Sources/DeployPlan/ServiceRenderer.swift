import Inventory
import RemoteOps
import UnitFile

/// Renders what starts a service on one host: its systemd unit, or the supervisor for rc.local.
public struct ServiceRenderer: Sendable {
    /// Why a source cannot be rendered.
    public struct Failure: Error, Sendable, Equatable {
        /// The file or the inventory's key that is at fault.
        public var place: String
        /// What is wrong, in words.
        public var reason: String
    }

    /// The program of a release that sees to it that the service's ports are free.
    public static let portGuard = "port-guard"

    /// Whether a release of the service carries `portGuard`.
    public static func needsPortGuard(_ service: Service) -> Bool { !service.ports.isEmpty }

    private let service: Service
    private let name: String

    /// A renderer for a service.
    public init(_ service: Service) {
        self.service = service
        name = service.name.text
    }

    /// The unit's name on the host.
    public var unitName: String { "\(name).service" }

    private var executable: String { HostLayout.current(name) + "/" + service.executable }

    /// The unit's text from its source.
    ///
    /// Adds what the inventory implies: the working folder that shows which release runs, the
    /// guard of each port, the environment, the command after each end, and the place of older
    /// units.
    public func unit(from source: String, place: String) throws(Failure) -> String {
        var values = variables
        values["command"] = try words(service.arguments).map(UnitFile.quotedExecWord)
            .joined(separator: " ")
        let filled = try fill(source, values, place: place)
        do {
            var unit = try UnitFile(parsing: filled)
            if unit.values(of: "WorkingDirectory", in: "Service").isEmpty {
                try unit.append("WorkingDirectory", HostLayout.current(name), to: "Service")
            }
            for variable in service.environment {
                try unit.append(
                    "Environment", UnitFile.quotedEnvironment(variable.name, variable.value),
                    to: "Service")
            }
            // Before commands of the source: those may need the port themselves.
            for port in ports.reversed() {
                let command = guardWords(port).map(UnitFile.quotedExecWord)
                // With every right, or it would not see every process (systemd.service(5)).
                try unit.prepend(
                    "ExecStartPre", "+" + command.joined(separator: " "), to: "Service")
            }
            if !service.afterExit.isEmpty {
                // EXIT_CODE is there where the main process has run (systemd.exec(5)).
                let before = leaveGuards.map {
                    ($0 + ["--ran"]).map(UnitFile.quotedExecWord).joined(separator: " ")
                        + " ${EXIT_CODE} -- "
                }
                let command = try words(service.afterExit).map(UnitFile.quotedExecWord)
                try unit.append(
                    "ExecStopPost", before.joined() + command.joined(separator: " "),
                    to: "Service")
            }
            try unit.replace(service.replaces)
            return unit.text
        } catch let error as UnitFileError {
            let line = error.line.map { "line \($0): " } ?? ""
            throw Failure(place: place, reason: line + error.reason)
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure(place: place, reason: "\(error)")
        }
    }

    /// The supervisor's text from its source.
    public func supervisor(from source: String, place: String) throws(Failure) -> String {
        var values = variables.mapValues(ShellWord.quoted)
        values["command"] = try shellLine(service.arguments)
        let records = "--records \"${state%/*}\""
        let guards = ports.map {
            "\(guardWords($0).map(ShellWord.quoted).joined(separator: " ")) \(records) 3>&- || return"
        }
        values["guard_ports"] = guards.isEmpty ? ":" : guards.joined(separator: "; ")
        let leave = leaveGuards.map {
            "\($0.map(ShellWord.quoted).joined(separator: " ")) \(records) --ran \"$ran\" -- "
        }
        values["after_exit"] =
            service.afterExit.isEmpty ? "" : try leave.joined() + shellLine(service.afterExit)
        values["environment"] =
            service.environment.isEmpty
            ? ":"
            : "export "
                + service.environment.map { "\($0.name)=\(ShellWord.quoted($0.value))" }
                .joined(separator: " ")
        return try fill(source, values, place: place)
    }

    /// The line in rc.local that starts the service. It never fails: rc.local may run under `-e`.
    public static func rcLocalLine(_ service: String) -> String {
        "\(HostLayout.current(service))/supervise start || true"
    }

    /// The marker of that line.
    public static func rcLocalMarker(_ service: String) -> String { "fleet:\(service)" }

    private var variables: [String: String] {
        [
            "name": name,
            "description": "\(name), deployed by fleetctl",
            "release": HostLayout.current(name),
            "executable": executable,
            "config": HostLayout.current(name) + "/config",
            "user": service.user ?? "root",
            // Empty: the user's own group (systemd.exec(5)).
            "group": service.group ?? "",
            // A port below 1024 takes a right of the host's own network, not of a user namespace.
            "capabilities": hasLowPort ? "CAP_NET_BIND_SERVICE" : "",
            "private_users": hasLowPort ? "no" : "yes",
            "stop_timeout": String(service.stopTimeout.components.seconds),
        ]
    }

    private var hasLowPort: Bool { service.ports.contains { $0.number < 1024 } }

    /// The declared ports, each once: the guard looks at every protocol of a number.
    private var ports: [Int] {
        service.ports.map(\.number).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// The guard of a port. A controller behind a gate is never stopped by a start, not even one
    /// that somebody started by hand: without a match it is only named.
    private func guardWords(_ port: Int) -> [String] {
        var words = [
            HostLayout.current(name) + "/" + Self.portGuard, "--port", String(port), "--unit",
            unitName,
        ]
        // The last part of a path is what the guard compares.
        let program = service.match?.split(separator: "/").last.map(String.init)
        if service.gate == nil, let program { words += ["--match", program] }
        return words
    }

    /// What stands before the command after exit: where a start failed because somebody else has
    /// the port of a gated service, that one is at work, and nothing is switched off under it.
    private var leaveGuards: [[String]] { service.gate == nil ? [] : ports.map(guardWords) }

    /// The executable and its arguments, their own variables filled.
    private func words(_ arguments: [String]) throws(Failure) -> [String] {
        var words = [executable]
        for argument in arguments {
            words.append(
                try fill(argument, variables, place: "the arguments of \(name) in the inventory"))
        }
        return words
    }

    private func shellLine(_ arguments: [String]) throws(Failure) -> String {
        try words(arguments).map(ShellWord.quoted).joined(separator: " ")
    }

    private func fill(
        _ text: String, _ values: [String: String], place: String
    ) throws(Failure) -> String {
        do {
            return try Template(text).filled(with: values, optional: Set(values.keys))
        } catch {
            throw Failure(
                place: place,
                reason: error.problems.map(\.description).joined(separator: "; "))
        }
    }
}
