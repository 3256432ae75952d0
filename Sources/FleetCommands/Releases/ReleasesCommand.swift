import ArgumentParser
import Foundation
import Inventory
import RemoteOps
import Reports

/// `fleetctl releases`: which releases the hosts keep.
struct ReleasesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "releases",
        abstract: "Lists the releases on the hosts: when, by whom, from which commit, how large.",
        discussion: """
            STATE is `current` for the release in use, `previous` for the one before it, to which \
            `rollback` goes, `deployed` for one that was in use once, `failed` for one that was \
            tried and taken back, `staged` for one that was never switched to. A release that \
            processes run from although it is not the current one is marked `running`.

            A deploy removes old releases by itself once it has succeeded; the inventory's \
            `keep_releases` says how many stay. --prune does the same by hand, where there is no \
            room for a deploy.

            EXIT STATUS: 0 listed; 1 no host could be asked; 3 some could not; 64 usage; 77 host \
            key or authentication.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    @Argument(
        help: "Services; all that the options choose where none is named.",
        completion: InventoryCompletion.services)
    var services: [String] = []

    @Flag(name: .long, help: "Remove old releases instead, after asking.")
    var prune = false

    @Option(
        name: .long,
        help: "With --prune: how many stay beside the current one and the one before, 0 to 100.")
    var keep: Int?

    @Flag(name: .shortAndLong, help: "With --prune: do not ask.")
    var yes = false

    func validate() throws {
        guard prune || keep == nil else { throw ValidationError("--keep is for --prune") }
        guard (0...100).contains(keep ?? 0) else {
            throw ValidationError("--keep takes a number from 0 to 100")
        }
    }

    func run() async throws {
        var options = selection
        options.service += services
        let chosen = try loadSelection(common, options)
        let console = Console(common)
        let connections = Connections(chosen.fleet, common, connection)
        let hosts = chosen.hosts.filter { !chosen.services(on: $0.name).isEmpty }
        let outcomes = await forEachHost(hosts, limit: connection.parallel) {
            (host) async throws(DeployError) -> ReleaseListing in
            try await Self.listing(of: host, chosen, connections)
        }
        var failures = outcomes.compactMap(\.failure)
        failures += try await connections.closing {
            try await show(outcomes, chosen, connections, console)
        }
        for failure in failures { console.error(failure.text) }
        guard let first = failures.first else { return }
        throw (failures.count < outcomes.count ? FleetExit.someHostsFailed : first.exit).error
    }

    /// Prints what there is, or removes what is old.
    private func show(
        _ outcomes: [HostOutcome<ReleaseListing, DeployError>], _ chosen: Selection,
        _ connections: Connections, _ console: Console
    ) async throws -> [DeployError] {
        let listings = outcomes.compactMap { outcome -> (host: Host, listing: ReleaseListing)? in
            switch outcome.result {
            case .success(let listing): (outcome.host, listing)
            case .failure: nil
            }
        }
        if prune {
            let prune = ReleasesPrune(
                connections: connections, parallel: connection.parallel, console: console,
                kept: keep)
            return try await prune.run(listings, chosen, yes: yes)
        }
        let rows = listings.flatMap { Self.rows(of: $0.host, $0.listing, chosen) }
        switch common.output {
        case .table: Self.table(rows).forEach(console.result)
        case .json: try console.json(rows)
        }
        return []
    }

    /// The releases of the chosen services on a host.
    static func listing(
        of host: Host, _ chosen: Selection, _ connections: Connections
    ) async throws(DeployError) -> ReleaseListing {
        let names = chosen.services(on: host.name).map(\.name.text)
        let remote: any RemoteHost
        do {
            remote = try await connections.host(host.name)
        } catch {
            throw .remote(error)
        }
        return try await HostReleases.list(
            names, on: remote, as: host.privilege == .unprivileged ? .login : .root)
    }

    private static func rows(
        of host: Host, _ listing: ReleaseListing, _ chosen: Selection
    ) -> [Row] {
        chosen.services(on: host.name).map(\.name.text).flatMap { name in
            let history = ReleaseHistory(
                listing.services[name] ?? ServiceReleases(), service: name)
            return history.entries.map { Row(host.name.text, name, $0) }
        }
    }

    private static func table(_ rows: [Row]) -> [String] {
        var table = TextTable([
            .init("HOST"), .init("SERVICE"), .init("RELEASE"), .init("STATE"), .init("WHEN"),
            .init("WHO"), .init("COMMIT"), .init("SIZE", .right),
        ])
        for row in rows {
            let state =
                row.state.rawValue + (row.running && row.state != .current ? ", running" : "")
            table.add(
                "\(row.host)", "\(row.service)", "\(row.release)", "\(state)",
                "\(row.time ?? "-")", "\(row.owner ?? "-")", "\(row.commit ?? "-")",
                "\(row.kibibytes) KiB")
        }
        return table.lines()
    }

    /// A release as JSON shows it.
    struct Row: Encodable {
        var host, service, release: String
        var state: ReleaseHistory.State
        /// Whether processes were started from it.
        var running: Bool
        /// ISO 8601; when it came.
        var time: String?
        var owner: String?
        var commit: String?
        var kibibytes: Int

        init(_ host: String, _ service: String, _ entry: ReleaseHistory.Entry) {
            self.host = host
            self.service = service
            release = entry.stored.id.text
            state = entry.state
            running = entry.stored.isInUse
            time = entry.time?.formatted(.iso8601)
            owner = entry.owner
            commit = entry.commit
            kibibytes = entry.stored.kibibytes
        }
    }
}
