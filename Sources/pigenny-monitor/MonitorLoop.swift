import ChargePolicy
import GeneratorWire
import InverterRegisters
import MonitorFiles
import Platform
import SystemdNotify

/// The loop: gather, judge, do, tell, wait. Nothing in it waits long but the inverter's line, and
/// that has a limit; where it hangs all the same, systemd's watchdog ends the process.
struct MonitorLoop {
    /// The operators' files are looked at, and time passes for the policy, so often at least.
    private static var idleTurn: Duration { .seconds(5) }
    /// While a start or a stop is under way.
    private static var busyTurn: Duration { .seconds(1) }
    /// How long the last words to the server may take.
    private static var farewell: Duration { .seconds(5) }

    let options: Options
    let signals: Signals
    var inverter: InverterReader
    var link: GeneratorLink?
    var policy: ChargePolicy
    var manual: ManualFiles
    var memoryFile: MemoryFile?
    var reports: Reports
    var log = EventLog()
    var snapshot = InverterSnapshot(InputRegisters())
    var status: GeneratorStatus?
    private var inverterTrouble = Trouble(of: "inverter")
    private var generatorTrouble = Trouble(of: "generator")
    private var inbox: [ChargePolicy.Event] = []
    private var leasedAt: Duration?
    private var nextRound: Duration
    private var nextManual: Duration = .zero
    private var nextLook: Duration = .zero

    init(options: Options, signals: Signals) {
        let now = SystemClock.sinceBoot()
        self.options = options
        self.signals = signals
        inverter = InverterReader(options.inverter)
        link = options.generator.map { GeneratorLink($0, options.charge.server) }
        manual = ManualFiles(folder: options.manualFolder)
        memoryFile = options.statePath.map { MemoryFile(path: $0, bootID: SystemFacts.bootID()) }
        reports = Reports(options)
        nextRound = now
        var memory: Memory?
        switch memoryFile?.read(at: now) {
        case .memory(let found): memory = found
        case .unusable(let why): log.write("the state file " + why + ": begins anew", .warning)
        case .nothing, nil: break
        }
        policy = ChargePolicy(options.charge, remembering: memory, at: now)
    }

    /// Goes round until a signal says otherwise.
    mutating func run() throws(PosixError) {
        let duty = link == nil ? " observes; it starts nothing" : " begins in " + stateName
        log.write("pigenny-monitor " + Product.version + duty)
        SystemdNotify.ready("first round")
        let watchdog = SystemdNotify.watchdogInterval.map { $0 / 3 }
        var poll = PollSet()
        while true {
            SystemdNotify.alive()
            turn(poll)
            let now = SystemClock.sinceBoot()
            poll.removeAll()
            _ = poll.add(signals.descriptor, .read)
            link?.add(to: &poll)
            var wait = min(nextRound, link?.deadline ?? nextRound) - now
            wait = min(wait, isUnderWay ? Self.busyTurn : Self.idleTurn)
            if let watchdog { wait = min(wait, watchdog) }
            try poll.wait(max(.zero, wait))
            if let signal = signals.next() { return try leave(signal) }
        }
    }

    private var isUnderWay: Bool { policy.state == .starting || policy.state == .stopping }

    private mutating func turn(_ poll: PollSet) {
        let now = SystemClock.sinceBoot()
        readWishes(at: now)
        serviceLink(poll, at: now)
        if now >= nextRound {
            nextRound = now + options.poll
            readInverter()
            link?.askStatus()
            let after = SystemClock.sinceBoot()
            inbox.append(.minuteOfDay(Reports.minuteOfDay()))
            obey(at: after)
            if options.saysEachRound { log.write(ReportLine.text(snapshot, status)) }
            for note in reports.round(facts, at: after) { log.write(note.text, .warning) }
        }
        inbox.append(.tick)
        obey(at: SystemClock.sinceBoot())
        keepLease(at: SystemClock.sinceBoot())
        remember(.unexpected, .whenDue)
        reports.update(facts, at: SystemClock.sinceBoot())
    }

    private var facts: Facts { Facts(policy: policy, snapshot: snapshot, status: status) }
}

// Gather.
extension MonitorLoop {
    private mutating func readInverter() {
        let registers = inverter.read()
        if let line = inverterTrouble.news(inverter.problem) { log.write(line, .warning) }
        snapshot = InverterSnapshot(registers)
        SystemdNotify.alive()
        // Silence is no reading: the last one grows old.
        guard !registers.isEmpty else { return }
        inbox.append(.reading(BatteryReading(snapshot, fingerprint: registers.fingerprint)))
    }

    private mutating func readWishes(at now: Duration) {
        guard now >= nextManual else { return }
        nextManual = now + Self.busyTurn
        let found = manual.read()
        for note in found.notes { log.write(note.text, .warning) }
        inbox.append(
            .wishes(
                .init(
                    forceCharge: found.wishes.forceCharge, forceStop: found.wishes.forceStop)))
    }

    private mutating func serviceLink(_ poll: PollSet, at now: Duration) {
        if isUnderWay, now >= nextLook {
            nextLook = now + Self.busyTurn
            link?.askStatus()
        }
        guard let events = link?.service(poll, at: now) else { return }
        take(events)
    }

    private mutating func take(_ events: [GeneratorLink.Event]) {
        for event in events {
            switch event {
            case .status(let status):
                self.status = status
                if let line = generatorTrouble.news(nil) { log.write(line) }
                if let line = reports.health(status, at: SystemClock.sinceBoot()) {
                    log.write(line)
                }
                inbox.append(.view(GeneratorView(status)))
            case .startAnswered(let answer, let text):
                log.write("START: " + text, answer == .accepted ? .info : .warning)
                inbox.append(.startAnswered(answer))
            case .stopAnswered(let answer, let text):
                log.write("STOP: " + text, answer == .accepted ? .info : .warning)
                inbox.append(.stopAnswered(answer))
            case .lost(let reason):
                status = nil
                leasedAt = nil
                if let line = generatorTrouble.news(reason) { log.write(line, .warning) }
                inbox.append(.view(nil))
            }
        }
    }
}

// Judge and do.
extension MonitorLoop {
    /// What one turn may bring about; more would be a fault of the policy's.
    private static var eventsMax: Int { 64 }

    private mutating func obey(at now: Duration) {
        var count = 0
        while !inbox.isEmpty, count < Self.eventsMax {
            count += 1
            let event = inbox.removeFirst()
            let before = (policy.state, policy.decision.word)
            let verdict = policy.chargingVerdict.answer
            log.fields = facts.fields
            for action in policy.handle(event, at: now) { perform(action) }
            log.fields = facts.fields
            if before.0 != policy.state {
                log.write(
                    Reports.name(before.0) + " -> " + stateName + ": " + policy.decision.text,
                    .notice)
            } else if before.1 != policy.decision.word {
                log.write(policy.decision.text)
            }
            if verdict != policy.chargingVerdict.answer {
                log.write("generator: " + policy.chargingVerdict.text)
            }
        }
    }

    private mutating func perform(_ action: ChargePolicy.Action) {
        switch action {
        case .reset: link?.reset()
        case .start:
            if link?.canStart == true {
                link?.start()
            } else {
                inbox.append(.startAnswered(.notSent))
            }
        case .stop:
            var events: [GeneratorLink.Event] = []
            link?.stop(&events)
            take(events)
        case .consumeForceStop:
            for note in manual.consumeForceStop() { log.write(note.text, .warning) }
        case .raised(let alarm): log.write("ALARM " + alarm.word + ": " + alarm.text, .alert)
        case .cleared(let alarm): log.write("over: " + alarm.text, .notice)
        }
    }

    /// Vouches for the run as long as it is wanted, and no longer.
    private mutating func keepLease(at now: Duration) {
        guard link?.kind == .current else { return }
        let lease = policy.settings.server.lease
        if policy.wantsLease {
            guard leasedAt.map({ now - $0 >= lease / 5 }) ?? true else { return }
            leasedAt = now
            link?.lease(lease)
        } else if leasedAt != nil {
            leasedAt = nil
            link?.lease(.zero)
        }
    }

    private mutating func remember(_ leave: Leave, _ urgency: MemoryFile.Urgency) {
        let now = SystemClock.sinceBoot()
        if let error = memoryFile?.write(policy.memory(at: now, leave), at: now, urgency) {
            log.write("the state cannot be saved: " + error.text, .warning)
        }
    }

    var stateName: String { Reports.name(policy.state) }
}

// Leave.
extension MonitorLoop {
    private mutating func leave(_ signal: Int32) throws(PosixError) {
        SystemdNotify.stopping()
        log.write("signal \(signal), leaving in " + stateName, .notice)
        switch options.atExit {
        case .stop:
            for action in policy.stopForShutdown(at: SystemClock.sinceBoot()) { perform(action) }
        case .leaveRunning:
            // The generator is left as it is, under the server's own limit.
            if leasedAt != nil { link?.lease(.zero) }
        }
        try sayFarewell()
        remember(.orderly, .now)
    }

    private mutating func sayFarewell() throws(PosixError) {
        let deadline = SystemClock.sinceBoot() + Self.farewell
        var poll = PollSet()
        while let link, link.hasToSay {
            let now = SystemClock.sinceBoot()
            guard now < deadline else {
                return log.write("the generator server does not take the last words", .warning)
            }
            poll.removeAll()
            self.link?.add(to: &poll)
            try poll.wait(min(deadline - now, .milliseconds(100)))
            take(self.link?.service(poll, at: SystemClock.sinceBoot()) ?? [])
        }
    }
}

/// Says what went wrong when it begins, changes or ends: not in every round.
private struct Trouble {
    private let subject: String
    private var said: String?

    init(of subject: String) { self.subject = subject }

    mutating func news(_ problem: String?) -> String? {
        guard problem != said else { return nil }
        said = problem
        return problem.map { subject + " unknown: " + $0 } ?? subject + " answers again"
    }
}
