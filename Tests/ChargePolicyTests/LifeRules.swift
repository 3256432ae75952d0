import ChargePolicy
import GeneratorCore
import PlantSimulator

/// What must hold of a whole plant under the policy, judged by what is true and not by what the
/// policy was told.
///
/// The times are *well* while the monitor's process runs, the server is reachable, the inverter
/// tells the truth, the engine is in order, nobody holds the generator or has it in hand, no
/// operator has stopped a run within the pause, and the policy is neither in `error` nor waiting
/// after a failed start. Once they have been well for ``settling`` without a break,
/// - a battery below its threshold is being charged within ``reaction``: hold, rest, a start and
///   one run that has just ended;
/// - its charge is never more than ten points below the threshold, or below what it was when the
///   times had become well;
/// - a run for the battery's sake ends within ``reaction`` after the charge was reached;
/// - the policy does not stand idle beside a running engine, nor stay in `stopping`.
///
/// Whatever the times, the engine never runs longer under the monitor's eyes than `runMax` and what
/// start, cooldown and polls take: a quarter of an hour, and as much for this simulation's seldom
/// looks at a generator that stands. Where the monitor is dead or cut off, a run of the own server
/// ends with its lease, and at the latest with its own limit of six hours; the legacy server ends no
/// run, so there only the tank does, or the monitor that comes back and remembers it.
///
/// No start for the battery's sake while the battery is five points above the threshold or more,
/// except where no rule of trust can know it: a wrong value that has stood for `jumpSettle`, was
/// there before the process, or lies where a battery can have come to by then, registers that have been frozen for less than `frozenAfter` of the
/// process's time, random values in the first five minutes of a process.
struct LifeRules {
    static let settling = 45 * 60_000
    static let reaction = 30 * 60_000

    private(set) var broken: String?
    /// How often each thing went wrong.
    var toll: [LifeFaults.Kind: Int] = [:]
    /// Starts on wrong data that nobody could know to be wrong.
    private(set) var deceived = 0
    private(set) var wellHours = 0.0
    /// The lowest true charge in well times, in percent.
    private(set) var lowest = 100.0
    var pausedUntil = 0
    private var wellSince: Int?
    private var lowSince: Int?
    private var reachedSince: Int?
    private var stoppingSince: Int?
    private var floor: Double?
    private var judgedAt = 0
    private var wasQuiet = false
    /// How long the engine has run under the monitor's eyes, in milliseconds.
    private var watchedRun = 0

    mutating func complain(_ text: String) { broken = broken ?? text }

    /// An automatic start for the battery's sake: does the battery need it?
    mutating func judgeStart(_ life: SimulatedLife) {
        guard let policy = life.policy, case .soc(let soc, let below)? = policy.runReason else {
            return
        }
        if let millivolts = life.reading.millivolts {
            let isCharged =
                (life.reading.chargeWatts ?? 0) > 0 || (life.reading.milliamperes ?? 0) > 0
            let most = 54_000 - (40 - soc) / 5 * 200 + (isCharged ? 2_000 : 0)
            if millivolts > most { complain("START at \(soc) % with \(millivolts) mV") }
        }
        let truth = life.plant.stateOfChargePercent
        guard truth > Double(below) + 5 else { return }
        deceived += 1
        let faults = life.faults
        let now = life.now
        var isExcused = false
        if now < faults.frozenUntil {
            isExcused = now - max(faults.frozenSince, life.bornAt) <= 1_260_000
        } else if now < faults.bogusUntil {
            let age = now - faults.bogusSince
            isExcused =
                faults.bogus == nil
                ? age > now - life.bornAt && now - life.bornAt < 300_000
                : age >= 900_000 || life.bornAt >= faults.bogusSince
                    || abs(faults.trueBefore - soc) <= 3 + age / 60_000
        }
        if !isExcused {
            complain(
                "START at \(soc) %, and in truth \(Int(truth)) %; \(faults); born \(life.bornAt)")
        }
    }

    /// How long the engine runs.
    mutating func noteRun(_ life: SimulatedLife, _ time: Int) {
        if life.policy != nil, life.isReachable { watchedRun += time }
        let most = Int(life.settings.runMax.components.seconds) * 1_000 + 1_800_000
        if watchedRun > most { complain("the engine has run for \(watchedRun / 60_000) min") }
        if life.server.kind == .own, life.plant.engine.runSeconds > 6 * 3_600 + 900 {
            complain("the engine has run for \(Int(life.plant.engine.runSeconds)) s")
        }
    }

    /// The engine stands.
    mutating func noteRest() { watchedRun = 0 }

    mutating func judge(_ life: SimulatedLife) {
        let now = life.now
        defer { judgedAt = now }
        guard let policy = life.policy, isWell(life, policy) else {
            wellSince = nil
            floor = nil
            lowSince = nil
            reachedSince = nil
            stoppingSince = nil
            return
        }
        let since = wellSince ?? now
        wellSince = since
        guard now - since >= Self.settling else { return }
        wellHours += Double(min(now - judgedAt, 900_000)) / 3_600_000
        judgeCharge(life, policy)
        judgeState(life, policy)
    }

    private func isWell(_ life: SimulatedLife, _ policy: ChargePolicy) -> Bool {
        if !life.isReachable || life.faults.areReadingsBad(at: life.now) { return false }
        if life.faults.isEngineBad || life.now < pausedUntil { return false }
        switch policy.state {
        case .error, .errorRecovery: return false
        case .idle, .starting, .running, .stopping: break
        }
        switch life.server.machine.state {
        case .held, .manual, .runningWithoutCharger: return false
        default: return true
        }
    }

    private mutating func judgeCharge(_ life: SimulatedLife, _ policy: ChargePolicy) {
        let settings = life.settings
        let charge = life.plant.stateOfChargePercent
        lowest = min(lowest, charge)
        let minute = Int(life.plant.secondOfDay) / 60
        let isQuiet = settings.quietHours?.contains(minute) ?? false
        let usual = settings.quietHours == nil ? settings.socStart : settings.quietSocStart
        let floor = self.floor ?? min(Double(usual), charge)
        self.floor = floor
        if charge < floor - 10 { complain("battery at \(charge) %, floor \(floor) - 10") }

        let limit = isQuiet ? settings.quietSocStart : settings.socStart
        let isLow = charge < Double(limit) && !life.plant.isCharging
        if !isLow || isQuiet != wasQuiet { lowSince = nil }
        wasQuiet = isQuiet
        if isLow { lowSince = lowSince ?? life.now }
        if let lowSince, life.now - lowSince > Self.reaction {
            complain(
                "battery at \(charge) % and not charged: \(policy.state), \(policy.decision.text),"
                    + " generator \(life.server.machine.state)")
        }
    }

    private mutating func judgeState(_ life: SimulatedLife, _ policy: ChargePolicy) {
        let now = life.now
        let charge = life.plant.stateOfChargePercent
        var isReached = false
        if case .running = policy.state, case .soc? = policy.runReason {
            isReached = charge >= Double(life.settings.socStop) + 1
        }
        reachedSince = isReached ? reachedSince ?? now : nil
        if let reachedSince, now - reachedSince > Self.reaction {
            complain("still running at \(charge) %")
        }
        stoppingSince = policy.state == .stopping ? stoppingSince ?? now : nil
        if let stoppingSince, now - stoppingSince > Self.reaction {
            complain("stopping for \((now - stoppingSince) / 1_000) s")
        }
        if policy.state == .idle, life.server.machine.state == .charging {
            complain("idle beside a running engine: \(policy.decision.text)")
        }
    }
}
