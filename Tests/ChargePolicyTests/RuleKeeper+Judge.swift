import ChargePolicy

// What comes out.
extension RuleKeeper {
    mutating func judgeCommands(
        _ actions: [ChargePolicy.Action], _ policy: ChargePolicy, _ before: Before,
        at now: Duration
    ) {
        for (index, action) in actions.enumerated() {
            switch action {
            case .reset:
                if seen?.activity != .failed { complain("RESET without a failure in view") }
                if index + 1 == actions.count || actions[index + 1] != .start {
                    complain("RESET without a START")
                }
            case .start:
                judgeStart(policy, at: now)
                if seen?.activity == .failed, index == 0 || actions[index - 1] != .reset {
                    complain("START after a failure without a RESET")
                }
            case .stop:
                judgeStop(policy, at: now)
                stopAsked = now
            case .consumeForceStop, .raised, .cleared: break
            }
        }
        if actions.filter({ $0 == .start }).count > 1 { complain("two STARTs at once") }
        if actions.filter({ $0 == .stop }).count > 1 { complain("two STOPs at once") }
    }

    private mutating func judgeStart(_ policy: ChargePolicy, at now: Duration) {
        starts += 1
        let settings = policy.settings
        guard isFresh, let seen, [.idle, .failed].contains(seen.activity) else {
            return complain("START while the generator is \(view)")
        }
        if let startAsked, now - startAsked < settings.server.startMax {
            complain("START while a START is under way")
        }
        startAsked = now
        if policy.state != .starting { complain("START, and \(policy.state)") }
        if policy.runReason != .manual {
            if policy.trust(at: now) != .good { complain("START on \(policy.trust(at: now))") }
            if let restedAt, now - restedAt < settings.rest {
                complain("START \(now - restedAt) after a run")
            }
            if lastSoc == nil { complain("START without a state of charge") }
            if lastReadingAt.map({ now - $0 > settings.battery.ageMax }) ?? true {
                complain("START on an old reading")
            }
        } else if !isWished {
            complain("a manual START that nobody asked for")
        }
        if failedInRow >= settings.failuresMax {
            complain("START after \(failedInRow) failures in a row")
        }
        if let failedAt, now - failedAt < settings.failureWait {
            complain("START \(now - failedAt) after a failure")
        }
    }

    private mutating func judgeStop(_ policy: ChargePolicy, at now: Duration) {
        if policy.state != .stopping { complain("STOP, and \(policy.state)") }
        if stopAsked != nil { complain("STOP while a STOP is under way") }
        if let stopTaken, now - stopTaken < policy.settings.server.stopRetry {
            complain("STOP repeated after \(now - stopTaken)")
        }
    }

    private var view: String { seen.map { "\($0.activity), fresh \(isFresh)" } ?? "unknown" }

    mutating func judgeState(
        _ policy: ChargePolicy, _ before: Before, _ actions: [ChargePolicy.Action],
        at now: Duration
    ) {
        let settings = policy.settings
        let state = policy.state
        judgeLeaving(policy, before, actions)
        if policy.failures > before.failures {
            failures += 1
            failedInRow += 1
            failedAt = now
            if policy.failures > before.failures + 1 { complain("one failure counted twice") }
        } else if policy.failures < before.failures {
            if failedInRow > 0, policy.failures == 0,
                before.state == .stopping || before.state == .running
            {
                forgive()
            } else if failedInRow > 0 {
                complain("failures were forgotten")
            }
        }
        let time = now - stateSince
        switch state {
        case .starting:
            if time > settings.server.startMax { complain("starting for \(time)") }
        case .running:
            let run = max(time, policy.runTime(at: now) ?? .zero)
            if max(run, seen?.runTime ?? .zero) >= settings.runMax {
                complain("running for \(run)")
            }
        case .errorRecovery:
            if time >= settings.failureWait { complain("recovering for \(time)") }
        case .idle, .stopping, .error: break
        }
        if state != .stopping {
            stopTaken = nil
        }
        if policy.wantsLease != (state == .starting || state == .running) {
            complain("a lease is wanted in \(state)")
        }
        if (policy.runReason != nil) != policy.wantsLease {
            complain("\(state) for the reason \(String(describing: policy.runReason))")
        }
        if policy.decision.text.isEmpty || policy.decision == .undecided {
            complain("no words for \(state)")
        }
    }

    private mutating func judgeLeaving(
        _ policy: ChargePolicy, _ before: Before, _ actions: [ChargePolicy.Action]
    ) {
        let state = policy.state
        if state == before.state, state != .starting || !actions.contains(.start) { return }
        switch before.state {
        case .stopping:
            let isBack = isFresh && seen?.namesStates == true && seen?.activity == .charging
            if !isSeenAtRest, !isBack { complain("stopping was left for \(state), \(view)") }
        case .idle, .errorRecovery, .error:
            guard state == .starting || state == .running, !actions.contains(.start) else { break }
            if !isSeenRunning { complain("taken over while the generator is \(view)") }
        case .starting, .running: break
        }
        if state == .stopping, before.state != .running, before.state != .starting,
            !isSeenRunning
        {
            complain("\(before.state) goes to stopping, \(view)")
        }
        if state == .running, !isFresh || seen?.activity == nil || isSeenAtRest {
            complain("\(before.state) goes to running, \(view)")
        }
    }

    mutating func judgeAlarms(
        _ actions: [ChargePolicy.Action], _ before: Before, _ policy: ChargePolicy
    ) {
        var on = before.alarms
        for action in actions {
            switch action {
            case .raised(let alarm):
                if on.contains(alarm) { complain("\(alarm) raised twice") }
                on.append(alarm)
            case .cleared(let alarm):
                if !on.contains(alarm) { complain("\(alarm) cleared, but was not on") }
                on.removeAll { $0 == alarm }
            case .reset, .start, .stop, .consumeForceStop: break
            }
        }
        if on.count != policy.alarms.count || on.contains(where: { !policy.alarms.contains($0) }) {
            complain("alarms \(policy.alarms), said \(on)")
        }
        if (policy.state == .error) && !policy.alarms.contains(.startsExhausted) {
            complain("error without its alarm")
        }
    }
}
