// What is seen.
extension ChargePolicy {
    mutating func take(_ reading: BatteryReading, at now: Duration) {
        judge.chargerIsClosed = charging.closedSince != nil
        judge.take(reading, at: now)
        if judge.trust(at: now) == .good {
            charging.take(reading, at: now)
            noteStartReason(reading, at: now)
        } else {
            startHeld = nil
        }
    }

    mutating func take(_ seen: GeneratorView?, at now: Duration) {
        view = seen
        if let seen {
            if let lost = viewLostSince { lastLoss = (now - lost, now) }
            viewLostSince = nil
            charging.charger(isClosed: seen.chargerIsClosed, at: now)
        } else {
            viewLostSince = viewLostSince ?? now
        }
    }

    mutating func take(_ wishes: ManualWishes) {
        let isNew = wishes.forceCharge && !self.wishes.forceCharge
        if !wishes.forceCharge { wishIsSpent = false }
        self.wishes = wishes
        guard isNew, !wishIsSpent else { return }
        // An operator who wants a run wants it tried again, whatever failed before.
        pausedUntil = nil
        retryAt = nil
        switch phase {
        case .recovering, .error:
            failures = 0
            phase = .idle
        case .idle, .starting, .running, .stopping: break
        }
    }

    mutating func startAnswered(_ answer: CommandAnswer, at now: Duration) {
        // An answer that nobody waits for says nothing about the start that is under way now.
        guard startAskedAt != nil else { return }
        startAskedAt = nil
        // What was seen before the answer says nothing about what the answer began, or ended.
        view = nil
        guard case .starting(var start) = phase else { return }
        switch answer {
        case .accepted, .alreadyRunning, .lost:
            start.isAnswered = true
            phase = .starting(start)
        case .held, .notSent: phase = phaseAtRest(at: now)
        case .failed: failed(at: now)
        }
    }

    mutating func stopAnswered(_ answer: CommandAnswer, at now: Duration) {
        guard case .stopping(var stop) = phase, stop.isPending else { return }
        stop.isPending = false
        view = nil
        // A STOP that did not get through is said again as soon as there is somebody to say it to.
        stop.isLost = answer == .lost || answer == .notSent
        stop.askedAt = now
        phase = .stopping(stop)
    }

    mutating func obeyForceStop(at now: Duration) {
        guard wishes.forceStop else { return }
        wishes.forceStop = false
        actions.append(.consumeForceStop)
        pausedUntil = now + settings.pauseAfterStop
        if wishes.forceCharge { wishIsSpent = true }
        switch phase {
        case .starting, .running: stop(.forceStop, at: now)
        case .idle, .recovering, .error:
            // Somebody's run that has not been taken over yet is meant as well.
            if let view, view.isRunning { stop(.forceStop, at: now) }
        case .stopping: break
        }
    }
}
