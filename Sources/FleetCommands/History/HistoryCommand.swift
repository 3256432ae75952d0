import ArgumentParser
import Foundation
import HistoryStore
import Reports

/// `fleetctl history`: what was deployed from this machine, and what was read from it.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Lists what was deployed from this machine, or how a number went.",
        discussion: """
            Deploys come newest first. Every host keeps a log of its own in \
            /var/log/fleet/audit.jsonl, whoever deployed.

            --metric NAME shows a number over time, as `fleetctl health` and `fleetctl exporter` \
            have read it from this machine: each reading for two days, hours for two months, days \
            for more. --metric alone lists what numbers there are.

            Connects to no host.
            """)

    /// What `--metric` means without a name. No metric is called that.
    private static let everyMetric = "all"

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: "Only this host.", completion: InventoryCompletion.hosts)
    var host: String?

    @Option(name: .long, help: "Only this service.", completion: InventoryCompletion.services)
    var service: String?

    @Option(name: .long, help: "At most so many deploys, 1 to 10000; 20 by default.")
    var limit: Int?

    @Option(
        name: .long, defaultAsFlag: HistoryCommand.everyMetric, parsing: .next,
        help: "A number over time, such as disk_used_ratio; without a name: which there are.")
    var metric: String?

    @Option(name: .long, help: "The time that --metric shows: 12h, 7d; 7d by default.")
    var since: HistorySpan?

    func validate() throws {
        guard (1...HistoryStore.recentLimit).contains(limit ?? 1) else {
            throw ValidationError("--limit takes a number from 1 to \(HistoryStore.recentLimit)")
        }
        if metric == nil, since != nil { throw ValidationError("--since goes with --metric") }
        if metric != nil, limit != nil { throw ValidationError("--limit goes with deploys") }
    }

    func run() async throws {
        let console = Console(common)
        do {
            let store = try HistoryStore.opened(console)
            guard let metric else {
                let records = try store.recent(
                    host: host, service: service, limit: limit ?? 20)
                try show(records.map(Row.init), console) { Self.table(records) }
                return
            }
            if metric == Self.everyMetric {
                let list = MetricList(try store.metrics(host: host).filter(isChosen))
                try show(list, console, table: list.table)
            } else {
                let report = try report(metric, store)
                try show(report, console, table: report.table)
            }
        } catch let error as HistoryError {
            console.error("\(error)")
            throw FleetExit.failed.error
        }
    }

    private func show(
        _ value: some Encodable, _ console: Console, table: () -> [String]
    ) throws {
        switch common.output {
        case .table: table().forEach(console.result)
        case .json: try console.json(value)
        }
    }

    private func report(_ metric: String, _ store: HistoryStore) throws -> MetricReport {
        let end = Date()
        let seconds = (since ?? HistorySpan(argument: "7d"))?.seconds ?? 0
        let start = end.addingTimeInterval(-seconds)
        let step = MetricStep.fitting(seconds)
        // Prometheus knows it with the prefix.
        let name = metric.hasPrefix("fleet_") ? String(metric.dropFirst("fleet_".count)) : metric
        let all = try store.series(
            host: host, name: name, since: start, until: end, step: step)
        return MetricReport(all.filter(isChosen), step: step, from: start, to: end)
    }

    private func isChosen(_ series: MetricSeries) -> Bool {
        service == nil || series.labels["service"] == service
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
