import DeployPlan
import Foundation

/// Plans and results as JSON; the same values that the text is made from.
struct PlanReport: Encodable {
    struct HostEntry: Encodable {
        var host: String
        var changes: Bool
        var refusals: [String]
        var error: String?
        var services: [ServiceEntry]
        var steps: [String]
        var undo: [String]
    }
    struct ServiceEntry: Encodable {
        var service: String
        var from: String?
        var to: String
        var restart: String?
        var repairs: [String]
        var notes: [String]
        var sends: [String]
        var reuses: [String]
        var files: [FileEntry]
    }
    struct FileEntry: Encodable {
        var path: String
        var change: String
        var sha256Before: String?
        var sha256After: String?
        var size: Int?
    }

    var hosts: [HostEntry]

    init(_ planned: [FleetDeploy.Planned]) {
        hosts = planned.map { entry in
            switch entry.result {
            case .failure(let error):
                HostEntry(
                    host: entry.target.host.name.text, changes: false, refusals: [],
                    error: error.text, services: [], steps: [], undo: [])
            case .success(let plan):
                HostEntry(
                    host: plan.host.text, changes: !plan.isEmpty,
                    refusals: plan.refusals.map(\.text), error: nil,
                    services: plan.services.map(ServiceEntry.init), steps: plan.steps.map(\.text),
                    undo: plan.undo.map(\.text))
            }
        }
    }
}

extension PlanReport.ServiceEntry {
    init(_ change: ServiceChange) {
        service = change.service
        from = change.from?.text
        to = change.to.text
        restart = change.restart?.rawValue
        repairs = change.repairs
        notes = change.notes
        sends = change.transfer?.sent ?? []
        reuses = change.transfer?.reused.map(\.path) ?? []
        files = change.files.map {
            PlanReport.FileEntry(
                path: $0.path, change: $0.kind.rawValue, sha256Before: $0.hashBefore,
                sha256After: $0.hashAfter, size: $0.size)
        }
    }
}

/// A deploy's results as JSON.
struct DeployReport: Encodable {
    struct HostEntry: Encodable {
        var host: String
        var outcome: DeployOutcome
        var seconds: Double
        var bytesSent: Int
        var services: [PlanReport.ServiceEntry]
        var error: String?
        /// By service: how long nobody controlled the relays.
        var uncontrolledSeconds: [String: Double]?
        /// Old releases that were removed afterwards, as `service/release`.
        var removed: [String]
    }

    var hosts: [HostEntry]

    init(_ finished: [FleetDeploy.Finished]) {
        hosts = finished.map {
            HostEntry(
                host: $0.host.text, outcome: $0.outcome, seconds: $0.duration.seconds,
                bytesSent: $0.bytesSent,
                services: $0.plan?.services.map(PlanReport.ServiceEntry.init) ?? [],
                error: $0.error?.text,
                uncontrolledSeconds: $0.gaps.isEmpty
                    ? nil
                    : Dictionary(
                        $0.gaps.map { ($0.service, $0.duration.seconds) }, uniquingKeysWith: max),
                removed: $0.removed.map { "\($0.service)/\($0.release)" })
        }
    }
}

extension Duration {
    /// Seconds with their fraction.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
