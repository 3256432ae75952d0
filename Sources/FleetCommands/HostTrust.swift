import ArgumentParser
import Foundation
import Inventory
import RemoteOps
import SSHTransport

/// `fleetctl host trust`: makes host keys known, on somebody's word.
struct HostTrust: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust",
        abstract: "Show each host's key and, where you agree, make it known.",
        discussion: """
            Compare the fingerprint with one that you have from the host itself: `ssh-keygen -lf \
            /etc/ssh/ssh_host_ed25519_key.pub` on its console. Jump hosts on the way come first. \
            Without a terminal --fingerprint must name the key. A key that differs from a known \
            one is never replaced: remove the old one yourself, as the message says.

            Exits 0 where every key is known now, 77 otherwise.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    @Option(
        name: .long, parsing: .singleValue,
        help: "Accept the key with this SHA256:… without asking; may be repeated.")
    var fingerprint: [String] = []

    func validate() throws {
        for text in fingerprint {
            let hash = text.dropFirst(7)
            guard text.hasPrefix("SHA256:"), hash.count == 43,
                hash.utf8.allSatisfy(Self.isBase64)
            else {
                throw ValidationError(
                    "--fingerprint takes SHA256: and 43 characters, as ssh-keygen -l prints it")
            }
        }
    }

    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: false
        }
    }

    func run() async throws {
        let chosen = try loadSelection(common, selection)
        let console = Console(common)
        let connections = Connections(chosen.fleet, common, connection)
        var failures: [RemoteError.Kind] = []
        var dead: Set<HostName> = []
        for host in Self.withHops(chosen) {
            // One after the other: a person answers, and a jump host must be known before what
            // is behind it can be asked.
            do throws(RemoteError) {
                if let via = host.via, dead.contains(via) {
                    throw RemoteError(
                        .unreachable, host: host.name.text, via: via.text,
                        detail: "the way to it is not trusted")
                }
                if try await !trust(host, connections, console) {
                    dead.insert(host.name)
                    failures.append(.notPermitted)
                }
            } catch {
                dead.insert(host.name)
                failures.append(error.kind)
                console.error(error.message)
            }
        }
        await connections.close()
        guard failures.isEmpty else { throw FleetExit.notPermitted.error }
    }

    /// The chosen hosts with the jump hosts on their way, each after what it needs.
    private static func withHops(_ chosen: Selection) -> [Host] {
        var ordered: [Host] = []
        func add(_ host: Host, _ depth: Int) {
            guard depth <= chosen.fleet.hosts.count,
                !ordered.contains(where: { $0.name == host.name })
            else { return }
            if let via = host.via.flatMap(chosen.fleet.host) { add(via, depth + 1) }
            ordered.append(host)
        }
        for host in chosen.hosts { add(host, 0) }
        return ordered
    }

    /// Whether the host's key is known now.
    private func trust(
        _ host: Host, _ connections: Connections, _ console: Console
    ) async throws(RemoteError) -> Bool {
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
            refuse(host, places, expected, settings, console)
            return false
        case .unknown:
            guard isAccepted(key, host, console) else {
                console.error("\(host.name): its key was not accepted; nothing was written")
                return false
            }
            return remember(key, host, settings, console)
        }
    }

    private func isAccepted(_ key: PresentedHostKey, _ host: Host, _ console: Console) -> Bool {
        guard fingerprint.isEmpty else { return fingerprint.contains(key.fingerprint.sha256) }
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
        _ key: PresentedHostKey, _ host: Host, _ settings: SSHSettings, _ console: Console
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
        _ settings: SSHSettings, _ console: Console
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
