import Audit
import Foundation
import HistoryStore
import RemoteOps

/// Keeps in the local history what `audit --fix` did to a host, a record a step.
struct FixHistory {
    let host: String
    let fleet: String
    let author: DeployAuthor
    let started: Date

    /// Steps that were done.
    func records(done: [FixPlan.Step]) -> [DeployRecord] {
        done.map { record($0, .mended, "audit --fix: \($0.text)") }
    }

    /// The steps up to the one that failed; those after it were not begun.
    func records(_ failure: FixFailure) -> [DeployRecord] {
        let outcome: DeployRecord.Outcome =
            failure.isDeferral ? .deferred : failure.isUnclear ? .unknown : .failed
        let failed = failure.left.prefix(1).map {
            record($0, outcome, "audit --fix: \($0.text): \(failure.reason(host))")
        }
        return records(done: failure.done) + failed
    }

    private func record(
        _ step: FixPlan.Step, _ outcome: DeployRecord.Outcome, _ detail: String
    ) -> DeployRecord {
        DeployRecord(
            started: started, finished: Date(), fleet: fleet, host: host,
            service: step.subject.printable, release: "-", previous: nil, outcome: outcome,
            detail: detail.printable, user: author.owner, commit: author.commit,
            clientVersion: Version.text)
    }
}

extension FixPlan.Step {
    /// What it is done to.
    fileprivate var subject: String {
        switch self {
        case .disable(let unit, _), .start(let unit): unit
        case .install(_, let service): service.text
        case .stop(let process, _): process.executable
        }
    }
}
