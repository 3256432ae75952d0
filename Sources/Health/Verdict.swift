import Foundation

/// What one check says of one thing on one host.
public struct Verdict: Sendable, Equatable {
    /// Which check: lower case with dashes, the same in every version: `disk-space`.
    public var check: String
    /// The host, by its name in the inventory.
    public var host: String
    /// The service that it is about; nil where it is about the host.
    public var service: String?
    /// Which of several: `/var`, `eth0`, a unit's name.
    public var object: String?
    /// How grave it is.
    public var level: HealthLevel
    /// What was seen, one sentence without a full stop: "/ is 95 % full, 310 MiB free".
    public var summary: String
    /// Since when it says so, by the history; nil where that is not known.
    public var since: Date?
    /// What to do: one sentence, or a command.
    public var advice: String?
    /// The file in `Runbooks/` that leads through it, without `.md`.
    public var runbook: String?

    /// A verdict from its parts.
    public init(
        _ check: String, host: String, service: String? = nil, object: String? = nil,
        _ level: HealthLevel, _ summary: String, since: Date? = nil, advice: String? = nil,
        runbook: String? = nil
    ) {
        self.check = check
        self.host = host
        self.service = service
        self.object = object
        self.level = level
        self.summary = summary
        self.since = since
        self.advice = advice
        self.runbook = runbook
    }

    /// What makes two verdicts of different times be about the same thing.
    public struct Key: Sendable, Hashable {
        /// The host.
        public var host: String
        /// Which check.
        public var check: String
        /// The service; nil where it is about the host.
        public var service: String?
        /// Which of several.
        public var object: String?

        /// A key from its parts.
        public init(host: String, check: String, service: String? = nil, object: String? = nil) {
            self.host = host
            self.check = check
            self.service = service
            self.object = object
        }
    }

    /// What this verdict is about.
    public var key: Key { Key(host: host, check: check, service: service, object: object) }
}

/// A verdict of the past, as the history remembers it: what hysteresis and "since" are made of.
public struct VerdictMemory: Sendable, Equatable {
    /// How grave it was last time.
    public var level: HealthLevel
    /// When it began to be that grave.
    public var since: Date

    /// A memory from its parts.
    public init(level: HealthLevel, since: Date) {
        self.level = level
        self.since = since
    }
}
