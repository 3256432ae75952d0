import ArgumentParser
import Foundation
import Inventory
import InventoryFile

/// A host of the inventory; Foundation has a `Host` of its own, which nothing here uses.
typealias Host = Inventory.Host

/// The hosts and services that a verb is for.
struct Selection: Sendable, Equatable {
    /// The fleet that they belong to.
    var fleet: Fleet
    /// The chosen hosts, in the order of the file.
    var hosts: [Host]
    /// The chosen services that run on a chosen host, in the order of the file.
    var services: [Service]

    /// The chosen services of a host.
    func services(on host: HostName) -> [Service] {
        services.filter { $0.hosts.contains(host) }
    }

    /// What the options choose from a fleet. Hosts are narrowed by `--host`, by `--tag` and to
    /// those that run a chosen service; services by `--service` and to chosen hosts.
    ///
    /// - Throws: where a name or a tag does not exist, or where nothing is left.
    init(_ fleet: Fleet, _ options: SelectionOptions) throws(SelectionError) {
        try Self.check(options.host, "host", fleet.hosts.map(\.name.text))
        try Self.check(options.service, "service", fleet.services.map(\.name.text))
        try Self.check(options.tag, "tag", fleet.hosts.flatMap(\.tags))
        let services = fleet.services.filter {
            options.service.isEmpty || options.service.contains($0.name.text)
        }
        self.fleet = fleet
        hosts = fleet.hosts.filter { host in
            (options.host.isEmpty || options.host.contains(host.name.text))
                && (options.tag.isEmpty || !Set(options.tag).isDisjoint(with: host.tags))
                && (options.service.isEmpty
                    || services.contains { $0.hosts.contains(host.name) })
        }
        let names = Set(hosts.map(\.name))
        self.services = services.filter { !names.isDisjoint(with: $0.hosts) }
        if hosts.isEmpty { throw .nothingChosen }
    }

    private static func check(
        _ names: [String], _ noun: String, _ known: [String]
    ) throws(SelectionError) {
        for name in names where !known.contains(name) {
            throw .unknown(
                noun: noun, name: name, suggestion: Suggestion.nearest(to: name, in: known))
        }
    }
}

/// Why a selection cannot be made: the command line's fault, exit code 64.
enum SelectionError: Error, Equatable, CustomStringConvertible {
    case unknown(noun: String, name: String, suggestion: String?)
    /// The options contradict each other.
    case nothingChosen

    var description: String {
        switch self {
        case .unknown(let noun, let name, let suggestion):
            "there is no \(noun) '\(name)' in the inventory"
                + (suggestion.map { "; did you mean '\($0)'?" }
                    ?? "; `fleetctl inventory show` lists what there is")
        case .nothingChosen:
            "no host fits all of --host, --service and --tag together; leave one of them out"
        }
    }
}

extension BaseOptions {
    /// The inventory's path: `--inventory`, else FLEETCTL_INVENTORY, else Inventory/fleet.yaml.
    var inventoryPath: String {
        if let inventory { return inventory }
        let variable = ProcessInfo.processInfo.environment["FLEETCTL_INVENTORY"] ?? ""
        return variable.isEmpty ? "Inventory/fleet.yaml" : variable
    }
}

/// The fleet of the inventory that the options name. Says every problem and ends with exit
/// code 64 where there is any.
func loadFleet(_ options: CommonOptions) throws -> Fleet { try loadFleet(options.base) }

/// The same for verbs with results of their own kind.
func loadFleet(_ options: BaseOptions) throws -> Fleet {
    let path = options.inventoryPath
    do {
        return try InventoryFile.load(path: path)
    } catch {
        let console = Console(options)
        for problem in error.problems { console.complain(problem.line) }
        let count = error.problems.count
        let hint =
            FileManager.default.fileExists(atPath: path)
            ? ""
            : "; `fleetctl init` makes one, --inventory or FLEETCTL_INVENTORY name another"
        console.error("\(path): \(count) problem\(count == 1 ? "" : "s")\(hint)")
        throw FleetExit.usage.error
    }
}

/// What the options choose from the inventory. Says why and ends with exit code 64 where
/// nothing can be chosen.
func loadSelection(_ common: CommonOptions, _ options: SelectionOptions) throws -> Selection {
    try loadSelection(common.base, options)
}

/// The same for verbs with results of their own kind.
func loadSelection(_ base: BaseOptions, _ options: SelectionOptions) throws -> Selection {
    let fleet = try loadFleet(base)
    do {
        return try Selection(fleet, options)
    } catch {
        Console(base).error("\(error)")
        throw FleetExit.usage.error
    }
}
