import ChargePolicy
import GeneratorWire
import InverterRegisters
import Platform

/// How things are, as lines of `key=value` on tmpfs, for fleetctl and for scripts.
struct StatusFile {
    /// It is written anew so often even where nothing changes, so that its age says something.
    private static var heartbeat: Duration { .seconds(10) }

    private let path: String
    private var last: [String] = []
    private var writtenAt: Duration?

    init(path: String) { self.path = path }

    mutating func write(_ facts: Facts, poll: Duration, at now: Duration) {
        let lines = Self.lines(facts, poll, at: now)
        guard lines != last || writtenAt.map({ now - $0 >= Self.heartbeat }) ?? true else { return }
        last = lines
        writtenAt = now
        let all = lines + ["updated=\(SystemClock.local().unixSeconds)", "complete=yes", ""]
        // Nothing depends on it: whoever misses it sees its age.
        do throws(PosixError) {
            try TextFile.replace(path, with: Array(all.joined(separator: "\n").utf8), .passing)
        } catch { return }
    }

    private static func lines(
        _ facts: Facts, _ poll: Duration, at now: Duration
    ) -> [String] {
        let policy = facts.policy
        var lines = [
            "version=" + Product.version,
            "state=" + Reports.name(policy.state),
            "decision=" + policy.decision.word,
            "decision_text=" + policy.decision.text,
            "failures=\(policy.failures)",
            "alarms=" + policy.alarms.map { $0.word }.joined(separator: " "),
            "manual=" + (policy.manualWish ? "on" : "off"),
            "charging=" + policy.chargingVerdict.text,
            "battery=" + policy.trust(at: now).word,
            "poll_seconds=\(poll.components.seconds)",
            "report=" + ReportLine.text(facts.snapshot, facts.status),
        ]
        lines += inverter(facts.snapshot)
        if let reason = policy.runReason { lines.append("run_reason=" + reason.code) }
        if let run = policy.runTime(at: now) {
            lines.append("run_minutes=\(run.components.seconds / 60)")
        }
        return lines
    }

    /// The words that tell of trouble, decimal; what they mean is looked up where they are read.
    private static func inverter(_ snapshot: InverterSnapshot) -> [String] {
        let battery = snapshot.battery
        let words: [(key: String, value: UInt32?)] = [
            ("inverter_faults", snapshot.faults?.rawValue),
            ("inverter_warnings", snapshot.warnings?.rawValue),
            ("battery_faults", battery.managementFaults.map { UInt32($0) }),
            ("battery_warnings", battery.managementWarnings.map { UInt32($0) }),
        ]
        return words.map { word in word.key + "=" + (word.value.map { "\($0)" } ?? "unknown") }
    }
}
