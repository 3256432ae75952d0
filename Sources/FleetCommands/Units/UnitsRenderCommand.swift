import ArgumentParser
import Foundation
import Inventory

/// `fleetctl units render`: the units as a deploy would install them.
struct UnitsRenderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render",
        abstract: "Print units as a deploy would install them.",
        discussion: """
            Connects to nothing. On a host with rc.local it is the supervisor's script that is \
            rendered. With one service and the table form nothing but its text is printed.
            """)

    /// One rendered file.
    private struct Rendered: Encodable {
        var service: String
        var host: String
        /// The unit's name, or `supervise`.
        var name: String
        var text: String
    }

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions

    @Argument(help: "Services; all that the options choose where none is named.")
    var services: [String] = []

    func run() throws {
        var options = selection
        options.service += services
        let chosen = try loadSelection(common, options)
        let sources = UnitSources(inventoryFolder: common.base.inventoryFolder)
        let console = Console(common)
        var rendered: [Rendered] = []
        do {
            for service in chosen.services {
                for host in chosen.hosts where service.hosts.contains(host.name) {
                    rendered.append(try Self.render(service, on: host, from: sources))
                }
            }
        } catch {
            console.error(unitErrorText(error))
            throw FleetExit.failed.error
        }
        switch common.output {
        case .json: try console.json(rendered)
        case .table:
            for (index, file) in rendered.enumerated() {
                if rendered.count > 1 {
                    console.result("\(index > 0 ? "\n" : "")# \(file.host): \(file.name)")
                }
                let text = file.text
                console.result(text.hasSuffix("\n") ? String(text.dropLast()) : text)
            }
        }
    }

    private static func render(
        _ service: Service, on host: Host, from sources: UnitSources
    ) throws -> Rendered {
        switch host.initSystem {
        case .systemd:
            let unit = try sources.unit(of: service)
            return Rendered(
                service: service.name.text, host: host.name.text, name: unit.name, text: unit.text)
        case .rcLocal:
            return Rendered(
                service: service.name.text, host: host.name.text, name: "supervise",
                text: try sources.supervisor(of: service))
        }
    }
}
