import ArgumentParser
import Foundation
import HistoryStore
import Reports

/// `fleetctl history`: what was deployed from this machine.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Lists what was deployed from this machine, newest first.",
        discussion: """
            Every host keeps a log of its own in /var/log/fleet/audit.jsonl, whoever deployed. \
            Connects to no host.
            """)

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: "Only this host.")
    var host: String?

    @Option(name: .long, help: "Only this service.")
    var service: String?

    @Option(name: .long, help: "At most so many, 1 to 10000.")
    var limit: Int = 20

    func validate() throws {
        guard (1...HistoryStore.recentLimit).contains(limit) else {
            throw ValidationError("--limit takes a number from 1 to \(HistoryStore.recentLimit)")
        }
    }

    func run() async throws {
        let console = Console(common)
        let records: [DeployRecord]
        do {
            records = try HistoryStore().recent(host: host, service: service, limit: limit)
        } catch {
            console.error("\(error)")
            throw FleetExit.failed.error
        }
        switch common.output {
        case .table: Self.table(records).forEach(console.result)
        case .json: try console.json(records.map(Row.init))
        }
    }

    private static func table(_ records: [DeployRecord]) -> [String] {
        var table = TextTable("WHEN", "HOST", "SERVICE", "RELEASE", "OUTCOME", "WHO", "COMMIT")
        for record in records {
            table.add(
                record.started.formatted(.iso8601), record.host, record.service,
                "\(record.previous ?? "none") → \(record.release)", record.outcome.word,
                record.user, record.commit ?? "-")
        }
        return table.lines()
    }

    /// A record as JSON shows it.
    struct Row: Encodable {
        var id, started, finished, fleet, host, service, release: String
        var previous: String?
        var outcome, detail, user: String
        var commit: String?
        var clientVersion: String

        init(_ record: DeployRecord) {
            id = record.id.uuidString
            started = record.started.formatted(.iso8601)
            finished = record.finished.formatted(.iso8601)
            fleet = record.fleet
            host = record.host
            service = record.service
            release = record.release
            previous = record.previous
            outcome = record.outcome.word
            detail = record.detail
            user = record.user
            commit = record.commit
            clientVersion = record.clientVersion
        }
    }
}
