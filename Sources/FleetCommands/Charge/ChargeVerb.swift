import Foundation
import Inventory
import RemoteOps

/// A time as --wait takes it; nil where it is none.
func chargeWait(_ text: String) -> Duration? { DurationText.parse(text) }

/// Looks, asks, writes, and waits until the monitor has noticed.
struct ChargeVerb {
    /// How often the host is asked whether the monitor has noticed.
    private static let interval = Duration.seconds(1)

    private let action: ChargeAction
    private let options: ChargeOptions

    init(_ action: ChargeAction, _ options: ChargeOptions) {
        self.action = action
        self.options = options
    }

    func run() async throws {
        try await withMonitor(
            options.common.base, options.selection, options.connection, action: action
        ) { link, console in
            let before = try await link.ask(.status)
            try requireActive(before, link.monitor, console)
            if isSo(before) {
                return try conclude(.already, before, link.monitor, console)
            }
            console.say("\(link.monitor.label): \(plan(link.monitor))")
            try console.confirm("Do it?", yes: options.yes, verb: "control the generator")
            let after = try await link.ask(action)
            try requireActive(after, link.monitor, console)
            for note in after.notes { console.complain("\(link.monitor.label): \(note)") }
            let wait = options.wait.flatMap(chargeWait) ?? link.monitor.wait
            let ending = await Interruption.watching {
                await Self.notice(action, after, link, within: wait)
            }
            switch ending {
            case .interrupted:
                console.complain(
                    "\(link.monitor.label): the file is written; the monitor goes by it")
                throw FleetExit.interrupted.error
            case .finished(.failure(let error)): throw error
            case .finished(.success(let (outcome, facts))):
                try conclude(outcome, facts, link.monitor, console, after: wait)
            }
        }
    }

    private func requireActive(
        _ facts: MonitorFacts, _ monitor: Monitor, _ console: Console
    ) throws {
        guard !facts.isActive else { return }
        console.error(
            "\(monitor.label) is \(facts.state): nobody would act upon the file; nothing was "
                + "changed")
        throw FleetExit.failed.error
    }

    /// Whether there is nothing to do. A stop is always something to do.
    private func isSo(_ facts: MonitorFacts) -> Bool {
        switch action {
        case .on: facts.chargeFile
        case .off: !facts.chargeFile
        case .forceStop, .status: false
        }
    }

    private func plan(_ monitor: Monitor) -> String {
        switch action {
        case .on:
            "write \(monitor.folder)/pigenny_force_charge: the generator runs until `charge off`"
        case .off: "remove \(monitor.folder)/pigenny_force_charge: the run by hand ends"
        case .forceStop: "write \(monitor.folder)/pigenny_force_stop: the generator stops"
        case .status: "look"
        }
    }

    /// Whether the monitor has noticed; nil where it cannot tell.
    static func noticed(_ action: ChargeAction, _ facts: MonitorFacts) -> Bool? {
        switch action {
        case .on: facts.status == nil ? nil : facts["manual"] == "on"
        case .off: facts.status == nil ? nil : facts["manual"] == "off"
        // It removes the file when it acts.
        case .forceStop: !facts.stopFile
        case .status: true
        }
    }

    /// Asks until the monitor has noticed, the time is over, or the task is cancelled.
    private static func notice(
        _ action: ChargeAction, _ first: MonitorFacts, _ link: MonitorLink, within wait: Duration
    ) async -> Result<(ChargeReport.Outcome, MonitorFacts), any Error> {
        let end = ContinuousClock.now + wait
        var facts = first
        do {
            while true {
                switch noticed(action, facts) {
                case true?: return .success((.noticed, facts))
                case nil: return .success((.written, facts))
                case false?: break
                }
                guard .now < end, facts.isActive else { return .success((.unnoticed, facts)) }
                try await Task.sleep(for: interval)
                facts = try await link.ask(.status)
            }
        } catch {
            return .failure(error)
        }
    }

    private func conclude(
        _ outcome: ChargeReport.Outcome, _ facts: MonitorFacts, _ monitor: Monitor,
        _ console: Console, after wait: Duration = .zero
    ) throws {
        let text = words(outcome, facts, wait)
        switch options.common.output {
        case .json:
            var report = ChargeReport(monitor, facts)
            report.outcome = outcome
            report.detail = text
            try console.json(report)
        case .table:
            let line = "\(monitor.label): \(text)"
            if outcome == .unnoticed { console.error(line) } else { console.result(line) }
            for line in facts.lines(monitor).dropFirst() where outcome != .already {
                console.result(line)
            }
        }
        if outcome == .unnoticed { throw FleetExit.failed.error }
    }

    private func words(
        _ outcome: ChargeReport.Outcome, _ facts: MonitorFacts, _ wait: Duration
    ) -> String {
        let written = action == .off ? "removed" : "written"
        return switch outcome {
        case .already:
            action == .on
                ? "a run by hand is asked for already; nothing was done"
                : "no run by hand is asked for; nothing was done"
        case .noticed: "\(written); the monitor has taken notice"
        case .written: "\(written); the monitor has no status file"
        case .unnoticed:
            facts.isActive
                ? "\(written), but the monitor has not taken notice within "
                    + DurationText.format(wait)
                : "\(written), but the monitor is \(facts.state) now"
        }
    }
}

/// What the verbs found and did, as JSON.
struct ChargeReport: Encodable {
    enum Outcome: String, Encodable {
        /// It was so before.
        case already
        /// Done, and the monitor goes by it.
        case noticed
        /// Done; the monitor cannot tell whether it goes by it.
        case written
        /// Done, and the monitor has not noticed in time.
        case unnoticed
    }

    var host: String
    var service: String
    var state: String
    var folder: String
    var forceCharge: Bool
    var forceStop: Bool
    var monitor: [String: String]?
    var outcome: Outcome?
    var detail: String?

    private enum CodingKeys: String, CodingKey {
        case host, service, state, folder, monitor, outcome, detail
        case forceCharge = "force_charge"
        case forceStop = "force_stop"
    }

    init(_ monitor: Monitor, _ facts: MonitorFacts) {
        host = monitor.host.name.text
        service = monitor.service.name.text
        state = facts.state
        folder = monitor.folder
        forceCharge = facts.chargeFile
        forceStop = facts.stopFile
        self.monitor = facts.status.map {
            Dictionary($0.map { ($0.key, $0.value) }) { first, _ in first }
        }
    }
}

/// What the host's audit log keeps of a verb.
enum ChargeRecord {
    private struct Record: Encodable {
        var fleet: String
        var host: String
        var owner: String
        var client: String
        var service: String
        var charge: String
    }

    /// Members of the JSON object; one line.
    static func text(_ fleet: Fleet, _ monitor: Monitor, _ action: ChargeAction) -> String {
        let author = DeployAuthor(
            user: NSUserName(), machine: ProcessInfo.processInfo.hostName, commit: nil)
        let record = Record(
            fleet: fleet.name, host: monitor.host.name.text, owner: author.owner,
            client: Version.text, service: monitor.service.name.text, charge: action.rawValue)
        return DeployAuthor.members(of: record)
    }
}
