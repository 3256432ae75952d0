import ArgumentParser
import Foundation
import Inventory
import RemoteOps
import Reports

/// `fleetctl host ping`: connects to each host and runs `true`.
struct HostPing: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ping",
        abstract: "Connect to each host, run `true` there and show the time it took.",
        discussion: """
            Looks at the whole way: name, network, host key, login, jump host. Changes nothing. \
            Exits 0 where all answered, 3 where some did, 1 where none did, 77 where all failed \
            for host keys or credentials.
            """)

    /// One host's answer, as the table and the JSON show it.
    struct Row: Encodable, Equatable {
        var host: String
        var via: String?
        /// Milliseconds from nothing to an authenticated session.
        var connectMilliseconds: Int?
        /// Milliseconds for `true` on that session.
        var commandMilliseconds: Int?
        var error: String?
    }

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let chosen = try loadSelection(common, selection)
        let console = Console(common)
        let connections = Connections(chosen.fleet, common, connection)
        let outcomes = await connections.forEachHost(chosen.hosts, limit: connection.parallel) {
            (host) async throws(RemoteError) -> Row in
            try await Self.ping(host, connections)
        }
        await connections.close()
        try Self.report(outcomes, common.output, console)
        let failures = outcomes.compactMap { $0.failure }
        for failure in failures { console.error(failure.message) }
        let code = FleetExit.forHosts(outcomes.count, failures: failures.map(\.kind))
        if code != .success { throw code.error }
    }

    private static func ping(
        _ host: Host, _ connections: Connections
    ) async throws(RemoteError) -> Row {
        let start = ContinuousClock.now
        let session = try await connections.host(host.name)
        let connected = ContinuousClock.now
        let result = try await session.run(RemoteCommand(["true"]))
        guard result.succeeded else {
            throw RemoteError(
                .channelRefused, host: host.name.text, via: host.via?.text, effect: .mayHaveRun,
                detail: "`true` ended with \(result.status)")
        }
        return Row(
            host: host.name.text, via: host.via?.text,
            connectMilliseconds: (connected - start).wholeMilliseconds,
            commandMilliseconds: (ContinuousClock.now - connected).wholeMilliseconds)
    }

    private static func report(
        _ outcomes: [HostOutcome<Row, RemoteError>], _ format: OutputFormat, _ console: Console
    ) throws {
        let rows = outcomes.map { outcome in
            switch outcome.result {
            case .success(let row): row
            case .failure(let error):
                Row(
                    host: outcome.host.name.text, via: outcome.host.via?.text,
                    error: error.summary)
            }
        }
        switch format {
        case .json: console.result(try HostJSON.text(rows))
        case .table:
            var table = TextTable([
                .init("HOST"), .init("VIA"), .init("CONNECT", .right), .init("COMMAND", .right),
                .init("RESULT"),
            ])
            for row in rows {
                table.add(
                    row.host, row.via ?? "", row.connectMilliseconds.map { "\($0) ms" } ?? "",
                    row.commandMilliseconds.map { "\($0) ms" } ?? "", row.error ?? "ok")
            }
            console.result(table.lines().joined(separator: "\n"))
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}

/// JSON as the host verbs print it.
enum HostJSON {
    /// Pretty, keys sorted, no escaped slashes.
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
