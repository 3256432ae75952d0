import Audit
import Foundation
import Health

/// What the report is made from: everything that was asked of the hosts, the history and the CSV
/// files, at one time.
public struct FleetReport: Sendable {
    /// A host of which something could not be had, and why.
    public struct Gap: Sendable, Equatable {
        /// The host, by its name in the inventory.
        public var host: String
        /// Why.
        public var reason: String

        /// A gap from its parts.
        public init(host: String, reason: String) {
            self.host = host
            self.reason = reason
        }
    }

    /// A release that a host keeps.
    public struct Release: Sendable, Equatable {
        /// Where it is.
        public var host: String
        /// Of which service it is.
        public var service: String
        /// Its name.
        public var release: String
        /// What became of it: `current`, `previous`, `failed` …
        public var state: String
        /// When it came, by the host's clock.
        public var time: Date?
        /// Who brought it.
        public var owner: String?
        /// What it was built from.
        public var commit: String?

        /// A release from its parts.
        public init(
            host: String, service: String, release: String, state: String, time: Date?,
            owner: String?, commit: String?
        ) {
            self.host = host
            self.service = service
            self.release = release
            self.state = state
            self.time = time
            self.owner = owner
            self.commit = commit
        }
    }

    /// How the hosts are.
    public var health: FleetHealth
    /// What the audit found.
    public var findings: [Finding] = []
    /// Hosts that could not be audited.
    public var auditGaps: [Gap] = []
    /// The releases that the hosts keep.
    public var releases: [Release] = []
    /// Hosts whose releases could not be listed.
    public var releaseGaps: [Gap] = []
    /// Charts of a host's past, by its name.
    public var trends: [String: [Chart]] = [:]
    /// Battery, power and generator, by the monitors whose files could be had.
    public var plants: [Plant] = []
    /// Hosts whose monitor's files could not be had.
    public var plantGaps: [Gap] = []
    /// What else the reader must know: a history that could not be read.
    public var notes: [String] = []
    /// The version of fleetctl.
    public var version: String

    /// A report of a fleet's health; the rest is added.
    public init(_ health: FleetHealth, version: String) {
        self.health = health
        self.version = version
    }

    /// The report as one HTML file that needs nothing else, UTF-8. Pure: the same report in the
    /// same time zone is the same file.
    public func html(_ clock: ReportClock) -> [UInt8] {
        var html = HTMLWriter()
        ReportPage(report: self, clock: clock).write(into: &html)
        return html.bytes
    }
}

/// Most of what the page lists. A host that says too much must not hide the others.
enum PageLimit {
    static let verdicts = 200
    static let verdictsPerHost = 50
    static let findings = 500
    static let releases = 1000
    static let factsPerGroup = 60
    static let servicesPerHost = 50
    static let errorLines = 20
    static let runs = 30
    static let chartsPerHost = 6
    static let plants = 20
    static let notesPerPlant = 20
}
