import ChargePolicy
import GeneratorCore
import PlantSimulator
import TestSupport

/// What goes wrong, and until when. Spells overlap as they like.
struct LifeFaults {
    enum Kind: CaseIterable, Sendable {
        case unreachable, serverRestart, monitorCrash, monitorRestart, reboot
        case bogusCharge, randomCharge, frozen, silent
        case noCatch, stall, fuelOut
        case forceCharge, forceStop, startByOthers, stopByOthers, stopNow, hold, relayByHand
        /// Not a spell: a connection that broke in mid-answer.
        case brokenAnswer
        /// Not a spell: somebody ended the state error.
        case operatorVisit
    }

    var next = 0
    var unreachableUntil = 0
    var downUntil = 0
    var isReboot = false
    /// The state of charge that is said in place of the true one; nil says anything.
    var bogus: Int?
    var bogusSince = 0
    /// The last value before that was true, in percent.
    var trueBefore = 0
    var bogusUntil = 0
    var frozen: BatteryReading?
    var frozenSince = 0
    var frozenUntil = 0
    var silentUntil = 0
    var engineBadUntil = 0
    var isEngineBad = false
    var chargeUntil = 0
    var handsUntil = 0
    var operatorAt: Int?

    func areReadingsBad(at now: Int) -> Bool {
        now < bogusUntil || now < frozenUntil || now < silentUntil
    }

    /// When something begins or ends next.
    func soonest(after now: Int) -> Int {
        var soonest = next
        for time in [
            unreachableUntil, downUntil, bogusUntil, frozenUntil, silentUntil, engineBadUntil,
            chargeUntil, handsUntil, operatorAt ?? 0,
        ] where time > now && time < soonest { soonest = time }
        return soonest
    }
}

extension SimulatedLife {
    /// What ends now, and what begins.
    mutating func disturb() {
        if policy == nil, now >= faults.downUntil { comeBack(afterReboot: faults.isReboot) }
        if faults.isEngineBad, now >= faults.engineBadUntil { repairEngine() }
        if wishes.forceCharge, now >= faults.chargeUntil { wish(charge: false) }
        if faults.handsUntil > 0, now >= faults.handsUntil {
            faults.handsUntil = 0
            server.send(.setRelays([], by: SimulatedServer.others), at: now)
        }
        callOperator()
        guard now >= faults.next else { return }
        // Some weeks everything happens at once, some nothing does.
        faults.next = now + minutes(random.below(3) == 0 ? 180 : 5_000)
        if let kind = LifeFaults.Kind.allCases.randomElement(using: &random) { begin(kind) }
    }

    /// All is mended, and an operator comes if one is wanted.
    mutating func mend() {
        faults.next = .max
        faults.unreachableUntil = now
        faults.bogusUntil = now
        faults.frozenUntil = now
        faults.silentUntil = now
        faults.chargeUntil = now
        faults.downUntil = min(faults.downUntil, now)
        faults.engineBadUntil = now
        faults.operatorAt = faults.operatorAt.map { _ in now }
        if faults.handsUntil > 0 { faults.handsUntil = now }
        disturb()
    }

    private mutating func minutes(_ most: Int) -> Int { (1 + random.below(most)) * 60_000 }

    private mutating func begin(_ kind: LifeFaults.Kind) {
        switch kind {
        case .bogusCharge, .randomCharge, .frozen, .silent:
            if faults.areReadingsBad(at: now) { return }
            // The daemon reads twice a minute: its last good reading is of just now, and its first
            // bad one half a minute old at most.
            poll()
            nextPoll = now + 30_000
        default: break
        }
        rules.toll[kind, default: 0] += 1
        switch kind {
        case .unreachable: faults.unreachableUntil = now + minutes(360)
        case .serverRestart: server.restart(adopting: isAdopting, at: now)
        case .monitorCrash: goDown(.unexpected, minutes(random.below(3) == 0 ? 120 : 2))
        case .monitorRestart: goDown(.orderly, minutes(1))
        case .reboot: goDown(.unexpected, minutes(60), reboot: true)
        case .bogusCharge, .randomCharge:
            faults.bogus = kind == .bogusCharge ? random.below(101) : nil
            faults.bogusSince = now
            faults.trueBefore = Int(plant.stateOfChargePercent)
            faults.bogusUntil = now + minutes(300)
        case .frozen:
            faults.frozen = reading
            faults.frozenSince = now
            faults.frozenUntil = now + minutes(300)
        case .silent: faults.silentUntil = now + minutes(300)
        case .noCatch: breakEngine(.engineWillNotCatch)
        case .stall: breakEngine(.stall(after: .seconds(minutes(200) / 1_000)))
        case .fuelOut: breakEngine(.fuelOut)
        case .forceCharge:
            faults.chargeUntil = now + minutes(420)
            wish(charge: true)
        case .forceStop:
            wishes.forceStop = true
            nextPoll = min(nextPoll, now + 30_000)
        case .startByOthers, .stopByOthers, .stopNow, .hold, .relayByHand: byOthers(kind)
        case .brokenAnswer, .operatorVisit: rules.toll[kind, default: 1] -= 1
        }
    }

    private mutating func byOthers(_ kind: LifeFaults.Kind) {
        let others = SimulatedServer.others
        switch kind {
        case .startByOthers: server.send(.start(.atOnce, by: others), at: now)
        case .stopByOthers:
            rules.pausedUntil = now + 5_400_000
            server.send(.stop(.coolingDown(.atOnce), by: others), at: now)
        case .stopNow:
            rules.pausedUntil = now + 5_400_000
            server.send(.stop(.now, by: others), at: now)
        case .hold where server.kind == .own:
            let end = SimulatedServer.instant(now + minutes(120))
            server.send(.hold(Hold(owner: "a", reason: "b", until: end), by: others), at: now)
        case .relayByHand:
            server.send(.setRelays([.ignition], by: others), at: now)
            if server.machine.state == .manual || server.machine.state == .runningWithoutCharger {
                faults.handsUntil = now + minutes(30)
            }
        default: break
        }
    }

    private mutating func goDown(_ leave: Leave, _ time: Int, reboot: Bool = false) {
        guard policy != nil else { return }
        self.leave(leave)
        faults.downUntil = now + time
        faults.isReboot = reboot
    }

    private mutating func breakEngine(_ fault: PlantFault) {
        plant.inject(fault)
        faults.isEngineBad = true
        faults.engineBadUntil = max(faults.engineBadUntil, now + minutes(2_880))
    }

    private mutating func repairEngine() {
        plant.clearFaults()
        plant.fuelLitres = nil
        faults.isEngineBad = false
    }

    /// Nobody but an operator ends the state error, some hours after the engine was mended.
    private mutating func callOperator() {
        guard let policy, policy.state == .error, !faults.isEngineBad else { return }
        guard let at = faults.operatorAt else {
            faults.operatorAt = now + minutes(300)
            return
        }
        guard now >= at else { return }
        faults.operatorAt = nil
        rules.toll[.operatorVisit, default: 0] += 1
        if random.below(2) == 0 {
            goDown(.orderly, 60_000)
        } else {
            tell(.wishes(ManualWishes()))
            faults.chargeUntil = now + minutes(120)
            wish(charge: true)
        }
    }
}
