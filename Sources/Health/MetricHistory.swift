import Foundation

/// What a check may ask of the past. Reading it may take time, so it is read before the checks run:
/// those are pure and take arrays.
public protocol MetricHistory: Sendable {
    /// The points of one series, oldest first, not older than a time. Empty where there are none.
    func series(
        host: String, name: String, labels: [String: String], since: Date
    ) throws -> [MetricPoint]

    /// What the verdicts on a host said last time.
    func verdicts(host: String) throws -> [Verdict.Key: VerdictMemory]

    /// Keeps a round: every sample, every verdict. Written once for all hosts.
    func record(_ health: FleetHealth) throws
}
