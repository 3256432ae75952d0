import Foundation
import Health

/// The history of one fleet, as the checks ask for it.
public struct FleetHistory: MetricHistory {
    private let store: HistoryStore
    private let fleet: String

    /// The part of a history that is about this fleet.
    public init(_ store: HistoryStore, fleet: String) {
        self.store = store
        self.fleet = fleet
    }

    /// How long the readings themselves are told, in seconds; before that the hours are, which would
    /// blur what has just changed.
    private static let fresh = 6 * 3600

    /// The points of one series, oldest first: hours, and of the last six the readings themselves.
    public func series(
        host: String, name: String, labels: [String: String], since: Date
    ) throws -> [MetricPoint] {
        let now = HistoryStore.second(Date())
        // Where an hour begins: none is told twice.
        let turn = (now - Self.fresh) / 3600 * 3600
        func points(_ from: Int, _ until: Int, _ step: MetricStep) throws -> [MetricPoint] {
            guard from <= until else { return [] }
            return try store.series(
                fleet: fleet, host: host, name: name, labels: labels,
                since: Date(timeIntervalSince1970: TimeInterval(from)),
                until: Date(timeIntervalSince1970: TimeInterval(until)), step: step
            ).flatMap(\.points)
        }
        let start = HistoryStore.second(since)
        return try points(start, turn - 1, .hours)
            + points(max(start, turn), now + Self.clockSlack, .readings)
    }

    /// A round that another fleetctl records just now has a later second, in seconds.
    private static let clockSlack = 60

    /// What the verdicts on a host say as far as they still hold. A level that this fleetctl does
    /// not know is left out.
    public func verdicts(host: String) throws -> [Verdict.Key: VerdictMemory] {
        let open = try store.episodes(fleet: fleet, host: host).compactMap { episode in
            HealthLevel(rawValue: episode.level).map { level in
                (episode.subject, VerdictMemory(level: level, since: episode.since))
            }
        }
        return Dictionary(open, uniquingKeysWith: { first, _ in first })
    }

    /// Keeps a round.
    public func record(_ health: FleetHealth) throws { try store.record(round: health) }
}
