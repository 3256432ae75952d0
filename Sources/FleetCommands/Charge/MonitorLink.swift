import Foundation
import Inventory
import RemoteOps

/// What is done with the monitor's files on its host.
enum ChargeAction: String, Sendable {
    case on
    case off
    case forceStop = "force-stop"
    case status
}

/// The monitor that a verb is for.
struct Monitor: Sendable, Equatable {
    /// The product that obeys the files.
    static let product = "pigenny-monitor"
    /// Where the monitor looks unless its arguments say otherwise.
    static let usualFolder = "/tmp"
    /// What the monitor says of itself while it runs.
    static let statusFile = "/run/pigenny-monitor/status"
    /// Waits where the poll interval is not in the inventory.
    static let usualWait = Duration.seconds(90)

    /// Where it runs.
    var host: Host
    /// What it is called in the inventory.
    var service: Service
    /// Where it looks for the files.
    var folder: String
    /// Two of its polls.
    var wait: Duration

    /// What there is to choose from does not hold exactly one.
    struct NotOne: Error, Equatable, CustomStringConvertible {
        var count: Int

        var description: String {
            count == 0
                ? "no chosen service has the product \(Monitor.product); name it with --service"
                : "there are \(count) monitors; choose with --service and --host"
        }
    }

    /// The monitor among what was chosen; `isNamed` where --service names it, whatever it is.
    init(_ chosen: Selection, isNamed: Bool) throws(NotOne) {
        let monitors = chosen.services.flatMap { service in
            guard isNamed || service.source == .product(Self.product) else {
                return [(Service, Host)]()
            }
            return chosen.hosts.filter { service.hosts.contains($0.name) }.map { (service, $0) }
        }
        guard monitors.count == 1, let (service, host) = monitors.first else {
            throw NotOne(count: monitors.count)
        }
        self.host = host
        self.service = service
        folder = Arguments.value(of: "--manual-folder", in: service.arguments) ?? Self.usualFolder
        let poll = Arguments.value(of: "--poll", in: service.arguments).flatMap(Double.init)
        wait =
            poll.map { min(.seconds(3600), max(.seconds(10), .seconds($0) * 2)) } ?? Self.usualWait
    }

    /// The host's and the service's name.
    var label: String { "\(host.name): \(service.name)" }
}

/// What the host says of the monitor and its files.
struct MonitorFacts: Sendable, Equatable {
    /// `active`, or what it is instead.
    var state = "unknown"
    /// `written`, `removed` or `already`; nil where nothing was to be done.
    var done: String?
    /// Whether the file that asks for a run is there.
    var chargeFile = false
    /// Whether the file that asks for a stop is there: not acted upon yet.
    var stopFile = false
    /// The status file's lines, in their order; nil where there is none.
    var status: [Line]?
    /// What else the script said.
    var notes: [String] = []

    /// One line of the status file.
    struct Line: Sendable, Equatable {
        var key: String
        var value: String
    }

    var isActive: Bool { state == "active" }

    /// A value of the status file.
    subscript(_ key: String) -> String? { status?.first { $0.key == key }?.value }

    /// What charge.sh printed.
    init(parsing output: [UInt8]) {
        for line in String(decoding: output, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let isStatus = line.hasPrefix("status ")
            let pair = (isStatus ? line.dropFirst(7) : line).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { continue }
            let (key, value) = (String(pair[0]), String(pair[1]))
            if isStatus {
                status?.append(Line(key: key.printable, value: value.printable))
                continue
            }
            switch key {
            case "state": state = value.printable
            case "done": done = value
            case "charge_file": chargeFile = value == "yes"
            case "stop_file": stopFile = value == "yes"
            case "status_file": status = value == "yes" ? [] : nil
            case "note": notes.append(value.printable)
            default: continue
            }
        }
    }

    /// The same for people.
    func lines(_ monitor: Monitor) -> [String] {
        var lines = ["\(monitor.label) is \(state)"]
        guard isActive else { return lines }
        func row(_ key: String, _ value: String) {
            lines.append("  " + key.padding(toLength: 12, withPad: " ", startingAt: 0) + value)
        }
        row(
            "run by hand", chargeFile ? "asked for by a file in \(monitor.folder)" : "not asked for"
        )
        if stopFile { row("stop", "asked for by a file in \(monitor.folder), not acted upon yet") }
        guard let status else { return lines + ["  the monitor has no status file"] }
        for line in status where !Self.forPrograms.contains(line.key) && !line.value.isEmpty {
            row(Self.labels[line.key] ?? line.key.replacing("_", with: " "), line.value)
        }
        return lines
    }

    /// What -o json shows, and people need not see.
    private static let forPrograms: Set = [
        "complete", "decision", "poll_seconds", "run_reason", "updated", "version",
    ]
    private static let labels = [
        "decision_text": "why", "run_minutes": "minutes", "report": "readings",
    ]
}

/// Runs charge.sh on the monitor's host.
struct MonitorLink: Sendable {
    let monitor: Monitor
    let connections: Connections
    let record: String

    /// The script failed; what it said.
    struct Failure: Error {
        var text: String
    }

    /// Does one thing, and tells what there is then.
    func ask(_ action: ChargeAction) async throws -> MonitorFacts {
        let remote = try await connections.host(monitor.host.name)
        let command = RemoteCommand.script(
            [
                action.rawValue, monitor.host.initSystem.rawValue, monitor.service.name.text,
                monitor.folder,
                Monitor.statusFile, record,
            ], as: monitor.host.privilege == .unprivileged ? .login : .root)
        let result = try await remote.run(
            command, input: .bytes(RemoteScripts.charge), options: RunOptions())
        switch result.status {
        case .code(0), .code(3): return MonitorFacts(parsing: result.output)
        case .code, .signal, .unknown:
            let said = String(decoding: result.errorOutput, as: UTF8.self)
            throw Failure(text: said.trimmingCharacters(in: .whitespacesAndNewlines).printable)
        }
    }
}

/// Finds the monitor, runs a verb on it, ends the sessions whatever happens.
func withMonitor(
    _ base: BaseOptions, _ selection: SelectionOptions, _ connection: ConnectionOptions,
    action: ChargeAction = .status, _ body: (MonitorLink, Console) async throws -> Void
) async throws {
    let console = Console(base)
    let chosen = try loadSelection(base, selection)
    let monitor: Monitor
    do {
        monitor = try Monitor(chosen, isNamed: !selection.service.isEmpty)
    } catch {
        console.error("\(error)")
        throw FleetExit.usage.error
    }
    let connections = Connections(chosen.fleet, base, connection)
    let record = action == .status ? "" : ChargeRecord.text(chosen.fleet, monitor, action)
    let link = MonitorLink(monitor: monitor, connections: connections, record: record)
    do {
        try await connections.closing { try await body(link, console) }
    } catch let error as RemoteError {
        console.error(error.message)
        throw (error.kind == .notPermitted ? FleetExit.notPermitted : .failed).error
    } catch let failure as MonitorLink.Failure {
        console.error("\(monitor.label): \(failure.text)")
        throw FleetExit.failed.error
    }
}
