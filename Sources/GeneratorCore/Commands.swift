// What each command does.

// Start and stop.
extension GeneratorMachine {
    mutating func start(_ answer: AnswerTime, by requester: Requester, at now: Instant) {
        if let refusal = refusalToStart(at: now) { return reply(requester, refusal) }
        let runs = state == .coolingDown || state == .runningWithoutCharger
        answerWaiters(.refused(.cancelledByStart))
        switch answer {
        case .atEnd: pendingStart = requester
        case .atOnce: reply(requester, .startBegun)
        }
        if runs {
            enter(.charging, [.ignition, .charger], at: now)
        } else {
            enter(.preparing, [], at: now)
        }
    }

    /// Why a start is out of the question; nil where it may begin.
    private func refusalToStart(at now: Instant) -> Outcome? {
        if isShuttingDown { return .refused(.shuttingDown) }
        if let hold { return .refusedByHold(hold, left: hold.until - now) }
        switch state {
        case .preparing, .ignition, .cranking, .glowCranking, .verifying, .warmingUp, .stabilising,
            .adopting:
            return .startInProgress
        case .charging: return pendingStart == nil ? .alreadyRunning : .startInProgress
        case .coolingDown, .runningWithoutCharger: return refusalToLoad(at: now)
        case .stopping: return .refused(.relayWriteFailed)
        case .off, .failed, .held, .manual: return refusalToCrank(at: now)
        }
    }

    /// A warm engine that is seen running needs no second start.
    private func refusalToLoad(at now: Instant) -> Outcome? {
        if leaseUntil == nil, let time = runTime(at: now), time >= timings.runMax {
            return .refused(.runTimeOver)
        }
        if state == .coolingDown, !wasLoaded { return .refused(.sequenceUnderWay) }
        if relays.failures > 0 { return .refused(.relayWriteFailed) }
        guard let seen = inputs.settled(since: stateSince, at: now), seen.showRunningEngine,
            isWarm(at: now)
        else { return .refused(.engineNotSeen) }
        return nil
    }

    private func refusalToCrank(at now: Instant) -> Outcome? {
        let seen = inputs.settled(since: now - limits.readingAge, at: now)
        if let seen, seen.contains(.engineRunning) { return .alreadyRunning }
        if let latched { return .refusedUntilReset(latched) }
        // Preparing takes the ignition away: not from an engine that may be running.
        if state == .manual, seen == nil { return .refused(.inputsUnknown) }
        if let crankEnded, now - crankEnded < timings.rest {
            return .starterRests(left: timings.rest - (now - crankEnded))
        }
        return nil
    }

    /// Whether the engine has run long enough to be loaded: it has been before, or IN1 has been
    /// seen for as long as a start takes to warm up and settle.
    private func isWarm(at now: Instant) -> Bool {
        if wasLoaded { return true }
        guard let seen = inputs.engineSeen(at: now) else { return false }
        return seen >= timings.warmUp + timings.stabilise
    }

    mutating func stop(_ kind: StopKind, by requester: Requester, at now: Instant) {
        answerStart(.refused(.cancelledByStop))
        switch kind {
        case .now:
            allOff(at: now)
            relays.rewrite(at: now)
            wait(Waiter(requester: requester))
        case .coolingDown(let answer):
            if state == .coolingDown {
                return reply(
                    requester, .stopInProgress(left: timings.cooldown - cooled(at: now)))
            }
            wind(at: now)
            switch answer {
            case .atEnd: wait(Waiter(requester: requester))
            case .atOnce:
                reply(
                    requester,
                    .stopBegun(cooldown: state == .coolingDown ? timings.cooldown : nil))
            }
        }
    }

    /// Down to a stop, with cooldown where the engine has carried load.
    private mutating func wind(at now: Instant) {
        switch state {
        case .charging: coolDown(at: now)
        case .adopting where adopted?.wasLoaded == true: coolDown(at: now)
        case .runningWithoutCharger where wasLoaded: coolDown(at: now)
        case .manual where wasLoaded && !inputs.engineLost(at: now): coolDown(at: now)
        case .off, .failed, .held, .manual, .preparing, .ignition, .cranking, .glowCranking,
            .verifying, .warmingUp, .stabilising, .runningWithoutCharger, .adopting:
            allOff(at: now)
            relays.rewrite(at: now)
        case .stopping, .coolingDown: break
        }
    }

    /// Nobody vouches for this run any more, or it has lasted too long.
    mutating func windDown(_ problem: Problem, at now: Instant) {
        raise(problem)
        answerStart(.refused(problem))
        answerWaiters(.refused(problem))
        wind(at: now)
    }

    mutating func shutDown(at now: Instant) {
        isShuttingDown = true
        answerStart(.refused(.shuttingDown))
        answerWaiters(.refused(.shuttingDown))
        allOff(at: now)
        relays.rewrite(at: now)
    }

    private mutating func wait(_ waiter: Waiter) {
        guard waiters.count < limits.waiters else {
            return reply(waiter.requester, .refused(.tooManyWaiting))
        }
        waiters.append(waiter)
    }
}

// Relays by hand.
extension GeneratorMachine {
    mutating func setRelays(_ wanted: RelaySet, by requester: Requester, at now: Instant) {
        if wanted == [] {
            answerStart(.refused(.cancelledByRelay))
            allOff(at: now)
            relays.rewrite(at: now)
        } else if let hold {
            return reply(requester, .refusedByHold(hold, left: hold.until - now))
        } else if let problem = objection(to: wanted, at: now) {
            return reply(requester, .refused(problem))
        } else if wanted.contains(.charger) {
            if state != .charging {
                answerWaiters(.refused(.cancelledByRelay))
                runSince = runSince ?? now
                enter(.charging, wanted, at: now)
            }
        } else {
            answerWaiters(.refused(.cancelledByRelay))
            let runs = runSince != nil && wanted == [.ignition]
            enter(runs ? .runningWithoutCharger : .manual, wanted, at: now)
        }
        wait(Waiter(requester: requester, relays: wanted))
    }

    private func objection(to wanted: RelaySet, at now: Instant) -> Problem? {
        if isShuttingDown { return .shuttingDown }
        if wanted.contains(.start) { return .starterByHand }
        switch state {
        case .preparing, .ignition, .cranking, .glowCranking, .verifying, .warmingUp, .stabilising,
            .coolingDown, .stopping, .adopting:
            return .sequenceUnderWay
        case .charging where pendingStart != nil: return .sequenceUnderWay
        case .off, .failed, .held, .manual, .charging, .runningWithoutCharger: break
        }
        if wanted.contains(.charger) {
            // A board that refuses the ignition is not given the load.
            if relays.failures > 0 { return .relayWriteFailed }
            guard wanted == [.ignition, .charger], isWarm(at: now),
                let settled = inputs.settled(since: now - limits.readingAge, at: now),
                settled.showRunningEngine
            else { return .chargerByHand }
            return nil
        }
        return wasLoaded && wanted != [.ignition] ? .engineLoaded : nil
    }
}

// Hold, lease, reset.
extension GeneratorMachine {
    mutating func take(_ wanted: Hold, by requester: Requester, at now: Instant) {
        if isShuttingDown { return reply(requester, .refused(.shuttingDown)) }
        if let hold, hold.owner != wanted.owner {
            return reply(requester, .refusedByHold(hold, left: hold.until - now))
        }
        switch state {
        case .off, .failed, .held: break
        case .preparing, .ignition, .cranking, .glowCranking, .verifying, .warmingUp, .stabilising,
            .charging, .runningWithoutCharger, .coolingDown, .stopping, .adopting, .manual:
            return reply(requester, .refused(.notIdle))
        }
        guard let seen = inputs.settled(since: now - limits.readingAge, at: now) else {
            return reply(requester, .refused(.inputsUnknown))
        }
        guard seen.isDisjoint(with: [.engineRunning, .starterEngaged]), isSafe else {
            return reply(requester, .refused(.notIdle))
        }
        hold = wanted
        reply(requester, .held(wanted.until - now))
        enter(.held, [], at: now)
    }

    mutating func release(_ owner: String, by requester: Requester, at now: Instant) {
        if let hold, hold.owner != owner {
            return reply(requester, .refusedByHold(hold, left: hold.until - now))
        }
        hold = nil
        reply(requester, .released)
        if state == .held { enter(resting, [], at: now) }
    }

    mutating func lease(_ time: Duration, by requester: Requester, at now: Instant) {
        if time == .zero {
            leaseUntil = nil
            return reply(requester, .leaseGivenUp)
        }
        leaseUntil = now + time
        reply(requester, .leased(time))
    }

    mutating func reset(by requester: Requester, at now: Instant) {
        guard latched != nil else { return reply(requester, .nothingToReset) }
        latched = nil
        lastProblem = nil
        reply(requester, .reset)
        if state == .failed { enter(resting, [], at: now) }
    }
}
