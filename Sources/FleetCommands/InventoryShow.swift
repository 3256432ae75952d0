import ArgumentParser
import Foundation
import Inventory
import Reports

/// `fleetctl inventory show`: the hosts and services as fleetctl understands them.
struct InventoryShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show hosts and services as fleetctl understands them.",
        discussion: """
            Defaults are filled in and paths are absolute; passwords are shown as references. \
            Connects to nothing and reads no secret.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions

    func run() throws {
        let chosen = try loadSelection(common, selection)
        let summary = InventorySummary(chosen)
        let console = Console(common)
        switch common.output {
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            console.result(String(decoding: try encoder.encode(summary), as: UTF8.self))
        case .table:
            console.result(Self.hostTable(summary).lines().joined(separator: "\n"))
            if !summary.services.isEmpty {
                console.result("")
                console.result(Self.serviceTable(summary).lines().joined(separator: "\n"))
            }
        }
    }

    private static func hostTable(_ summary: InventorySummary) -> TextTable {
        var table = TextTable("HOST", "ADDRESS", "USER", "VIA", "LOGIN", "SUDO", "SYSTEM", "TAGS")
        for host in summary.hosts {
            let login = [host.identity.map { "key \($0)" }, host.password].compactMap { $0 }
            table.add(
                host.name, host.port == 22 ? host.address : "\(host.address) port \(host.port)",
                host.user, host.via ?? "", login.joined(separator: ", "), host.sudo,
                "\(host.arch) \(host.initSystem)", host.tags.joined(separator: ","))
        }
        return table
    }

    private static func serviceTable(_ summary: InventorySummary) -> TextTable {
        var table = TextTable("SERVICE", "HOST", "SOURCE", "PORTS", "GATE", "REPLACES", "HEALTH")
        for service in summary.services {
            table.add(
                service.name, service.hosts.joined(separator: ","),
                service.product ?? service.artifact ?? "",
                service.ports.joined(separator: ","), service.gate ?? "",
                service.replaces.joined(separator: ","), service.health.joined(separator: ", "))
        }
        return table
    }
}
