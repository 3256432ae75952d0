import Foundation

/// What the history knows of one host: what trends, hysteresis and "since when" are made of.
public struct HealthPast: Sendable, Equatable {
    /// Which series.
    public struct Series: Sendable, Hashable {
        /// Its name, as in ``MetricSample``.
        public var name: String
        /// Its labels.
        public var labels: [String: String]

        /// A series by its name.
        public init(_ name: String, labels: [String: String] = [:]) {
            self.name = name
            self.labels = labels
        }
    }

    /// What the checks said last time.
    public var verdicts: [Verdict.Key: VerdictMemory]
    /// Points, oldest first.
    public var series: [Series: [MetricPoint]]

    /// A past; nothing is known by default.
    public init(
        verdicts: [Verdict.Key: VerdictMemory] = [:], series: [Series: [MetricPoint]] = [:]
    ) {
        self.verdicts = verdicts
        self.series = series
    }

    /// The points of a series; empty where there are none.
    public func points(_ name: String, labels: [String: String] = [:]) -> [MetricPoint] {
        series[Series(name, labels: labels)] ?? []
    }

    /// How far back trends look.
    public static let window: TimeInterval = 7 * 86_400

    /// The series that the checks ask for, of samples just read.
    public static func wanted(_ samples: [MetricSample]) -> [Series] {
        let names: Set = [
            "boot_time_seconds", "disk_used_ratio", "service_memory_bytes", "service_threads",
            "service_restarts_total", "generator_clients", "battery_volts",
            "network_errors_total", "network_packets_total",
        ]
        return samples.filter { names.contains($0.name) }.map { Series($0.name, labels: $0.labels) }
    }
}

/// A history that forgets when the program ends.
public final class MemoryHistory: MetricHistory, @unchecked Sendable {
    // Unchecked: everything below is touched with the lock held.
    private let lock = NSLock()
    private var verdicts: [Verdict.Key: VerdictMemory] = [:]
    private var points: [String: [HealthPast.Series: [MetricPoint]]] = [:]
    /// Points of one series; a watch that runs for days keeps its latest.
    private static let pointsMax = 5000

    /// An empty history.
    public init() {}

    /// The points of one series, oldest first.
    public func series(
        host: String, name: String, labels: [String: String], since: Date
    ) -> [MetricPoint] {
        lock.withLock {
            (points[host]?[HealthPast.Series(name, labels: labels)] ?? [])
                .filter { $0.time >= since.timeIntervalSince1970 }
        }
    }

    /// What the verdicts on a host said last time.
    public func verdicts(host: String) -> [Verdict.Key: VerdictMemory] {
        lock.withLock { verdicts.filter { $0.key.host == host } }
    }

    /// Keeps a round.
    public func record(_ health: FleetHealth) {
        lock.withLock {
            for host in health.hosts {
                verdicts = verdicts.filter { $0.key.host != host.host }
                for verdict in host.verdicts {
                    verdicts[verdict.key] = VerdictMemory(
                        level: verdict.level, since: verdict.since ?? host.takenAt)
                }
                for sample in host.samples {
                    let series = HealthPast.Series(sample.name, labels: sample.labels)
                    var all = points[host.host]?[series] ?? []
                    all.append(
                        MetricPoint(
                            time: host.takenAt.timeIntervalSince1970, value: sample.value))
                    points[host.host, default: [:]][series] = all.suffix(Self.pointsMax)
                }
            }
        }
    }
}
