import Foundation

/// One deploy of one service to one host, as it is remembered on the operator's machine.
public struct DeployRecord: Sendable, Equatable {
    /// How a deploy ended.
    public enum Outcome: Sendable, Equatable {
        /// The new release runs and is healthy.
        case deployed
        /// It failed, and nothing changed.
        case failed
        /// The host went back to the previous release.
        case rolledBack
        /// The gate was closed; nothing changed.
        case deferred
        /// The end is not known: the link was lost, or fleetctl was stopped.
        case unknown
        /// A step of `audit --fix` was done.
        case mended
        /// A word that another version of fleetctl wrote.
        case other(String)
    }

    /// Names the deploy; never used twice.
    public var id: UUID
    /// When it began.
    public var started: Date
    /// When it ended.
    public var finished: Date
    /// The inventory's name.
    public var fleet: String
    /// The host's name in the inventory.
    public var host: String
    /// The service's name in the inventory.
    public var service: String
    /// The release that was to run.
    public var release: String
    /// The release that ran before, where there was one.
    public var previous: String?
    /// How it ended.
    public var outcome: Outcome
    /// What is to be said about the end: the error, or how long the relays had no master.
    public var detail: String
    /// Who ran fleetctl.
    public var user: String
    /// The commit that the release was built from, where it is known.
    public var commit: String?
    /// fleetctl's own version.
    public var clientVersion: String

    /// A record from its parts.
    public init(
        id: UUID = UUID(), started: Date, finished: Date, fleet: String, host: String,
        service: String, release: String, previous: String?, outcome: Outcome, detail: String = "",
        user: String, commit: String?, clientVersion: String
    ) {
        self.id = id
        self.started = started
        self.finished = finished
        self.fleet = fleet
        self.host = host
        self.service = service
        self.release = release
        self.previous = previous
        self.outcome = outcome
        self.detail = detail
        self.user = user
        self.commit = commit
        self.clientVersion = clientVersion
    }
}

extension DeployRecord.Outcome {
    private static let words: [(word: String, outcome: Self)] = [
        ("deployed", .deployed), ("failed", .failed), ("rolled-back", .rolledBack),
        ("deferred", .deferred), ("unknown", .unknown), ("mended", .mended),
    ]

    /// The outcome that a word of the history means.
    public init(_ word: String) {
        self = Self.words.first { $0.word == word }?.outcome ?? .other(word)
    }

    /// The word for it in the history and in JSON.
    public var word: String {
        if case .other(let word) = self { return word }
        return Self.words.first { $0.outcome == self }?.word ?? "unknown"
    }
}
