import ArgumentParser
import Foundation
import Inventory
import RemoteOps

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
        let truster = HostTruster(
            connections: connections, console: console, fingerprints: fingerprint)
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
                if try await !truster.trust(host) {
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
}
