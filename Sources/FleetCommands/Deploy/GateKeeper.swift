import DeployPlan
import GeneratorWire
import Inventory
import RemoteOps

/// What is done about a host's gates from here: waiting, stopping the generator first, keeping
/// others from starting it. Whether the gate is closed the host decides, in gate.sh.
struct GateKeeper {
    /// Between two looks while it waits.
    static let interval = Duration.seconds(5)
    /// In which an engine that was stopped stands.
    static let runDown = Duration.seconds(60)

    typealias Pause = @Sendable () async throws(DeployError) -> Void

    let deploy: FleetDeploy
    let host: Host
    let gated: [GateLines.Gated]
    let replan: (@Sendable () async throws(DeployError) -> HostPlan)?

    /// Carries a plan out as soon as the policy and the generator allow it.
    func run(
        _ plan: HostPlan,
        _ attempt: (HostPlan, Pause?) async throws(DeployError) -> HostDeploy.Done
    ) async throws(DeployError) -> HostDeploy.Done {
        let end = deploy.gates.wait.map { ContinuousClock.now + $0 }
        var plan = plan
        if let end {
            for one in running(plan) { try await waitUntilIdle(one, end) }
        }
        if deploy.gates.stopsFirst {
            for one in running(plan) {
                try await stop(one)
                // The server has let go; the engine turns on for a moment.
                try await waitUntilIdle(one, .now + Self.runDown, every: .seconds(1))
            }
        }
        while true {
            plan = try await current(plan)
            if plan.isEmpty { return HostDeploy.Done() }
            do throws(DeployError) {
                return try await withoutStarters(plan, attempt)
            } catch {
                guard case .gateClosed(_, _, let reason) = error, let end, .now < end else {
                    throw error
                }
                deploy.console.say("\(host.name): the gate is closed again: \(reason)")
                guard await SequenceFollow.pauses(for: min(Self.interval, end - .now)) else {
                    throw error
                }
                for one in running(plan) { try await waitUntilIdle(one, end) }
            }
        }
    }

    /// Those that can be asked; what does not run needs no waiting for.
    private func running(_ plan: HostPlan) -> [GateLines.Gated] {
        gated.filter { one in
            plan.services.contains { $0.service == one.service.name.text && $0.restarts }
        }
    }

    /// The plan as it is after a wait; the host may have changed meanwhile.
    private func current(_ plan: HostPlan) async throws(DeployError) -> HostPlan {
        guard deploy.gates.wait != nil || deploy.gates.stopsFirst, let replan else { return plan }
        let fresh = try await replan()
        guard fresh.isEmpty || (fresh.steps == plan.steps && fresh.refusals.isEmpty) else {
            throw .gateClosed(
                service: gated.map(\.service.name.text).joined(separator: ", "),
                host: host.name.text,
                reason: "the host is not what it was when the plan was made; look at a new plan")
        }
        return fresh
    }

    // MARK: Waiting and stopping

    private func link(_ one: GateLines.Gated) -> GeneratorLink {
        GeneratorLink(
            GeneratorServer(
                host: host, service: one.service, port: one.port, fleet: deploy.fleet),
            deploy.connections)
    }

    private func waitUntilIdle(
        _ one: GateLines.Gated, _ end: ContinuousClock.Instant, every interval: Duration = interval
    ) async throws(DeployError) {
        let link = link(one)
        var said: String?
        while true {
            guard let reason = await reasonToWait(link) else { break }
            guard .now < end, !Task.isCancelled else {
                await link.hangUp()
                throw closed(one, reason)
            }
            if said != reason {
                let left = spoken((end - .now).components.seconds)
                deploy.console.say(
                    "\(host.name): waiting for the generator, \(left) at most: \(reason)")
                said = reason
            }
            _ = await SequenceFollow.pauses(for: min(interval, end - .now))
        }
        await link.hangUp()
    }

    private func reasonToWait(_ link: GeneratorLink) async -> String? {
        do throws(GeneratorClient.Failure) {
            return GateJudge.reason(
                try await link.status(), owner: HoldOwnerOption.sanitized(deploy.author.owner))
        } catch {
            await link.mend(error)
            return "its state could not be read, and unknown counts as running "
                + "(\(error.summary.printable))"
        }
    }

    /// The proper stop, with its cooldown, of a generator that is not idle.
    private func stop(_ one: GateLines.Gated) async throws(DeployError) {
        let link = link(one)
        let progress = SequenceProgress(host.name.text, deploy.console)
        let refusal = await stop(link, SequenceVerb(goal: .off, link: link, progress: progress))
        progress.clear()
        await link.hangUp()
        if let refusal { throw closed(one, refusal) }
    }

    private func stop(_ link: GeneratorLink, _ verb: SequenceVerb) async -> String? {
        let before: GeneratorStatus
        do throws(GeneratorClient.Failure) {
            before = try await link.status()
        } catch {
            return "its state could not be read, and unknown counts as running "
                + "(\(error.summary.printable))"
        }
        if before.showsIdle { return nil }
        // A stop writes relays, too: the older server's turns the ignition on for its cooldown.
        if before.engine == .unknown { return GateJudge.inputsUnknown }
        deploy.console.say("\(host.name): stopping the generator first: \(before.stateWords)")
        let result =
            before.isLegacy
            ? await verb.stopLegacy(before, at: false, waits: true)
            : await verb.run("STOP NOWAIT", from: before, waits: true)
        return result.exit == nil ? nil : "it could not be stopped first: \(result.detail)"
    }

    private func closed(_ one: GateLines.Gated, _ reason: String) -> DeployError {
        .gateClosed(service: one.service.name.text, host: host.name.text, reason: reason)
    }

    // MARK: Others that start it

    /// Where the server cannot be held, whoever could start it is stopped for the time of the
    /// steps, and started again however they end.
    private func withoutStarters(
        _ plan: HostPlan,
        _ attempt: (HostPlan, Pause?) async throws(DeployError) -> HostDeploy.Done
    ) async throws(DeployError) -> HostDeploy.Done {
        let names = Set(gated.flatMap(\.service.starters))
        let services = deploy.fleet.services.filter { names.contains($0.name) }
        guard !services.isEmpty else { return try await attempt(plan, nil) }
        let starters = GateStarters(services, deploy.connections, deploy.console)
        let pause: Pause = { () async throws(DeployError) in
            for one in gated where await isIdleLegacy(one) {
                if let reason = await starters.pause() { throw closed(one, reason) }
                return
            }
        }
        let outcome: Result<HostDeploy.Done, DeployError>
        do throws(DeployError) {
            outcome = .success(try await attempt(plan, pause))
        } catch {
            outcome = .failure(error)
        }
        await starters.resume()
        return try outcome.get()
    }

    /// Nobody is stopped for a server that can be held, nor for a gate that is closed anyway: the
    /// host looks for itself and says why.
    private func isIdleLegacy(_ one: GateLines.Gated) async -> Bool {
        let link = link(one)
        do throws(GeneratorClient.Failure) {
            let status = try await link.status()
            await link.hangUp()
            return status.isLegacy && status.showsIdle
        } catch {
            return false
        }
    }
}

extension ServiceChange {
    /// Whether a process that runs is replaced.
    var restarts: Bool { restart != nil && restart != .notRunning }
}
