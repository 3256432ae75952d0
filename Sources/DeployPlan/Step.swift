import Inventory
import RemoteOps

/// One step of a plan, as the host's apply script knows it.
public enum Step: Sendable, Equatable {
    /// Points `current` to a release.
    case switchRelease(service: String, to: ReleaseID)
    /// Takes `current` away: there was no release before.
    case unlink(service: String)
    /// Copies the release's unit to `/etc/systemd/system`.
    case installUnit(service: String, release: ReleaseID, unit: String)
    /// Copies a unit of the transfer itself to `/etc/systemd/system`; no release is involved.
    case placeUnit(String)
    /// Puts back the unit file that was there before, or takes the new one away.
    case restoreUnit(String)
    /// Replaces `/etc/rc.local`, if it still is the text that the new one was made from.
    case installRcLocal(sha256Before: String?)
    /// Puts `/etc/rc.local` back.
    case restoreRcLocal
    /// `systemctl daemon-reload`.
    case daemonReload
    /// `systemctl enable --no-reload`; a `daemonReload` follows, which costs more than all else.
    case enable(String)
    /// `systemctl disable`.
    case disable(String)
    /// `systemctl restart`.
    case restart(String)
    /// `systemctl stop`.
    case stop(String)
    /// Stops and disables a unit that another takes the place of.
    case retire(String)
    /// Starts the supervised service again, on the current release.
    case supervisorRestart(service: String)
    /// Stops the supervised service.
    case supervisorStop(service: String)
    /// The unit stays active with one and the same process for so many seconds.
    case steadyUnit(String, seconds: Int)
    /// The supervised process stays the same for so many seconds.
    case steadySupervised(service: String, seconds: Int)
    /// The port accepts, and answers a line that contains `expect`.
    case tcp(port: Int, send: String, expect: String, seconds: Int)
    /// A command on the host exits 0.
    case command([String], seconds: Int)
    /// The unit's processes, and no others, listen on the port.
    case listensUnit(String, PortClaim, seconds: Int)
    /// The supervised process and its children, and no others, listen on the port.
    case listensSupervised(service: String, PortClaim, seconds: Int)
    /// A GET on the port is answered with the status.
    case http(port: Int, path: String, status: Int, seconds: Int)
    /// The file was written since the steps began, and at most `younger` seconds ago.
    case file(path: String, younger: Int, seconds: Int)
    /// Measures how long nobody answered on the port of a gated service that was restarted.
    case gap(service: String, port: Int)

    /// Longest wait for the first answer of a restarted server, in seconds.
    static let gapMax = 30

    /// The words of the step's line for the apply script.
    public var words: [String] {
        switch self {
        case .switchRelease(let service, let release): ["switch", service, release.text]
        case .unlink(let service): ["unlink", service]
        case .installUnit(let service, let release, let unit):
            ["install_unit", service, release.text, unit]
        case .placeUnit(let unit): ["place_unit", unit]
        case .restoreUnit(let unit): ["restore_unit", unit]
        case .installRcLocal(let before): ["install_rc_local", before ?? "absent"]
        case .restoreRcLocal: ["restore_rc_local"]
        case .daemonReload: ["daemon_reload"]
        case .enable(let unit): ["enable", unit]
        case .disable(let unit): ["disable", unit]
        case .restart(let unit): ["restart", unit]
        case .stop(let unit): ["stop", unit]
        case .retire(let unit): ["retire", unit]
        case .supervisorRestart(let service): ["supervise", service, "restart"]
        case .supervisorStop(let service): ["unsupervise", service]
        case .steadyUnit(let unit, let seconds): ["steady_unit", unit, String(seconds)]
        case .steadySupervised(let service, let seconds):
            ["steady_supervised", service, String(seconds)]
        case .tcp(let port, let send, let expect, let seconds):
            ["tcp", String(port), send, expect, String(seconds)]
        case .command(let argv, let seconds): ["command", String(seconds)] + argv
        case .listensUnit(let unit, let port, let seconds):
            ["listens", "unit", unit] + Self.words(port, seconds)
        case .listensSupervised(let service, let port, let seconds):
            ["listens", "supervised", service] + Self.words(port, seconds)
        case .http(let port, let path, let status, let seconds):
            ["http", String(port), path, String(status), String(seconds)]
        case .file(let path, let younger, let seconds):
            ["file", path, String(younger), String(seconds)]
        case .gap(let service, let port):
            ["gap", service, String(port), String(Self.gapMax)]
        }
    }

    private static func words(_ port: PortClaim, _ seconds: Int) -> [String] {
        [port.transport.rawValue, String(port.number), String(seconds)]
    }

    /// The step's line for the apply script.
    public var line: String { words.map(ShellWord.quoted).joined(separator: " ") }

    /// The same on the way forward: a release is looked at once more before it is switched to. On
    /// the way back even a damaged one is better than none.
    public var lineAhead: String {
        if case .switchRelease = self { line + " verified" } else { line }
    }

    /// The step in words for people, as a thing that is done.
    public var text: String {
        switch self {
        case .switchRelease(let service, let release): "switch \(service) to release \(release)"
        case .unlink(let service): "take \(service)'s current release away"
        case .installUnit(_, _, let unit): "install \(unit)"
        case .placeUnit(let unit): "install \(unit)"
        case .restoreUnit(let unit): "restore \(unit)"
        case .installRcLocal: "write /etc/rc.local"
        case .restoreRcLocal: "restore /etc/rc.local"
        case .daemonReload: "reload systemd's units"
        case .enable(let unit): "enable \(unit)"
        case .disable(let unit): "disable \(unit)"
        case .restart(let unit): "restart \(unit)"
        case .stop(let unit): "stop \(unit)"
        case .retire(let unit): "stop and disable \(unit)"
        case .supervisorRestart(let service): "restart \(service)"
        case .supervisorStop(let service): "stop \(service)"
        case .steadyUnit(let unit, 0): "see that \(unit) is active"
        case .steadyUnit(let unit, let seconds): "see that \(unit) stays up for \(seconds) s"
        case .steadySupervised(let service, let seconds):
            "see that \(service) stays up for \(seconds) s"
        case .tcp(let port, "", "", _): "see that port \(port) accepts"
        case .tcp(let port, let send, let expect, _):
            "see that port \(port) answers \(expect)" + (send.isEmpty ? "" : " to \(send)")
        case .command(let argv, _): "run \(argv.joined(separator: " "))"
        case .listensUnit(let name, let port, _), .listensSupervised(let name, let port, _):
            "see that \(name) has port \(port)"
        case .http(let port, let path, let status, _):
            "see that port \(port) answers GET \(path) with \(status)"
        case .file(let path, _, _): "see that \(path) is written"
        case .gap(let service, _): "see how soon \(service) answers again"
        }
    }
}
