import ChargePolicy
import GeneratorCore
import PlantSimulator
import TestSupport

/// A house with its battery, engine, server and monitor, and everything that may go wrong in a
/// year. The plant's physics and the generator's core are the real ones; the link between server
/// and monitor is simulated. Time is in milliseconds and jumps over what is quiet.
struct SimulatedLife {
    static let year = 365 * 24 * 3_600_000

    let settings: ChargeSettings
    let isAdopting: Bool
    /// Whether the legacy server can be asked for its state while it is busy with START or STOP.
    let isSeenWhileBusy: Bool
    var now = 1_000_000_000
    var plant: Plant
    var server: SimulatedServer
    var random: SeededGenerator
    /// The monitor; nil while its process, or its machine, is down.
    var policy: ChargePolicy?
    var keeper: RuleKeeper
    var rules = LifeRules()
    var faults = LifeFaults()
    /// When the monitor's machine was booted, and the process began.
    var bootedAt = 0
    var bornAt = 0
    var memory = Memory()
    var memoryAt = 0
    var wishes = ManualWishes()
    var nextPoll = 0
    var awaitsStart: Int?
    var awaitsStop: Int?
    var reading = BatteryReading()
    private var answers: [ChargePolicy.Event] = []
    private var isWishSaid = false

    init(_ settings: ChargeSettings, _ kind: SimulatedServer.Kind, seed: UInt64) {
        self.settings = settings
        random = SeededGenerator(seed: seed)
        var setup = PlantSetup()
        setup.dayOfYear = random.below(365)
        isAdopting = random.below(2) == 0
        isSeenWhileBusy = random.below(2) == 0
        plant = Plant(setup, using: &random)
        server = SimulatedServer(kind, at: now)
        policy = ChargePolicy(settings, at: .milliseconds(Int64(now)))
        keeper = RuleKeeper(at: .milliseconds(Int64(now)))
        bornAt = now
        nextPoll = now
        faults.next = now + 86_400_000
    }

    /// What was broken first, by whose books.
    var broken: String? { keeper.broken ?? rules.broken ?? server.broken }

    var uptime: Duration { .milliseconds(Int64(now - bootedAt)) }

    mutating func run(until end: Int) {
        while now < end, broken == nil {
            disturb()
            step(to: min(end, faults.soonest(after: now)))
        }
    }

    private mutating func step(to limit: Int) {
        let next = max(now + 1, min(limit, nextPoll, now + server.quiet(at: now)))
        let time = next - now
        plant.advance(seconds: Double(time) / 1_000, relays: server.board)
        now = next
        server.read(plant, at: now)
        takeAnswers()
        if plant.isEngineRunning { rules.noteRun(self, time) } else { rules.noteRest() }
        if now >= nextPoll {
            poll()
            rules.judge(self)
            nextPoll = now + pollInterval
        }
    }

    /// As the daemon polls while something is going on; seldom while nothing can be.
    private var pollInterval: Int {
        guard let state = policy?.state else { return 300_000 }
        if faults.areReadingsBad(at: now) || awaitsStart != nil || awaitsStop != nil {
            return 30_000
        }
        let charge = plant.stateOfChargePercent
        switch state {
        case .starting, .stopping, .errorRecovery: return 30_000
        case .error: return 300_000
        case .running: return charge < 78 && charge > 42 ? 240_000 : 30_000
        case .idle:
            let low = Double(settings.socStart) + 1
            guard charge > low else { return 30_000 }
            // The house takes 13 % an hour at most.
            return max(30_000, min(900_000, Int((charge - low) * 277_000)))
        }
    }
}

// The monitor's loop.
extension SimulatedLife {
    mutating func poll() {
        guard policy != nil else { return }
        if let seen = readInverter() {
            reading = seen
            tell(.reading(seen))
        }
        if settings.quietHours != nil { tell(.minuteOfDay(Int(plant.secondOfDay) / 60)) }
        if !isWishSaid || wishes.forceStop {
            isWishSaid = true
            tell(.wishes(wishes))
            wishes.forceStop = false
        }
        look()
        if policy?.wantsLease == true, isReachable {
            server.lease(settings.server.lease, at: now)
        }
    }

    /// Asks the server how the generator is.
    private mutating func look() {
        if !isReachable {
            tell(.view(nil))
        } else if isSeenWhileBusy || (awaitsStart == nil && awaitsStop == nil) {
            tell(.view(server.view(at: now)))
        } else {
            tell(.tick)
        }
    }

    var isReachable: Bool { now >= faults.unreachableUntil }

    mutating func tell(_ event: ChargePolicy.Event) {
        answers.append(event)
        while !answers.isEmpty, var policy {
            let next = answers.removeFirst()
            let actions = keeper.handle(next, by: &policy, at: uptime)
            self.policy = policy
            for action in actions { perform(action) }
        }
        answers = []
    }

    private mutating func perform(_ action: ChargePolicy.Action) {
        switch action {
        case .reset: if isReachable { server.send(.reset(by: SimulatedServer.others), at: now) }
        case .start:
            rules.judgeStart(self)
            sayStart()
        case .stop: sayStop()
        case .consumeForceStop: rules.pausedUntil = max(rules.pausedUntil, now + 3_600_000)
        case .raised, .cleared: break
        }
    }

    private mutating func sayStart() {
        guard isReachable else { return answers.append(.startAnswered(.notSent)) }
        if breaks() {
            if random.below(2) == 0 { _ = server.start(plant, at: now) }
            server.disconnect(at: now)
            return answers.append(.startAnswered(.lost))
        }
        if let answer = server.start(plant, at: now) {
            answers.append(.startAnswered(answer))
        } else {
            awaitsStart = now
        }
    }

    private mutating func sayStop() {
        guard isReachable else { return answers.append(.stopAnswered(.notSent)) }
        if breaks() {
            if random.below(2) == 0 { _ = server.stop(at: now) }
            server.disconnect(at: now)
            return answers.append(.stopAnswered(.lost))
        }
        if let answer = server.stop(at: now) {
            answers.append(.stopAnswered(answer))
        } else {
            awaitsStop = now
        }
    }

    private mutating func breaks() -> Bool {
        guard random.below(40) == 0 else { return false }
        rules.toll[.brokenAnswer, default: 0] += 1
        return true
    }

    /// Answers of a server that takes its time.
    private mutating func takeAnswers() {
        if let since = awaitsStart {
            let isLost = !isReachable || now - since > 240_000
            if let answer = server.takeStartAnswer() {
                awaitsStart = nil
                tell(.startAnswered(isLost ? .lost : answer))
            } else if isLost {
                awaitsStart = nil
                server.send(.gone(SimulatedServer.starter), at: now)
                tell(.startAnswered(.lost))
            }
        }
        if let since = awaitsStop {
            let isLost = !isReachable || now - since > 300_000
            if let answer = server.takeStopAnswer() {
                awaitsStop = nil
                tell(.stopAnswered(isLost ? .lost : answer))
            } else if isLost {
                awaitsStop = nil
                server.send(.gone(SimulatedServer.stopper), at: now)
                tell(.stopAnswered(.lost))
            }
        }
    }

    mutating func wish(charge: Bool) {
        wishes.forceCharge = charge
        isWishSaid = false
        nextPoll = min(nextPoll, now + 30_000)
    }

    /// What the inverter answers, if it does.
    private mutating func readInverter() -> BatteryReading? {
        if now < faults.silentUntil { return nil }
        if now < faults.frozenUntil { return faults.frozen ?? reading }
        var seen = BatteryReading(
            soc: Int(plant.stateOfChargePercent),
            millivolts: Int(plant.batteryVolts * 10) * 100,
            milliamperes: Int(plant.batteryAmperes * 5) * 100,
            dischargeWatts: max(0, Int(-plant.inverterBatteryWatts)),
            chargeWatts: max(0, Int(plant.inverterBatteryWatts)),
            solarWatts: Int(plant.sunUsedWatts), loadWatts: Int(plant.loadWatts),
            fingerprint: UInt64(now))
        if now < faults.bogusUntil { seen.soc = faults.bogus ?? random.below(101) }
        return seen
    }

    /// The process, or the machine, goes down; what it knew is in its file.
    mutating func leave(_ leave: Leave) {
        guard let policy else { return }
        memory = policy.memory(at: uptime, leave)
        memoryAt = now
        if leave == .orderly, policy.state == .error { keeper.forgive() }
        self.policy = nil
        server.disconnect(at: now)
        awaitsStart = nil
        awaitsStop = nil
        answers = []
    }

    /// The next process begins; after a reboot nobody knows how long the machine was down.
    mutating func comeBack(afterReboot: Bool) {
        var time = now - memoryAt
        if afterReboot {
            let before = uptime
            bootedAt = now - 30_000
            keeper.rebooted(uptime - before)
            rules.pausedUntil += time
            time = 30_000
        }
        let remembered = memory.aged(by: .milliseconds(Int64(time)))
        policy = ChargePolicy(settings, remembering: remembered, at: uptime)
        keeper.restarted(remembered, at: uptime)
        bornAt = now
        isWishSaid = false
        nextPoll = now
    }
}

extension SeededGenerator {
    /// 0 up to the limit.
    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
