import GeneratorWire
import MonitorLog

/// What `readings.sh` read of one service besides what is read of all.
public struct ServiceReadings: Sendable, Equatable {
    /// Its unit; nil on a host without systemd.
    public var unit: String?
    /// What the supervisor of a board says; nil where none was asked.
    public var supervisor: Measured<Supervisor>?
    /// The last lines of a board's log that look like errors.
    public var logErrors: [String] = []
    /// The generator server's STATUS; nil where it is none.
    public var generator: Measured<GeneratorStatus>?
    /// The monitor's status file; nil where it is no monitor.
    public var monitor: Measured<[String: String]>?
    /// The monitor's newest file; nil where it is no monitor.
    public var csv: Measured<LogFile>?
    /// What the monitor logged of the generator, oldest first; nil where it is no monitor.
    public var runs: Measured<[HostReadings.LogLine]>?
    /// The numbers that it writes to a file; nil where it writes none.
    public var metrics: Measured<MetricsFile>?
    /// When files that matter were written, in seconds since 1970, by path.
    public var files: [String: Measured<Double>] = [:]

    /// The monitor's newest file.
    public struct LogFile: Sendable, Equatable {
        /// Its path.
        public var path: String
        /// When it was written, in seconds since 1970.
        public var modified: Double?
        /// Its last whole row; nil where its end holds none.
        public var lastRow: MonitorRow?
    }

    /// Numbers that a service wrote.
    public struct MetricsFile: Sendable, Equatable {
        /// When, in seconds since 1970 by the host's clock.
        public var modified: Double
        /// The numbers, under the service's own names.
        public var samples: [MetricSample]
    }

    /// A board's supervisor.
    public struct Supervisor: Sendable, Equatable {
        /// `running`, `stopped` or `unknown`.
        public var state: String
        /// The service's process.
        public var pid: Int?
        /// How often it was started anew.
        public var restarts: Int?
        /// When it was started, in seconds since 1970.
        public var since: Double?
    }
}
