// What is to be done in each phase.

extension ChargePolicy {
    mutating func decide(at now: Duration) {
        switch phase {
        case .idle: decideIdle(at: now)
        case .starting(let start): decideStarting(start, at: now)
        case .running(let run): decideRunning(run, at: now)
        case .stopping(let stop): decideStopping(stop, at: now)
        case .recovering(let until): decideRecovering(until: until, at: now)
        case .error:
            decision = .wait(.error(failures: failures))
            takeOver(at: now)
        }
    }

    private mutating func decideIdle(at now: Duration) {
        if takeOver(at: now) { return }
        if let reason = wanted(at: now) {
            // A STOP may have overtaken a START: it could still begin something.
            if let asked = startAskedAt, now - asked < settings.server.startMax {
                decision = .wait(.generatorUnknown)
                return
            }
            switch view?.activity {
            case .idle, .failed:
                begin(reason, at: now)
                decision = .start(reason)
            case nil: decision = .wait(.generatorUnknown)
            case let activity?: decision = .wait(.generatorBusy(activity))
            }
        }
    }

    private mutating func decideRecovering(until: Duration, at now: Duration) {
        if takeOver(at: now) { return }
        if now >= until {
            phase = .idle
            return decideIdle(at: now)
        }
        decision = .wait(.afterFailure(until - now, failures: failures))
    }

    /// A generator that runs is looked after, whoever started it.
    @discardableResult private mutating func takeOver(at now: Duration) -> Bool {
        guard let view, view.isRunning else { return false }
        startHeld = nil
        if view.activity == .starting {
            phase = .starting(Start(reason: .found, since: now, isAnswered: true))
            decision = .start(.found)
        } else {
            enterRun(.found, view, at: now)
        }
        return true
    }

    private mutating func decideStarting(_ start: Start, at now: Duration) {
        decision = .start(start.reason)
        if start.reason == .manual, !wishes.forceCharge { return stopNow(.manualOver, at: now) }
        guard start.isAnswered, let view else {
            return expire(start, at: now)
        }
        switch view.activity {
        case .charging: enterRun(start.reason, view, at: now)
        case .idle, .failed: failed(at: now)
        case .held: phase = phaseAtRest(at: now)
        case .stopping: giveWay(at: now)
        case .starting, .unloaded, .manual, .unclear: expire(start, at: now)
        }
    }

    private mutating func expire(_ start: Start, at now: Duration) {
        guard now - start.since > settings.server.startMax else { return }
        stop(.startTooLong, at: now, failedStart: true)
        decision = .stop(.startTooLong)
    }

    private mutating func enterRun(_ reason: RunReason, _ view: GeneratorView, at now: Duration) {
        let soc = judge.trust(at: now) == .good ? judge.last?.soc : nil
        let wasReached = soc.map { $0 >= settings.socStop } ?? false
        var run = Run(
            reason: reason, since: now, stopsAtSoc: reason != .found || !wasReached)
        if let time = view.runTime { run.since = min(run.since, now - time) }
        // Somebody's run may have lasted long enough already.
        decideRunning(run, at: now)
    }

    private mutating func decideRunning(_ before: Run, at now: Duration) {
        var run = before
        if let time = view?.runTime, view?.isRunning == true {
            run.since = min(run.since, now - time)
        }
        if wishes.forceCharge, !wishIsSpent { run.reason = .manual }
        noteTrust(&run, at: now)
        phase = .running(run)
        decision = .run(run.reason)
        if let view {
            switch view.activity {
            case .idle, .failed, .held: return engineStopped(run, at: now)
            case .stopping: return giveWay(at: now)
            case .starting, .charging, .unloaded, .manual, .unclear: break
            }
        }
        if let reason = reasonToStop(run, at: now) { stopNow(reason, at: now) }
    }

    private mutating func noteTrust(_ run: inout Run, at now: Duration) {
        guard judge.trust(at: now) == .good, let reading = judge.last else {
            run.blindSince = run.blindSince ?? now
            run.stopHeldSince = nil
            return
        }
        run.blindSince = nil
        let isFull = batteryReason(reading) != nil
        run.stopHeldSince = isFull ? run.stopHeldSince ?? now : nil
    }

    /// The battery has what it was to get.
    private func batteryReason(_ reading: BatteryReading) -> StopReason? {
        if let soc = reading.soc, soc >= settings.socStop {
            return .soc(soc, reached: settings.socStop)
        }
        if let limit = settings.voltageStopMillivolts, let millivolts = reading.millivolts,
            millivolts >= limit
        {
            return .voltage(millivolts: millivolts, reached: limit)
        }
        return nil
    }

    private func reasonToStop(_ run: Run, at now: Duration) -> StopReason? {
        let time = now - run.since
        if time >= settings.runMax { return .runMax(time) }
        switch run.reason {
        case .manual: return wishes.forceCharge ? nil : .manualOver
        case .exercise where time >= settings.exerciseRun: return .exerciseOver
        case .soc, .voltage, .exercise, .found: break
        }
        if let blind = run.blindSince, now - blind >= settings.blindRunMax {
            return .blind(now - blind)
        }
        guard run.reason != .exercise, run.stopsAtSoc, time >= settings.runMin,
            let since = run.stopHeldSince, now - since >= settings.stopHold,
            let reading = judge.last
        else { return nil }
        return batteryReason(reading)
    }

    private mutating func stopNow(_ reason: StopReason, at now: Duration) {
        // A manual run that ends by itself does not begin again before it is asked for again.
        if wishes.forceCharge { wishIsSpent = true }
        stop(reason, at: now)
        decision = .stop(reason)
    }

    /// The server is stopping the engine, and not because of this policy.
    private mutating func giveWay(at now: Duration) {
        let wasLost = viewLostFor(settings.server.lease, at: now)
        if !wasLost { pausedUntil = now + settings.pauseAfterStop }
        if wishes.forceCharge { wishIsSpent = true }
        stop(.byOthers, at: now)
        // It is being done already: it is said again only if that does not end.
        actions.removeAll { $0 == .stop }
        if case .stopping(var stop) = phase {
            stop.isPending = false
            stop.wasSeenStopping = true
            phase = .stopping(stop)
        }
        decision = .stop(.byOthers)
    }

    private mutating func engineStopped(_ run: Run, at now: Duration) {
        let time = now - run.since
        raise(.engineStopped)
        finish(time, at: now)
        if wishes.forceCharge, time >= settings.runMax { wishIsSpent = true }
        if time < settings.runMin { failed(at: now) }
    }

    private mutating func decideStopping(_ before: Stop, at now: Duration) {
        var stop = before
        decision = .stop(stop.reason)
        if let view, !stop.isPending {
            if view.isAtRest { return stood(stop, at: now) }
            if view.activity == .stopping { stop.wasSeenStopping = true }
            if stop.wasSeenStopping, view.namesStates, view.activity == .charging {
                // Somebody called the engine back from its cooldown: it is theirs.
                return enterRun(.found, view, at: now)
            }
        }
        if now - stop.since > settings.server.stopMax { raise(.stopFailed) }
        let isDue =
            stop.askedAt.map { now - $0 >= settings.server.stopRetry } ?? true
            || stop.isLost && view != nil
        if isDue, !stop.isPending,
            view?.activity != .stopping || now - stop.since > settings.server.stopMax
        {
            actions.append(.stop)
            stop.askedAt = now
            stop.isPending = true
            stop.isLost = false
        }
        phase = .stopping(stop)
    }

    private mutating func stood(_ stop: Stop, at now: Duration) {
        finish(stop.run, at: now)
        if stop.isFailedStart { return failed(at: now) }
        decide(at: now)
    }

    private func viewLostFor(_ time: Duration, at now: Duration) -> Bool {
        lastLoss.map { now - $0.until < time && $0.length >= time } ?? false
    }
}
