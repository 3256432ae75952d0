// What each state does as time passes and readings come in.
extension GeneratorMachine {
    mutating func advance(at now: Instant) {
        checkStarter(at: now)
        endHoldAndLease(at: now)
        switch state {
        case .off, .failed, .held: break
        case .preparing: prepare(at: now)
        case .ignition: beginCrank(at: now)
        case .cranking, .glowCranking: crank(at: now)
        case .verifying: verify(at: now)
        case .warmingUp, .stabilising: idle(at: now)
        case .charging: charge(at: now)
        case .runningWithoutCharger: runWithoutCharger(at: now)
        case .coolingDown: cool(at: now)
        case .stopping: stopping(at: now)
        case .adopting: adopt(at: now)
        case .manual: manual(at: now)
        }
    }

    private mutating func endHoldAndLease(at now: Instant) {
        if let hold, now >= hold.until {
            self.hold = nil
            if state == .held { enter(resting, [], at: now) }
        }
        guard let leaseUntil, now >= leaseUntil else { return }
        self.leaseUntil = nil
        switch state {
        case .charging, .runningWithoutCharger, .adopting: windDown(.leaseLapsed, at: now)
        case _ where state.isStarting: windDown(.leaseLapsed, at: now)
        case .off, .failed, .held, .manual, .stopping, .coolingDown, .preparing, .ignition,
            .cranking, .glowCranking, .verifying, .warmingUp, .stabilising:
            break
        }
    }

    /// The run is longer than anyone has vouched for.
    private func runTimeIsOver(at now: Instant) -> Bool {
        guard leaseUntil == nil, let time = runTime(at: now) else { return false }
        return time >= timings.runMax
    }

    private mutating func adopt(at now: Instant) {
        guard let adopted else { return allOff(at: now) }
        // Readings that differ but agree on this one thing: the engine has stopped under its load.
        if inputs.engineLost(at: now) { return failUntilReset(.notAdopted, at: now) }
        guard let seen = inputs.settled(since: stateSince, at: now) else {
            if elapsed(at: now) >= limits.inputsGrace { failUntilReset(.notAdopted, at: now) }
            return
        }
        guard seen.showRunningEngine else { return failUntilReset(.notAdopted, at: now) }
        let next: GeneratorState =
            switch adopted.phase {
            case .charging: .charging
            case .runningWithoutCharger: .runningWithoutCharger
            case .coolingDown: .coolingDown
            }
        enter(next, adopted.relays, at: now)
    }

    private mutating func runWithoutCharger(at now: Instant) {
        if inputs.engineLost(at: now) {
            answerWaiters(.refused(.engineStopped))
            return failUntilReset(.engineStopped, at: now)
        }
        if inputs.blindTime(since: stateSince, at: now) >= limits.blindRun {
            return windDown(.inputsLost, at: now)
        }
        if runTimeIsOver(at: now) { return windDown(.runTimeOver, at: now) }
        if relays.isSettled {
            if hasWaiters { answerWaiters(.relaysSet(relays.wanted)) }
        } else if writeFails(at: now) {
            windDown(.relayWriteFailed, at: now)
        }
    }

    private func elapsed(at now: Instant) -> Duration { now - stateSince }

    private func writeFails(at now: Instant) -> Bool {
        guard let unsettled = relays.unsettledTime(at: now) else { return false }
        return unsettled >= limits.writeFailing
    }

    private mutating func prepare(at now: Instant) {
        guard elapsed(at: now) >= timings.reset else { return }
        guard relays.isSettled else {
            if writeFails(at: now) { fail(.relayWriteFailed, at: now) }
            return
        }
        guard mayCrank(after: timings.reset, at: now) else { return }
        enter(.ignition, [.ignition], at: now)
    }

    private mutating func beginCrank(at now: Instant) {
        guard elapsed(at: now) >= timings.ignition else { return }
        guard relays.isSettled else {
            if writeFails(at: now) { fail(.relayWriteFailed, at: now) }
            return
        }
        guard mayCrank(after: timings.ignition, at: now) else { return }
        enter(.cranking, [.ignition, .start], at: now)
    }

    /// Two equal valid readings of this very phase that show neither engine nor starter; ends the
    /// start where they show one, or where there are none in time.
    private mutating func mayCrank(after phase: Duration, at now: Instant) -> Bool {
        guard let seen = inputs.settled(since: stateSince, at: now) else {
            if elapsed(at: now) >= phase + limits.inputsGrace { fail(.inputsUnknown, at: now) }
            return false
        }
        if seen.contains(.engineRunning) {
            answerStart(.alreadyRunning)
            allOff(at: now)
            return false
        }
        if seen.contains(.starterEngaged) {
            fail(.starterEngaged, at: now)
            return false
        }
        return true
    }

    private mutating func crank(at now: Instant) {
        if case .after(let limit) = timings.crankDisconnect,
            let seen = inputs.engineSeen(at: now), seen >= limit
        {
            return enter(.verifying, [.ignition], at: now)
        }
        if inputs.blindTime(since: stateSince, at: now) >= limits.blindCrank {
            return failUntilReset(.inputsLost, at: now)
        }
        // What energises the starter is never written twice: the readings were for the first time.
        if relays.failures > 0 { return failUntilReset(.relayWriteFailed, at: now) }
        if state == .cranking, elapsed(at: now) >= timings.crank {
            enter(.glowCranking, [.ignition, .glow, .start], at: now)
        } else if state == .glowCranking, elapsed(at: now) >= timings.glowCrank {
            enter(.verifying, [.ignition], at: now)
        }
    }

    private mutating func verify(at now: Instant) {
        // The starter's release is what is being written here: it is never given up, but nothing
        // goes on before it holds.
        if writeFails(at: now) { return failUntilReset(.relayWriteFailed, at: now) }
        guard elapsed(at: now) >= timings.coast, relays.isSettled else { return }
        guard let seen = inputs.settled(since: stateSince, at: now) else {
            guard elapsed(at: now) >= timings.coast + limits.inputsGrace else { return }
            return failUntilReset(.inputsLost, at: now)
        }
        guard seen.showRunningEngine else {
            return failUntilReset(.didNotStart, .failedToStart(seen), at: now)
        }
        counters.starts += 1
        runSince = now
        enter(.warmingUp, [.ignition], at: now)
    }

    private mutating func idle(at now: Instant) {
        if inputs.engineLost(at: now) {
            guard case .valid(let seen) = inputs.current(at: now) else {
                return failUntilReset(.engineStopped, at: now)
            }
            return failUntilReset(.engineStopped, .failedToStart(seen), at: now)
        }
        if inputs.blindTime(since: stateSince, at: now) >= limits.blindRun {
            return failUntilReset(.inputsLost, at: now)
        }
        if state == .warmingUp {
            if elapsed(at: now) >= timings.warmUp { enter(.stabilising, [.ignition], at: now) }
            return
        }
        guard elapsed(at: now) >= timings.stabilise else { return }
        if let seen = inputs.settled(since: stateSince, at: now), seen.showRunningEngine {
            enter(.charging, [.ignition, .charger], at: now)
        } else if elapsed(at: now) >= timings.stabilise + limits.blindRun {
            failUntilReset(.engineNotSeen, at: now)
        }
    }

    private mutating func charge(at now: Instant) {
        if inputs.engineLost(at: now) { return failUntilReset(.engineStopped, at: now) }
        // Nor is what closes the charger written twice: the engine may have stopped in between.
        if relays.failures > 0 { return windDown(.relayWriteFailed, at: now) }
        if inputs.blindTime(since: stateSince, at: now) >= limits.blindRun {
            return windDown(.inputsLost, at: now)
        }
        if runTimeIsOver(at: now) { return windDown(.runTimeOver, at: now) }
        guard relays.isSettled else { return }
        if pendingStart != nil {
            lastProblem = nil
            answerStart(.started)
        }
        if hasWaiters { answerWaiters(.relaysSet([.ignition, .charger])) }
    }

    private mutating func cool(at now: Instant) {
        // An engine whose charger may still be closed does not cool down.
        if relays.isSettled { coolingSince = coolingSince ?? now }
        if inputs.engineLost(at: now) || cooled(at: now) >= timings.cooldown {
            return allOff(at: now)
        }
        reportUnsettled(at: now)
    }

    private mutating func stopping(at now: Instant) {
        if relays.isSettled { return finishStopping(at: now) }
        reportUnsettled(at: now)
    }

    private mutating func reportUnsettled(at now: Instant) {
        guard let unsettled = relays.unsettledTime(at: now), unsettled >= limits.stopReply,
            hasWaiters
        else { return }
        // Still energised for all that is known: say so, and go on trying for ever.
        raise(.relayWriteFailed)
        answerWaiters(.refused(.relayWriteFailed))
    }

    private mutating func manual(at now: Instant) {
        if relays.isSettled {
            if hasWaiters { answerWaiters(.relaysSet(relays.wanted)) }
        } else if writeFails(at: now) {
            answerWaiters(.refused(.relayWriteFailed))
            fail(.relayWriteFailed, at: now)
        }
    }

    /// IN4 long after the starter's release: the board may have missed it, so it is told again.
    private mutating func checkStarter(at now: Instant) {
        guard !relays.wanted.contains(.start),
            let settled = relays.settledTime(at: now), settled >= limits.starterRelease,
            let seen = inputs.settled(since: stateSince, at: now), seen.contains(.starterEngaged)
        else { return }
        if lastProblem != .starterNotReleased { raise(.starterNotReleased) }
        relays.rewrite(at: now)
    }
}
