import ArgumentParser
import Foundation
import GeneratorWire
import Reports

/// How `generator status` prints; `compact` and `kv` are the older status tool's own formats.
enum GeneratorStatusFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case human, compact, kv, json

    /// `table` is what the other verbs call the form for people.
    init?(argument: String) {
        self.init(rawValue: argument == "table" ? "human" : argument)
    }
}

/// A server's status with where it came from, ready to be printed. Unknown is never printed as
/// stopped: where the inputs could not be read, the server's `RUNNING: NO` means nothing.
struct GeneratorStatusText {
    /// The server's host as it is addressed, for the legacy formats.
    var address: String
    var port: Int
    var status: GeneratorStatus

    /// `[host:port] RUN=YES RELAY=IGN+CHARGER THR=2 UP=6h45m MEM=42%`.
    var compact: String {
        let clients = status.clients.known.map { "\($0)" } ?? "UNKNOWN"
        return "[\(address):\(port)] RUN=\(running)"
            + " RELAY=\(status.relays.known.map(WireText.relayNames) ?? "UNKNOWN")"
            + " THR=\(clients) UP=\(status.uptime.known ?? "UNKNOWN")"
            + " MEM=\(status.memory.known ?? "UNKNOWN")"
    }

    /// host and port, then the server's lines by their keys in lower case, sorted.
    var pairs: [(key: String, value: String)] {
        let sorted = values.sorted { $0.key < $1.key }
        return [("host", address), ("port", "\(port)")] + sorted.map { ($0.key, $0.value) }
    }

    /// One `key=value` a line.
    var kv: String { pairs.map { "\($0.key)=\($0.value)" }.joined(separator: "\n") }

    /// Everything by its key.
    var json: [String: String] {
        Dictionary(pairs.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// A paragraph for people: what it does, what is wrong, the rest.
    func human(host: String, service: String) -> [String] {
        var lines = ["\(host): \(service) on port \(port): \(status.stateWords)"]
        func add(_ key: String, _ value: String?) {
            guard let value else { return }
            lines.append("  " + key.padding(toLength: 10, withPad: " ", startingAt: 0) + value)
        }
        for finding in status.findings { add("ATTENTION", finding) }
        add("engine", status.engineWords)
        add("relays", status.relayWords + (status.bus == .value(.simulated) ? ", SIMULATED" : ""))
        if let since = status.stateSeconds.known {
            let left = status.stateSecondsLeft.known.flatMap { $0 }.map { ", \(spoken($0)) left" }
            add("since", spoken(since) + (left ?? ""))
        }
        if let run = status.runSeconds.known, run > 0 { add("this run", spoken(run)) }
        if let hold = status.hold.known.flatMap({ $0 }) {
            add("held", "by \(hold.owner) for \(spoken(hold.secondsLeft)): \(hold.reason)")
        }
        if let lease = status.leaseSeconds.known.flatMap({ $0 }) {
            add("lease", "\(spoken(lease)) left, then it cools down and stops")
        }
        if let error = status.lastError.known, error != "none" { add("last error", error) }
        add("served", value("service_hours").map { "\($0) h" + starts })
        add("board", board)
        add("server", server)
        return lines.map(DisplayText.printable)
    }

    private var running: String {
        guard status.engine != .unknown || status.running == .value(true) else { return "UNKNOWN" }
        return status.running.known.map { $0 ? "YES" : "NO" } ?? "UNKNOWN"
    }

    private var values: [String: String] {
        var values: [String: String] = [:]
        for entry in status.entries where values[entry.key.lowercased()] == nil {
            values[entry.key.lowercased()] = entry.value
        }
        if values["running"] != nil { values["running"] = running }
        return values
    }

    private func value(_ key: String) -> String? { values[key] }

    private var starts: String { value("starts").map { ", \($0) starts" } ?? "" }

    private var board: String {
        "up \(status.uptime.known ?? "unknown"), memory \(status.memory.known ?? "unknown"), "
            + "disk \(status.disk.known ?? "unknown")"
    }

    private var server: String {
        let clients = status.clients.known.map { ", \($0) client\($0 == 1 ? "" : "s")" } ?? ""
        if status.isLegacy { return "the older one, without hold, watch and state" + clients }
        let uptime = status.serverUptimeSeconds.known.map { ", up \(spoken($0))" } ?? ""
        return "gen-server \(status.version.known ?? "of unknown version")" + uptime + clients
    }
}
