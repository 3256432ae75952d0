/// What the inverter says of the battery at one moment. Nil is unknown.
public struct BatteryReading: Sendable, Equatable {
    /// State of charge, 0 to 100 %.
    public var soc: Int?
    /// Battery voltage.
    public var millivolts: Int?
    /// Battery current, positive into it.
    public var milliamperes: Int?
    /// Out of the battery.
    public var dischargeWatts: Int?
    /// From the sun into the battery.
    public var chargeWatts: Int?
    /// From the sun.
    public var solarWatts: Int?
    /// What the house takes.
    public var loadWatts: Int?
    /// Over all registers that were read, so that frozen ones are noticed.
    public var fingerprint: UInt64

    /// A reading from its parts.
    public init(
        soc: Int? = nil, millivolts: Int? = nil, milliamperes: Int? = nil,
        dischargeWatts: Int? = nil, chargeWatts: Int? = nil, solarWatts: Int? = nil,
        loadWatts: Int? = nil, fingerprint: UInt64 = 0
    ) {
        self.soc = soc
        self.millivolts = millivolts
        self.milliamperes = milliamperes
        self.dischargeWatts = dischargeWatts
        self.chargeWatts = chargeWatts
        self.solarWatts = solarWatts
        self.loadWatts = loadWatts
        self.fingerprint = fingerprint
    }
}

/// Whether the readings can be believed.
public enum Trust: Sendable, Equatable {
    /// They can.
    case good
    /// There is no state of charge, or there never was a reading.
    case unknown
    /// The last one is so old.
    case stale(Duration)
    /// Not one register has changed for so long.
    case frozen(Duration)
    /// The state of charge is not where it can have come to, in percent.
    case jumped(from: Int, to: Int)
    /// The voltage says that the state of charge cannot be so low.
    case contradicted(soc: Int, millivolts: Int)
}

/// Judges the readings by each other: age, frozen registers, jumps, voltage against charge.
struct ReadingJudge {
    /// The limit of a jump grows for so long at most.
    private static var jumpMemory: Duration { .seconds(900) }

    let settings: BatterySettings
    private(set) var last: BatteryReading?
    private(set) var lastAt: Duration?
    private(set) var unchangedSince: Duration?
    private(set) var believed: (soc: Int, at: Duration)?
    private(set) var jumped: (soc: Int, since: Duration)?
    /// When the latest jump came.
    private(set) var jumpedAt: Duration?
    /// Readings jump to and fro: until then nothing is believed, and only what has stood ends it.
    private(set) var calm: (until: Duration, from: Int, to: Int)?
    private(set) var contradicted: (soc: Int, millivolts: Int)?

    init(_ settings: BatterySettings) { self.settings = settings }

    /// Takes a reading. One without a state of charge says that there is none.
    mutating func take(_ reading: BatteryReading, at now: Duration) {
        if reading.fingerprint != last?.fingerprint || unchangedSince == nil {
            unchangedSince = now
        }
        last = reading
        lastAt = now
        guard let soc = reading.soc else { return }
        contradicted = contradiction(soc, reading)
        if let before = believed, isUnsettled(soc, after: before, at: now) {
            return doubt(soc, after: before.soc, at: now)
        }
        believed = (soc, now)
        jumped = nil
    }

    /// Whether the last reading can be believed at this moment.
    func trust(at now: Duration) -> Trust {
        guard let last, let lastAt, let soc = last.soc else { return .unknown }
        if now - lastAt > settings.ageMax { return .stale(now - lastAt) }
        if let unchangedSince, now - unchangedSince >= settings.frozenAfter {
            return .frozen(now - unchangedSince)
        }
        if let calm, now < calm.until { return .jumped(from: calm.from, to: calm.to) }
        if jumped != nil, let believed { return .jumped(from: believed.soc, to: soc) }
        if let contradicted {
            return .contradicted(soc: contradicted.soc, millivolts: contradicted.millivolts)
        }
        return .good
    }

    /// A jump is believed once it has stayed; until then it moves only as a battery can.
    private mutating func doubt(_ soc: Int, after last: Int, at now: Duration) {
        guard let before = jumped, abs(soc - before.soc) <= settings.jumpBase * 2 else {
            if let jumpedAt, now - jumpedAt < settings.jumpSettle {
                calm = (now + settings.jumpCalm, last, soc)
            }
            jumpedAt = now
            jumped = (soc, now)
            return
        }
        if now - before.since >= settings.jumpSettle {
            believed = (soc, now)
            jumped = nil
            if let calm, now >= calm.until { self.calm = nil }
        }
    }

    /// Whether a value must stand before it is believed: one from where a battery cannot have come,
    /// and any among values that jump to and fro, as one of them may fit by chance.
    private func isUnsettled(
        _ soc: Int, after before: (soc: Int, at: Duration), at now: Duration
    ) -> Bool {
        if calm != nil, jumped != nil { return true }
        return abs(soc - before.soc) > allowance(now - before.at)
    }

    private func allowance(_ time: Duration) -> Int {
        let minutes = min(time, Self.jumpMemory).components.seconds / 60
        return settings.jumpBase + settings.jumpPerMinute * Int(minutes)
    }

    private func contradiction(_ soc: Int, _ reading: BatteryReading) -> (Int, Int)? {
        guard soc < 40, let millivolts = reading.millivolts else { return nil }
        var limit = settings.lowSocMillivoltsMax - (40 - soc) / 5 * 200
        let isCharged =
            (reading.milliamperes ?? 0) > 0 || (reading.chargeWatts ?? 0) > 0 || chargerIsClosed
        if isCharged { limit += settings.chargingMillivolts }
        return millivolts > limit ? (soc, millivolts) : nil
    }

    /// The generator's charger lifts the voltage, and the inverter does not measure it.
    var chargerIsClosed = false
}
