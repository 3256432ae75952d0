/// Whether the generator charges the battery, and by which evidence.
public struct ChargingVerdict: Sendable, Equatable {
    /// The answer.
    public enum Answer: Sendable, Equatable {
        /// The charger is open, so the question does not arise.
        case chargerOpen
        /// It does.
        case charging
        /// It does not.
        case notCharging
        /// There is nothing to judge by, or nothing has shown yet.
        case unknown
    }

    /// One sign.
    public enum Evidence: Sendable, Hashable, CaseIterable {
        /// Register 98 is positive. A supporting sign only.
        case currentPositive
        /// The state of charge has risen since the charger closed.
        case socRising
        /// The voltage has risen since the charger closed.
        case voltageRising
        /// The battery gives less than the house takes, and the sun does not explain it.
        case dischargeBelowLoad
        /// State of charge and voltage both fall.
        case bothFalling

        /// For people.
        public var text: String {
            switch self {
            case .currentPositive: "battery current positive"
            case .socRising: "SOC rising"
            case .voltageRising: "voltage rising"
            case .dischargeBelowLoad: "discharge lower than load"
            case .bothFalling: "SOC and voltage falling"
            }
        }
    }

    /// The answer.
    public var answer: Answer
    /// What speaks for it, the strongest first.
    public var evidence: [Evidence]

    /// A verdict from its parts.
    public init(answer: Answer, evidence: [Evidence]) {
        self.answer = answer
        self.evidence = evidence
    }

    /// For people.
    public var text: String {
        let signs = evidence.map { $0.text }.joined(separator: ", ")
        switch answer {
        case .chargerOpen: return "charger open"
        case .charging: return "charging (" + signs + ")"
        case .notCharging: return "NOT charging" + (signs.isEmpty ? "" : " (" + signs + ")")
        case .unknown: return "charging unknown"
        }
    }
}

/// Judges by what has changed since the charger closed: its power is measured by nobody.
struct ChargingJudge {
    /// The voltage must have moved by so much to count.
    private static var voltageStepMillivolts: Int { 200 }
    /// What the inverter itself takes, and the error of its meters: a smaller gap says nothing.
    private static var meterErrorWatts: Int { 100 }
    /// Signs that compare two moments look back so far at most.
    private static var window: Duration { .seconds(600) }

    /// The reading before the charger closed, and one of up to ten minutes ago.
    private var baseline: (reading: BatteryReading, at: Duration)?
    private var earlier: (reading: BatteryReading, at: Duration)?
    private var last: BatteryReading?
    private(set) var closedSince: Duration?
    private(set) var verdict = ChargingVerdict(answer: .chargerOpen, evidence: [])
    /// Since when nothing has spoken for charging.
    private(set) var withoutChargeSince: Duration?

    /// What the relay of the charger does. Nil, not known, changes nothing.
    mutating func charger(isClosed: Bool?, at now: Duration) {
        switch isClosed {
        case true? where closedSince == nil:
            closedSince = now
            baseline = last.map { ($0, now) }
            earlier = baseline
            withoutChargeSince = now
            verdict = ChargingVerdict(answer: .unknown, evidence: [])
        case false?:
            closedSince = nil
            withoutChargeSince = nil
            verdict = ChargingVerdict(answer: .chargerOpen, evidence: [])
        default: break
        }
    }

    /// Takes a reading that can be believed.
    mutating func take(_ reading: BatteryReading, at now: Duration) {
        defer { last = reading }
        guard closedSince != nil else { return }
        guard let baseline else {
            self.baseline = (reading, now)
            earlier = (reading, now)
            return
        }
        if let before = earlier, now - before.at >= Self.window * 2 { earlier = (reading, now) }
        verdict = judge(reading, since: baseline.reading, and: earlier?.reading)
        // Not known is not charging either: it is for the battery's own alarm to say what is wrong.
        if verdict.answer == .charging { withoutChargeSince = now }
    }

    /// How long the charger has been closed without a sign of charging.
    func timeWithoutCharge(at now: Duration) -> Duration {
        withoutChargeSince.map { now - $0 } ?? .zero
    }

    private func judge(
        _ now: BatteryReading, since start: BatteryReading, and earlier: BatteryReading?
    ) -> ChargingVerdict {
        let recent = earlier ?? start
        let socFalls = Self.change(now.soc, recent.soc).map { $0 < 0 } ?? false
        let voltageFalls =
            Self.change(now.millivolts, recent.millivolts).map {
                $0 <= -Self.voltageStepMillivolts
            } ?? false
        if socFalls && voltageFalls {
            return ChargingVerdict(answer: .notCharging, evidence: [.bothFalling])
        }
        var signs: [ChargingVerdict.Evidence] = []
        if let current = now.milliamperes, current > 0 { signs.append(.currentPositive) }
        if let change = Self.change(now.soc, recent.soc), change > 0 { signs.append(.socRising) }
        if let change = Self.change(now.millivolts, start.millivolts),
            change >= Self.voltageStepMillivolts
        {
            signs.append(.voltageRising)
        }
        if let out = now.dischargeWatts, let load = now.loadWatts, let sun = now.solarWatts,
            out + sun + Self.meterErrorWatts < load
        {
            signs.append(.dischargeBelowLoad)
        }
        if !signs.isEmpty { return ChargingVerdict(answer: .charging, evidence: signs) }
        let isKnown = now.soc != nil && now.millivolts != nil
        return ChargingVerdict(answer: isKnown ? .notCharging : .unknown, evidence: [])
    }

    private static func change(_ now: Int?, _ before: Int?) -> Int? {
        guard let now, let before else { return nil }
        return now - before
    }
}
