import Foundation
import Inventory
import RemoteOps

/// A fleet as an Ansible inventory in YAML. Every text is in quotes: YAML would read some names as
/// numbers or truth values.
enum AnsibleInventory {
    static func text(_ selection: Selection) -> String {
        var lines = [
            "# The fleet \(selection.fleet.name), by fleetctl inventory export ansible.", "all:",
            "  hosts:",
        ]
        for host in selection.hosts {
            lines.append("    \(quoted(host.name.text)):")
            lines += variables(host, selection.fleet).map { "      \($0.name): \($0.value)" }
        }
        let groups = groups(selection)
        if !groups.isEmpty { lines.append("  children:") }
        for (name, hosts) in groups {
            lines += ["    \(quoted(name)):", "      hosts:"]
            lines += hosts.map { "        \(quoted($0)): {}" }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func variables(
        _ host: Host, _ fleet: Fleet
    ) -> [(name: String, value: String)] {
        var variables = [
            (name: "ansible_host", value: quoted(host.address)),
            ("ansible_port", "\(host.port)"), ("ansible_user", quoted(host.user)),
        ]
        if let identity = host.identity {
            variables.append(("ansible_ssh_private_key_file", quoted(identity)))
        }
        switch host.privilege {
        case .passwordlessSudo, .sudo: variables.append(("ansible_become", "true"))
        case .isRoot, .unprivileged: break
        }
        let arguments = sshArguments(host, fleet)
        if !arguments.isEmpty {
            variables.append(("ansible_ssh_common_args", quoted(arguments)))
        }
        return variables
    }

    /// What Ansible has no variables for.
    private static func sshArguments(_ host: Host, _ fleet: Fleet) -> String {
        let own: Set<String> = ["HostName", "Port", "User", "IdentityFile"]
        return SSHConfig.options(host, fleet, jump: jumps(host, fleet))
            .filter { !own.contains($0.name) }
            .map { "-o " + ShellWord.quoted("\($0.name)=\($0.value)") }
            .joined(separator: " ")
    }

    /// The hosts on the way, the first one first.
    private static func jumps(_ host: Host, _ fleet: Fleet) -> String? {
        var way: [String] = []
        var next = host.via
        // The inventory has no circles; a way is no longer than the fleet.
        while let name = next, let jump = fleet.host(name), way.count < fleet.hosts.count {
            way.insert("\(jump.user)@\(NetworkAddress(host: jump.address, port: jump.port))", at: 0)
            next = jump.via
        }
        return way.isEmpty ? nil : way.joined(separator: ",")
    }

    private static func groups(_ selection: Selection) -> [(name: String, hosts: [String])] {
        let hosts = selection.hosts
        let tags = Set(hosts.flatMap(\.tags)).sorted().map { tag in
            (name: "tag_" + tag, hosts: hosts.filter { $0.tags.contains(tag) }.map(\.name.text))
        }
        let services = selection.services.map { service in
            (
                name: "service_" + service.name.text,
                hosts: hosts.filter { service.hosts.contains($0.name) }.map(\.name.text)
            )
        }
        // Ansible wants Python's names.
        return (tags + services).map { group in
            (
                String(group.name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }),
                group.hosts
            )
        }
    }

    /// JSON's quotes are YAML's.
    private static func quoted(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        // Text always encodes.
        return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }
}
