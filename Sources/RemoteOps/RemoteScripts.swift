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
        ("upkeep.sh", PackageResources.upkeep_sh),
    ]
    /// Lists the releases that a host keeps, or removes some.
    public static let releases: [UInt8] = PackageResources.releases_sh
    /// Tells who holds a host's lock, or takes it away from them.
    public static let unlock: [UInt8] = PackageResources.unlock_sh
    /// Writes, removes and reads the files that control the monitor.
    public static let charge: [UInt8] = PackageResources.charge_sh
    /// Collects what an audit must know.
    public static let audit: [UInt8] = PackageResources.audit_sh
    /// Ends orphans and disables units that an audit found.
    public static let auditFix: [UInt8] = PackageResources.audit_fix_sh
    /// Shows a service's log.
    public static let logs: [UInt8] = PackageResources.logs_sh
}

/// Where things are on a host.
public enum HostLayout {
    /// Everything that fleetctl puts on a host lives below this folder.
    public static let base = "/opt/fleet"

    /// The link to the release in use; what units name.
    public static func current(_ service: String) -> String { "\(base)/\(service)/current" }

    /// The folder of all releases of a service.
    public static func releases(_ service: String) -> String { "\(base)/\(service)/releases" }

    /// The folder that a transfer is unpacked into; gone when it is done.
    public static func staging(_ transfer: String) -> String { "\(base)/.staging/\(transfer)" }
}
