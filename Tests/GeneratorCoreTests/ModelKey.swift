@testable import GeneratorCore

/// A world as the bits that decide its future, and nothing else: times as distances from now, cut
/// off where no rule can tell them apart. Two worlds with one key behave alike.
struct ModelKey: Hashable, Sendable {
    private var first: UInt64 = 0
    private var second: UInt64 = 0
    private var third: UInt64 = 0
    private var used = 0

    init(_ world: ModelWorld) {
        add(world.machine, at: world.now)
        addRelays(world.machine, at: world.now)
        addClients(world.machine, at: world.now)
        add(world.monitor, at: world.now)
        precondition(used <= 192, "the key has \(used) bits")
    }

    static func == (left: ModelKey, right: ModelKey) -> Bool {
        left.first == right.first && left.second == right.second && left.third == right.third
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(first ^ (second &* 0x9E37_79B9_7F4A_7C15) ^ (third &* 0xBF58_476D_1CE4_E5B9))
    }

    private mutating func put(_ value: Int, _ bits: Int) {
        precondition(value >= 0 && value < 1 << bits, "\(value) in \(bits) bits")
        let place = used
        used += bits
        let word = UInt64(truncatingIfNeeded: value)
        if used <= 64 {
            first |= word << UInt64(place)
        } else if place >= 64, used <= 128 {
            second |= word << UInt64(place - 64)
        } else if place >= 128, used <= 192 {
            third |= word << UInt64(place - 128)
        } else {
            // Across a border: begin at the next word.
            used = place < 64 ? 64 : 128
            put(value, bits)
        }
    }

    /// How long ago, at most `limit`; 15 for never.
    private mutating func age(_ instant: Instant?, _ limit: Int, at now: Int) {
        guard let instant else { return put(15, 4) }
        put(max(0, min(now - ModelWorld.number(instant.sinceOrigin), limit)), 4)
    }

    private mutating func age(_ time: Int?, _ limit: Int, at now: Int) {
        guard let time else { return put(15, 4) }
        put(max(0, min(now - time, limit)), 4)
    }

    /// How far ahead; 15 for never.
    private mutating func left(_ instant: Instant?, at now: Int) {
        guard let instant else { return put(15, 4) }
        put(max(0, ModelWorld.number(instant.sinceOrigin) - now), 4)
    }

    private mutating func bit(_ value: Bool) { put(value ? 1 : 0, 1) }
}

// What goes into it.
extension ModelKey {
    private mutating func add(_ machine: GeneratorMachine, at now: Int) {
        let limits = machine.limits
        let timings = machine.timings
        put(Self.number(machine.state), 4)
        let readingAge = ModelWorld.number(limits.readingAge)
        let stateAge = min(now - ModelWorld.number(machine.stateSince.sinceOrigin), 14)
        put(min(stateAge, max(readingAge + 1, Self.longest(machine))), 4)
        add(machine.inputs.latest, readingAge, at: now)
        add(machine.inputs.latest == nil ? nil : machine.inputs.previous, readingAge, at: now)
        let blind = ModelWorld.number(max(limits.blindRun, limits.blindCrank))
        let valid = machine.inputs.lastValidAt.map { now - ModelWorld.number($0.sinceOrigin) }
        put(min(valid ?? blind, blind, stateAge), 4)
        let warm = ModelWorld.number(timings.warmUp + timings.stabilise)
        age(machine.inputs.engineSeenSince, warm, at: now)
        age(machine.inputs.engineAbsent?.since, ModelWorld.number(limits.engineLoss), at: now)
        put(machine.inputs.engineAbsent?.readings ?? 0, 2)
    }

    private mutating func add(_ sample: InputHistory.Sample?, _ limit: Int, at now: Int) {
        guard let sample, now - ModelWorld.number(sample.at.sinceOrigin) <= limit else {
            return put(31, 9)
        }
        switch sample.reading {
        case .unknown: put(16, 5)
        case .valid(let inputs): put(Int(inputs.rawValue), 5)
        }
        age(sample.at, limit, at: now)
    }

    private mutating func addRelays(_ machine: GeneratorMachine, at now: Int) {
        let relays = machine.relays
        let limits = machine.limits
        put(Int(relays.wanted.rawValue), 4)
        put(relays.confirmed.map { Int($0.rawValue) } ?? 16, 5)
        put(Int(relays.possible.rawValue), 4)
        bit(relays.failures > 0)
        if relays.isSettled {
            age(relays.confirmedAt, ModelWorld.number(limits.starterRelease), at: now)
        } else {
            let limit = ModelWorld.number(max(limits.writeFailing, limits.stopReply))
            age(Optional(relays.wantedSince), limit, at: now)
            age(relays.lastAttempt, ModelWorld.number(limits.writeRetry), at: now)
        }
    }

    private mutating func addClients(_ machine: GeneratorMachine, at now: Int) {
        let timings = machine.timings
        bit(machine.latched != nil)
        put(machine.hold.map { $0.owner == "a" ? 1 : 2 } ?? 0, 2)
        left(machine.hold?.until, at: now)
        left(machine.leaseUntil, at: now)
        age(machine.crankEnded, ModelWorld.number(timings.rest), at: now)
        age(machine.runSince, ModelWorld.number(timings.runMax), at: now)
        age(
            machine.state == .coolingDown ? machine.coolingSince : nil,
            ModelWorld.number(timings.cooldown), at: now)
        bit(machine.wasLoaded)
        bit(machine.isShuttingDown)
        bit(machine.starterMayTurn)
        bit(machine.pendingStart != nil)
        for place in 0..<3 {
            guard place < machine.waiters.count else {
                put(17, 5)
                continue
            }
            put(machine.waiters[place].relays.map { Int($0.rawValue) } ?? 16, 5)
        }
        guard machine.state == .adopting, let adopted = machine.adopted else { return put(0, 3) }
        let phase = [.charging, .runningWithoutCharger, .coolingDown].firstIndex(of: adopted.phase)
        put(1 + (phase ?? 0) * 2 + (adopted.wasLoaded ? 1 : 0), 3)
    }

    private mutating func add(_ monitor: RelayMonitor, at now: Int) {
        let rules = monitor.rules
        put(Int(monitor.board), 4)
        age(monitor.starterOnSince, rules.starterLongest, at: now)
        age(monitor.starterOffSince, rules.starterRest, at: now)
        add(monitor.latest, rules.readingAge, at: now)
        add(monitor.previous, rules.readingAge, at: now)
        age(monitor.verifiedSince, rules.warm, at: now)
        age(monitor.seenSince, rules.warm, at: now)
        age(monitor.absentSince, rules.engineLoss, at: now)
        put(monitor.absentReadings, 2)
        bit(monitor.wasWarm)
        bit(monitor.isLoaded)
        age(monitor.unloadedSince, rules.cooldown, at: now)
        bit(monitor.isArmed)
        bit(monitor.mayCut)
        bit(monitor.hasFailed)
        put(monitor.holdUntil.map { max(0, $0 - now) } ?? 15, 4)
        age(monitor.failedWriteAt, rules.writeRetry, at: now)
    }

    private mutating func add(_ sight: RelayMonitor.Sight?, _ limit: Int, at now: Int) {
        guard let sight, now - sight.at <= limit else { return put(31, 9) }
        put(Int(sight.value), 5)
        age(Optional(sight.at), limit, at: now)
    }

    /// The longest time in this state that any rule asks about.
    private static func longest(_ machine: GeneratorMachine) -> Int {
        let timings = machine.timings
        let limits = machine.limits
        let time: Duration =
            switch machine.state {
            case .preparing: timings.reset + limits.inputsGrace
            case .ignition: timings.ignition + limits.inputsGrace
            case .cranking: max(timings.crank, limits.blindCrank)
            case .glowCranking: max(timings.glowCrank, limits.blindCrank)
            case .verifying: timings.coast + limits.inputsGrace
            case .warmingUp: max(timings.warmUp, limits.blindRun)
            case .stabilising: timings.stabilise + limits.blindRun
            case .charging, .runningWithoutCharger: limits.blindRun
            case .adopting: limits.inputsGrace
            case .off, .failed, .held, .stopping, .manual, .coolingDown: .zero
            }
        return ModelWorld.number(time)
    }

    private static func number(_ state: GeneratorState) -> Int {
        switch state {
        case .off: 0
        case .preparing: 1
        case .ignition: 2
        case .cranking: 3
        case .glowCranking: 4
        case .verifying: 5
        case .warmingUp: 6
        case .stabilising: 7
        case .charging: 8
        case .runningWithoutCharger: 9
        case .coolingDown: 10
        case .stopping: 11
        case .failed: 12
        case .held: 13
        case .adopting: 14
        case .manual: 15
        }
    }
}
