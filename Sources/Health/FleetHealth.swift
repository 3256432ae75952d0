import Foundation

/// How a fleet is at one time: table, JSON, Prometheus, Nagios, MQTT and HTML are made from this.
public struct FleetHealth: Sendable, Equatable {
    /// The fleet's name.
    public var fleet: String
    /// When it was asked, by the clock of the machine that asked.
    public var takenAt: Date
    /// The hosts, in the order of the inventory.
    public var hosts: [HostHealth]

    /// A fleet's health from its parts.
    public init(fleet: String, takenAt: Date, hosts: [HostHealth]) {
        self.fleet = fleet
        self.takenAt = takenAt
        self.hosts = hosts
    }

    /// The gravest of all hosts.
    public var level: HealthLevel { .worst(hosts.map(\.level)) }

    /// Every verdict, the gravest first; of one gravity in the order of the hosts.
    public var verdicts: [Verdict] {
        let all = hosts.flatMap(\.verdicts)
        return HealthLevel.allCases.sorted(by: >).flatMap { level in
            all.filter { $0.level == level }
        }
    }
}

/// How one host is.
public struct HostHealth: Sendable, Equatable {
    /// Whether it could be asked.
    public enum Answer: Sendable, Equatable {
        /// It answered, and its answer made sense.
        case answered
        /// It could not be reached, or what it answered cannot be used; why.
        case unreachable(String)
        /// It refused the login, or its host key is not the one known; why.
        case notPermitted(String)

        /// Why it could not be asked; nil where it answered.
        public var reason: String? {
            switch self {
            case .answered: nil
            case .unreachable(let reason), .notPermitted(let reason): reason
            }
        }
    }

    /// The host, by its name in the inventory.
    public var host: String
    /// Whether it could be asked.
    public var answer: Answer
    /// When its answer was there, by the clock of the machine that asked.
    public var takenAt: Date
    /// How long it took to ask it, connection included.
    public var seconds: Double
    /// What was read, for people; nothing where it did not answer.
    public var facts: [Fact]
    /// What was read, as numbers.
    public var samples: [MetricSample]
    /// What the checks say.
    public var verdicts: [Verdict]
    /// Its services.
    public var services: [ServiceHealth]

    /// A host's health from its parts.
    public init(
        host: String, answer: Answer, takenAt: Date, seconds: Double, facts: [Fact] = [],
        samples: [MetricSample] = [], verdicts: [Verdict] = [], services: [ServiceHealth] = []
    ) {
        self.host = host
        self.answer = answer
        self.takenAt = takenAt
        self.seconds = seconds
        self.facts = facts
        self.samples = samples
        self.verdicts = verdicts
        self.services = services
    }

    /// The gravest of its verdicts.
    public var level: HealthLevel { .worst(verdicts.map(\.level)) }
}

/// Something that was read, for people.
public struct Fact: Sendable, Equatable {
    /// What it belongs to: `host`, `disk`, `memory`, `clock`, `units`, `network`, `generator`,
    /// `battery`.
    public var group: String
    /// What it is: `uptime`, `/var`, `state of charge`.
    public var key: String
    /// The value with its unit, or why it is unknown.
    public var text: Measured<String>

    /// A fact from its parts.
    public init(_ group: String, _ key: String, _ text: Measured<String>) {
        self.group = group
        self.key = key
        self.text = text
    }
}

/// How one service on one host is.
public struct ServiceHealth: Sendable, Equatable {
    /// Its name in the inventory.
    public var service: String
    /// `running`, `stopped`, `failed`, `restarting`, or as the host calls it.
    public var state: Measured<String>
    /// Since when it is in that state.
    public var since: Measured<Date>
    /// Times that it was started anew since the unit was started.
    public var restarts: Measured<Int>
    /// Memory that its processes use, in bytes.
    public var memory: Measured<Int>
    /// Memory that it may use, in bytes.
    public var memoryLimit: Measured<Int>
    /// Threads of all its processes.
    public var threads: Measured<Int>
    /// The release that `current` names.
    public var release: Measured<String>
    /// Its ports, in the inventory's order, and who listens there.
    public var ports: [Port]
    /// Last lines of its log that are errors, made printable, oldest first.
    public var errors: [String]
    /// What the checks say of it.
    public var level: HealthLevel

    /// A port that the inventory gives to a service.
    public struct Port: Sendable, Equatable {
        /// Such as `tcp/9999`.
        public var claim: String
        /// `nobody`, or the processes with their control groups.
        public var owner: Measured<String>

        /// A port from its parts.
        public init(_ claim: String, owner: Measured<String>) {
            self.claim = claim
            self.owner = owner
        }
    }

    /// A service of which nothing is known yet.
    public init(service: String, reason: String = "it was not asked") {
        self.service = service
        state = .unknown(reason)
        since = .unknown(reason)
        restarts = .unknown(reason)
        memory = .unknown(reason)
        memoryLimit = .unknown(reason)
        threads = .unknown(reason)
        release = .unknown(reason)
        ports = []
        errors = []
        level = .unknown
    }
}
