import Foundation
import Inventory
import RemoteOps
import SSHTransport

/// Shows a host's key and, where somebody agrees, makes it known.
struct HostTruster {
    let connections: Connections
    let console: Console
    /// Keys that are accepted without asking; nobody is asked where there are any.
    let fingerprints: [String]

    /// Whether the host's key is known now.
    func trust(_ host: Host) async throws(RemoteError) -> Bool {
        let settings = try await connections.settings(host.name)
        var jump: SSHHost?
        if let via = host.via { jump = try await connections.session(via) }
        let key = try await SSHTrust.hostKey(of: settings, via: jump)
        let way = host.via.map { " through \($0)" } ?? ""
        console.result(
            "\(host.name) (\(host.address) port \(host.port)\(way)): \(key.fingerprint.text)")
        switch key.standing {
        case .known:
            console.say("  known already")
            return true
        case .changed(let places, let expected):
            refuse(host, places, expected, settings)
            return false
        case .unknown:
            guard isAccepted(key, host) else {
                console.error("\(host.name): its key was not accepted; nothing was written")
                return false
            }
            return remember(key, host, settings)
        }
    }

    private func isAccepted(_ key: PresentedHostKey, _ host: Host) -> Bool {
        guard fingerprints.isEmpty else { return fingerprints.contains(key.fingerprint.sha256) }
        guard isatty(STDIN_FILENO) == 1 else {
            console.error(
                "\(host.name): there is no terminal to ask on; name the key with --fingerprint")
            return false
        }
        FileHandle.standardError.write(
            Data("Is this the key of \(host.name)? [y/N] ".utf8))
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }

    private func remember(
        _ key: PresentedHostKey, _ host: Host, _ settings: SSHSettings
    ) -> Bool {
        let path = SSHTrust.knownHostsPath(settings)
        do {
            try SSHTrust.remember(key, in: path)
            console.say("  written to \(path)")
            return true
        } catch {
            console.error("\(host.name): \(path) cannot be written: \(error.detail)")
            return false
        }
    }

    private func refuse(
        _ host: Host, _ places: [String], _ expected: [HostKeyFingerprint],
        _ settings: SSHSettings
    ) {
        var lines = ["\(host.name): ANOTHER KEY IS KNOWN FOR THIS HOST; nothing was written"]
        lines += expected.map { "  expected: \($0.text)" }
        lines += places.map { "  known from: \($0)" }
        if settings.hostKeyPins.isEmpty {
            let label =
                host.port == 22 ? host.address : "[\(host.address)]:\(host.port)"
            lines.append(
                "  next: find out why it changed; if the host was reinstalled: ssh-keygen -R "
                    + "\(ShellWord.quoted(label)) -f "
                    + "\(ShellWord.quoted(SSHTrust.knownHostsPath(settings))), then again: "
                    + "fleetctl host trust --host \(host.name)")
        } else {
            lines.append("  next: find out why it changed, then correct host_key in the inventory")
        }
        console.error(lines.joined(separator: "\n"))
    }
}
