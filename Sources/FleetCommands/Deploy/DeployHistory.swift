import DeployPlan
import Foundation
import HistoryStore

/// Keeps in the local history what was done to each host.
enum DeployHistory {
    /// A failure to write is said and changes no exit code: the hosts keep their own log.
    static func record(
        _ finished: [FleetDeploy.Finished], fleet: String, author: DeployAuthor, console: Console
    ) {
        append(
            finished.flatMap { Self.records(of: $0, fleet: fleet, author: author) }, console)
    }

    /// Adds records; a failure to write is said.
    static func append(_ records: [DeployRecord], _ console: Console) {
        guard !records.isEmpty else { return }
        do throws(HistoryError) {
            let store = try HistoryStore.opened(console)
            for record in records { try store.append(record) }
        } catch {
            console.error("what was done could not be written to the history: \(error)")
        }
    }

    private static func records(
        of host: FleetDeploy.Finished, fleet: String, author: DeployAuthor
    ) -> [DeployRecord] {
        let action = author.action == .unitsInstall ? author.action.rawValue : ""
        guard let plan = host.plan, let outcome = outcome(of: host.outcome) else { return [] }
        return plan.services.filter { !$0.isEmpty }.map { change in
            DeployRecord(
                started: host.started, finished: Date(), fleet: fleet, host: host.host.text,
                service: change.service, release: change.to.text, previous: change.from?.text,
                outcome: outcome,
                detail: [action, host.detail].filter { !$0.isEmpty }.joined(separator: "; "),
                user: author.owner,
                commit: author.commit, clientVersion: Version.text)
        }
    }

    /// Nil where nothing was tried.
    private static func outcome(of outcome: DeployOutcome) -> DeployRecord.Outcome? {
        switch outcome {
        case .updated: .deployed
        case .rolledBack: .rolledBack
        case .deferred: .deferred
        case .failed: .failed
        case .unknown: .unknown
        case .unchanged, .unreachable, .skipped: nil
        }
    }
}

extension FleetDeploy.Finished {
    /// What is to be said about the end, for the history.
    fileprivate var detail: String {
        let forced = forced.map { ["forced: \($0)"] } ?? []
        return (forced + gaps.map(\.text) + (error.map { [$0.text] } ?? [])).joined(separator: "; ")
    }
}
