/// What a host keeps of the releases of its services, as `releases.sh` tells it.
public struct ReleaseListing: Sendable, Equatable {
    /// By the services' names.
    public var services: [String: ServiceReleases] = [:]
    /// What was removed, where that was asked for.
    public var removed: [ReleaseName] = []
    /// What could not be removed.
    public var notRemoved: [ReleaseName] = []
    /// Nothing was removed, since a deploy is under way.
    public var isBusy = false

    /// An empty listing.
    public init() {}
}

/// A release of a service.
public struct ReleaseName: Sendable, Hashable {
    /// The service's name.
    public var service: String
    /// The release.
    public var release: ReleaseID

    /// A name from its parts.
    public init(service: String, release: ReleaseID) {
        self.service = service
        self.release = release
    }
}

/// The releases of one service on one host.
public struct ServiceReleases: Sendable, Equatable {
    /// What `current` points to.
    public var current: ReleaseID?
    /// What is on the disk.
    public var releases: [StoredRelease] = []
    /// The service's lines of the host's log, oldest first: JSON objects by the word of the host.
    public var log: [String] = []

    /// No releases yet.
    public init() {}
}

/// One release on a host's disk.
public struct StoredRelease: Sendable, Equatable {
    /// Its name.
    public var id: ReleaseID
    /// When its folder was last changed, in seconds since 1970 by the host's clock.
    public var modified: Int?
    /// Its size on the disk.
    public var kibibytes: Int
    /// Whether a process was started from it.
    public var isInUse: Bool
    /// What was noted when it came: a JSON object by the word of the host.
    public var about: String?
    /// The lines of its units, by name.
    public var units: [String: [String]] = [:]

    /// A release from its parts.
    public init(
        id: ReleaseID, modified: Int?, kibibytes: Int, isInUse: Bool, about: String? = nil
    ) {
        self.id = id
        self.modified = modified
        self.kibibytes = kibibytes
        self.isInUse = isInUse
        self.about = about
    }
}

/// Reads what `releases.sh` printed. The host is not trusted: what makes no sense is left out.
public struct ReleaseListingParser {
    /// Why the answer cannot be used.
    public enum Failure: Error, Sendable, Equatable {
        /// It does not begin as such an answer does; its first line.
        case notAListing(String)
        /// It breaks off: the last record is missing.
        case cutOff
    }

    private var listing = ReleaseListing()
    private var service: String?
    private var unit: String?

    /// The listing in the script's output.
    public static func parse(_ output: [UInt8]) throws(Failure) -> ReleaseListing {
        let lines = output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard let first = lines.first, first == "fleet-releases\t1" else {
            throw .notAListing(String((lines.first ?? "").prefix(120)))
        }
        guard lines.last(where: { !$0.isEmpty }) == "end" else { throw .cutOff }
        var parser = ReleaseListingParser()
        for line in lines.dropFirst() {
            if line.first == "|" {
                parser.takeText(String(line.dropFirst()))
            } else {
                let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
                parser.take(String(fields[0]), fields.dropFirst().map(String.init))
            }
        }
        return parser.listing
    }

    private mutating func take(_ key: String, _ values: [String]) {
        switch (key, values.count) {
        case ("service", 2):
            service = values[0]
            var found = ServiceReleases()
            found.current = ReleaseID(values[1])
            listing.services[values[0]] = found
        case ("release", 4): takeRelease(values)
        case ("about", 1): withLast { $0.about = values[0] }
        case ("unit", 1):
            unit = values[0]
            withLast { $0.units[values[0]] = [] }
        case ("log", 1): if let service { listing.services[service]?.log.append(values[0]) }
        case ("removed", 2), ("failed", 2), ("kept", 2): takeEnd(key, values)
        case ("busy", 0): listing.isBusy = true
        default: break
        }
    }

    private mutating func takeRelease(_ values: [String]) {
        unit = nil
        guard let service, let id = ReleaseID(values[0]), let size = Int(values[2]), size >= 0
        else { return }
        listing.services[service]?.releases.append(
            StoredRelease(
                id: id, modified: Int(values[1]), kibibytes: size, isInUse: values[3] == "yes"))
    }

    private mutating func takeEnd(_ key: String, _ values: [String]) {
        guard let release = ReleaseID(values[1]) else { return }
        let name = ReleaseName(service: values[0], release: release)
        if key == "removed" {
            listing.removed.append(name)
        } else {
            listing.notRemoved.append(name)
        }
    }

    private mutating func takeText(_ line: String) {
        guard let unit else { return }
        withLast { $0.units[unit]?.append(line) }
    }

    private mutating func withLast(_ change: (inout StoredRelease) -> Void) {
        guard let service, let last = listing.services[service]?.releases.indices.last else {
            return
        }
        if var release = listing.services[service]?.releases[last] {
            change(&release)
            listing.services[service]?.releases[last] = release
        }
    }
}
