// Whether a run is wanted, and what an operator should know.

extension ChargePolicy {
    /// Takes a reading that can be believed: does the battery want a run, and for how long already?
    mutating func noteStartReason(_ reading: BatteryReading, at now: Duration) {
        guard let reason = batteryWants(reading) else {
            startHeld = nil
            return
        }
        guard let held = startHeld else {
            startHeld = (reason, now, 1)
            return
        }
        startHeld = (reason, held.since, held.readings + 1)
    }

    private func batteryWants(_ reading: BatteryReading) -> RunReason? {
        if let limit = settings.voltageStartMillivolts, let millivolts = reading.millivolts,
            millivolts < limit
        {
            return .voltage(millivolts: millivolts, below: limit)
        }
        if let soc = reading.soc, soc < settings.socStart {
            return .soc(soc, below: settings.socStart)
        }
        return nil
    }

    /// The reason to start now; where there is none, the decision says why.
    mutating func wanted(at now: Duration) -> RunReason? {
        if wishes.forceCharge, !wishIsSpent { return .manual }
        if let wait = forbidden(at: now) {
            decision = .wait(wait)
            return nil
        }
        if let held = startHeld {
            let time = now - held.since
            guard time >= settings.startHold, held.readings >= 2 else {
                decision = .wait(.holding(held.reason, time, of: settings.startHold))
                return nil
            }
            if case .soc(let soc, _) = held.reason, isQuiet, soc >= settings.quietSocStart {
                decision = .wait(.quietHours(soc: soc))
                return nil
            }
            return held.reason
        }
        if isExerciseDue(at: now) { return .exercise }
        decision = .wait(
            wishes.forceCharge ? .wishSpent : .enough(soc: judge.last?.soc ?? settings.socStart))
        return nil
    }

    /// What forbids every start that nobody asked for by hand.
    private mutating func forbidden(at now: Duration) -> WaitReason? {
        if let until = pausedUntil {
            if now < until { return .paused(until - now) }
            pausedUntil = nil
        }
        if let until = restUntil {
            if now < until { return .resting(until - now) }
            restUntil = nil
        }
        let trust = judge.trust(at: now)
        if trust != .good {
            startHeld = nil
            return .untrusted(trust)
        }
        return nil
    }

    /// Where the time of day is not known no hour is quiet: the battery is what matters.
    private var isQuiet: Bool {
        guard let hours = settings.quietHours, let minuteOfDay else { return false }
        return hours.contains(minuteOfDay)
    }

    private func isExerciseDue(at now: Duration) -> Bool {
        guard let every = settings.exerciseEvery, now - exercisedAt >= every, !isQuiet else {
            return false
        }
        guard let hours = settings.exerciseHours else { return true }
        // An exercise can wait until somebody has set the clock.
        return minuteOfDay.map(hours.contains) ?? false
    }
}

// Alarms.
extension ChargePolicy {
    mutating func watch(at now: Duration) {
        let isTrusted = judge.trust(at: now) == .good
        untrustedSince = isTrusted ? nil : untrustedSince ?? now
        set(.batteryUntrusted, untrustedSince.map { now - $0 >= settings.battery.ageMax } ?? false)
        set(
            .generatorUnknown, viewLostSince.map { now - $0 >= settings.battery.ageMax } ?? false)
        let isCharging = charging.verdict.answer == .charging
        set(
            .noCharging,
            isTrusted && charging.verdict.answer == .notCharging
                && charging.timeWithoutCharge(at: now) >= settings.server.noChargeAfter)
        if state != .stopping { clear(.stopFailed) }
        if failures == 0 {
            clear(.startFailed)
            clear(.startsExhausted)
        } else {
            // A process that remembers failures says so again.
            raise(.startFailed)
            if state == .error { raise(.startsExhausted) }
        }
        if state == .running, isCharging { clear(.engineStopped) }
        if let every = settings.serviceEveryHours, let hours = view?.serviceHours {
            set(.serviceDue, hours - settings.serviceDoneAtHours >= every)
        }
    }

    private mutating func set(_ alarm: Alarm, _ isOn: Bool) {
        if isOn { raise(alarm) } else { clear(alarm) }
    }
}
