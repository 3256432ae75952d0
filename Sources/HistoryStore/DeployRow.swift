import Foundation
import GRDB

/// A record as the table holds it; times are seconds since 1970, UTC.
struct DeployRow: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "deploys"

    var id: String
    var started, finished: Double
    var fleet, host, service, release: String
    var previous: String?
    var outcome, detail, user: String
    var commit: String?
    var clientVersion: String

    enum CodingKeys: String, CodingKey {
        case id, started, finished, fleet, host, service, release, previous, outcome, detail, user
        case commit
        case clientVersion = "client_version"
    }

    init(_ record: DeployRecord) {
        id = record.id.uuidString
        started = record.started.timeIntervalSince1970
        finished = record.finished.timeIntervalSince1970
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

    var record: DeployRecord {
        DeployRecord(
            id: UUID(uuidString: id) ?? UUID(), started: Date(timeIntervalSince1970: started),
            finished: Date(timeIntervalSince1970: finished), fleet: fleet, host: host,
            service: service, release: release, previous: previous,
            outcome: DeployRecord.Outcome(outcome), detail: detail, user: user, commit: commit,
            clientVersion: clientVersion)
    }
}
