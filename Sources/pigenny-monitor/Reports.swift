import ChargePolicy
import GeneratorWire
import InverterRegisters
import MonitorFiles
import MonitorLog
import Platform
import SystemdNotify

/// What there is to tell at one moment.
struct Facts {
    var policy: ChargePolicy
    var snapshot: InverterSnapshot
    var status: GeneratorStatus?

    /// For the journal; what is not known has no field.
    var fields: [Journal.Field] {
        var fields = [
            Journal.Field("PIGENNY_STATE", Reports.name(policy.state)),
            Journal.Field("PIGENNY_DECISION", policy.decision.word),
        ]
        if let soc = snapshot.stateOfChargePercent {
            fields.append(Journal.Field("PIGENNY_SOC", "\(soc)"))
        }
        if let millivolts = snapshot.batteryMillivolts {
            fields.append(Journal.Field("PIGENNY_BATTERY_MV", "\(millivolts)"))
        }
        if let reason = policy.runReason {
            fields.append(Journal.Field("PIGENNY_RUN_REASON", reason.code))
        }
        return fields
    }
}

/// What is told besides the log: the CSV, the status file, the board's health, systemd's STATUS.
struct Reports {
    private static var earliestYear: Int { 2024 }

    private let options: Options
    private var csv: CSVFile?
    private var statusFile: StatusFile?
    private var nextRow: Duration = .zero
    private var nextHealth: Duration = .zero
    private var told = ""

    init(_ options: Options) {
        self.options = options
        csv = options.logFolder.map { CSVFile(folder: $0) }
        statusFile = options.statusPath.map { StatusFile(path: $0) }
    }

    /// In the operators' words.
    static func name(_ state: ChargePolicy.State) -> String {
        switch state {
        case .idle: "IDLE"
        case .starting: "STARTING"
        case .running: "RUNNING"
        case .stopping: "STOPPING"
        case .errorRecovery: "ERROR_RECOVERY"
        case .error: "ERROR"
        }
    }

    /// The wall clock's minute of the day; nil where the clock was not set since the boot of a
    /// board without one.
    static func minuteOfDay() -> Int? {
        let time = SystemClock.local()
        return time.year >= earliestYear ? time.minuteOfDay : nil
    }

    /// After each round of readings; what the CSV's writer has to say.
    mutating func round(_ facts: Facts, at now: Duration) -> [CSVFile.Note] {
        guard csv != nil, now >= nextRow else { return [] }
        nextRow = now + options.logInterval
        let time = SystemClock.local()
        let row = row(facts, at: time)
        return csv?.append(row, on: time) ?? []
    }

    private func row(_ facts: Facts, at time: LocalTime) -> MonitorRow {
        let snapshot = facts.snapshot
        var row = MonitorRow()
        row.timestamp = time.timestampText
        row.unixSeconds = time.unixSeconds
        row.stateOfChargePercent = snapshot.stateOfChargePercent
        row.stateOfHealthPercent = snapshot.stateOfHealthPercent
        row.batteryMillivolts = snapshot.batteryMillivolts
        row.string1Millivolts = snapshot.strings.first.millivolts
        row.string2Millivolts = snapshot.strings.second.millivolts
        row.string1Watts = snapshot.strings.first.watts
        row.string2Watts = snapshot.strings.second.watts
        row.loadWatts = snapshot.loadWatts
        row.chargeWatts = snapshot.chargeWatts
        row.dischargeWatts = snapshot.dischargeWatts
        row.generatorState = Self.name(facts.policy.state)
        row.generatorRuns = runs(facts.status)
        return row
    }

    private func runs(_ status: GeneratorStatus?) -> Bool? {
        switch status?.engine {
        case .running: true
        case .standing, .cranking: false
        case .unknown, nil: nil
        }
    }

    /// The line that the operators search the journal for.
    mutating func health(_ status: GeneratorStatus, at now: Duration) -> String? {
        guard now >= nextHealth else { return nil }
        nextHealth = now + options.healthInterval
        return "Olimex health: threads=" + (status.clients.known.map { "\($0)" } ?? "unknown")
            + " uptime=" + (status.uptime.known ?? "unknown")
            + " memory=" + (status.memory.known ?? "unknown")
            + " disk=" + (status.disk.known ?? "unknown")
    }

    /// After each turn; only what has changed is told.
    mutating func update(_ facts: Facts, at now: Duration) {
        let policy = facts.policy
        let line = Self.name(policy.state) + ": " + policy.decision.text + alarms(policy)
        if line != told {
            told = line
            SystemdNotify.status(line)
        }
        statusFile?.write(facts, poll: options.poll, at: now)
    }

    private func alarms(_ policy: ChargePolicy) -> String {
        policy.alarms.isEmpty
            ? "" : "; ALARM " + policy.alarms.map { $0.word }.joined(separator: " ")
    }
}
