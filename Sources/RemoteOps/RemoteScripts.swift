/// The scripts that run on hosts. They are files of this package, compiled into fleetctl.
public enum RemoteScripts {
    /// Tells what a plan must know; its text goes to `sh -s` on standard input.
    public static let probe: [UInt8] = PackageResources.probe_sh
    /// Turns an unpacked transfer into releases.
    public static let stage: [UInt8] = PackageResources.stage_sh
    /// Carries out a plan's steps; reads `applyParts`, which lie beside it.
    public static let apply: [UInt8] = PackageResources.apply_sh
    /// What the apply script needs beside it, by file name.
    public static let applyParts: [(name: String, text: [UInt8])] = [
        ("checks.sh", PackageResources.checks_sh),
        ("health.sh", PackageResources.health_sh),
        ("lock.sh", PackageResources.lock_sh),
        ("steps.sh", PackageResources.steps_sh),
        ("transaction.sh", PackageResources.transaction_sh),
        ("upkeep.sh", PackageResources.audit_log_sh + PackageResources.upkeep_sh),
        ("watcher.sh", PackageResources.watcher_sh),
    ]
    /// Units that look after a deploy on systemd hosts, by name.
    public static let hookUnits: [(name: String, text: [UInt8])] = [
        ("fleet-recover.service", PackageResources.fleet_recover_service),
        ("fleet-watch.service", PackageResources.fleet_watch_service),
        ("fleet-watch.timer", PackageResources.fleet_watch_timer),
    ]
    /// Confirms a deploy by its id, or says what became of it.
    public static let confirm: [UInt8] = PackageResources.confirm_sh
    /// Has what an interrupted deploy left looked at now.
    public static let settle: [UInt8] = PackageResources.settle_sh
    /// Sees that the generator stands, and keeps it so; read by `apply`.
    public static let gate: [UInt8] =
        PackageResources.gate_sh + PackageResources.gate_ask_sh + PackageResources.gate_judge_sh
        + PackageResources.gate_processes_sh + PackageResources.gate_hold_sh
        + PackageResources.gate_freeze_sh + PackageResources.gate_gap_sh
    /// Stops a service for a while, and starts it again.
    public static let pause: [UInt8] = PackageResources.pause_sh
    /// Lists the releases that a host keeps, or removes some.
    public static let releases: [UInt8] = PackageResources.releases_sh
    /// Tells who holds a host's lock, or takes it away from them.
    public static let unlock: [UInt8] = PackageResources.audit_log_sh + PackageResources.unlock_sh
    /// Writes, removes and reads the files that control the monitor.
    public static let charge: [UInt8] = PackageResources.audit_log_sh + PackageResources.charge_sh
    /// Collects what an audit must know.
    public static let audit: [UInt8] = PackageResources.audit_sh
    /// Ends orphans and disables units that an audit found.
    public static let auditFix: [UInt8] =
        PackageResources.audit_log_sh + PackageResources.lock_sh + PackageResources.audit_fix_sh
    /// Reads how a host and its services are.
    public static let readings: [UInt8] = PackageResources.readings_sh
    /// Sends the monitor's CSV files.
    public static let csv: [UInt8] = PackageResources.csv_sh
    /// Shows a service's log.
    public static let logs: [UInt8] = PackageResources.logs_sh

    /// A script with its arguments, for the standard input of `RemoteCommand.script`: a host on
    /// which somebody kills by pattern would end a command line that has a service's program on it.
    public static func input(_ script: [UInt8], _ arguments: [String]) -> [UInt8] {
        let words = ["set", "--"] + arguments.map(ShellWord.quoted)
        return Array((words.joined(separator: " ") + "\n").utf8) + script
    }
}

/// Where things are on a host.
public enum HostLayout {
    /// Everything that fleetctl puts on a host lives below this folder.
    public static let base = "/opt/fleet"

    /// The link to the release in use; what units name.
    public static func current(_ service: String) -> String { "\(base)/\(service)/current" }

    /// The folder of all releases of a service.
    public static func releases(_ service: String) -> String { "\(base)/\(service)/releases" }

    /// The line that rc.local needs above those of the services: at boot an interrupted deploy is
    /// taken back before anything of it starts.
    public static let recoverLine =
        "for f in \(base)/.transaction/apply.sh \(base)/.staging/done-*/apply.sh; do "
        + "[ ! -e \"$f\" ] || sh \"$f\" watch boot || :; done"
    /// The marker of that line.
    public static let recoverMarker = "fleetctl:recover"

    /// The folder that a transfer is unpacked into; gone when it is done.
    public static func staging(_ transfer: String) -> String { "\(base)/.staging/\(transfer)" }
}
