import GeneratorCore
import GeneratorWire
import I2CBus
import Platform

// The machine and the bus.
extension Server {
    func perform(_ event: Event) {
        var pending: [Event] = [event]
        while !pending.isEmpty {
            let next = pending.removeFirst()
            for action in machine.handle(next, at: Self.now()) {
                switch action {
                case .writeRelays(let relays):
                    let result = bus.write(relays, at: Self.now())
                    busFails = result == .failed
                    lastRead = nil  // what was read before says nothing of what is now
                    pending.append(.relayWrite(relays, result))
                case .reply(let requester, let outcome): answer(requester, outcome)
                case .log(let note):
                    log.write(LogText.line(note))
                    if case .state(let from, let to) = note { changed(from, to) }
                }
            }
        }
    }

    private func changed(_ from: GeneratorState, _ to: GeneratorState) {
        tell(
            StateChange(
                from: from, to: to, left: machine.phaseLeft(at: Self.now())))
    }

    func readInputsIfDue() {
        guard Self.now() >= nextRead else { return }
        readInputs()
    }

    func readInputs() {
        let reading = bus.readInputs(at: Self.now())
        if (reading == .unknown) != busFails {
            busFails = reading == .unknown
            log.write(busFails ? "inputs cannot be read" : "inputs can be read")
        }
        let now = Self.now()
        lastRead = now
        perform(.inputs(reading))
        nextRead = now + machine.inputsInterval
    }

    /// The inputs for a client that asks: read now, unless they were a moment ago.
    func freshInputs() -> InputReading {
        if let lastRead, Self.now() - lastRead < Limits.fresh {
            return machine.currentInputs(at: Self.now())
        }
        readInputs()
        return machine.currentInputs(at: Self.now())
    }

    func report() -> StatusReport {
        _ = freshInputs()
        let now = Self.now()
        return StatusReport(
            of: machine, at: now,
            bus: bus.isSimulated ? .simulated : busFails ? .failing : .working,
            clients: connections.count,
            system: systemHealth(at: now),
            server: StatusReport.ServerFacts(
                version: Product.version, uptimeSeconds: (now - startedAt).components.seconds,
                connections: accepted, bootID: bootID))
    }

    /// The board's health, looked at anew once a second at most.
    private func systemHealth(at now: Instant) -> StatusReport.SystemHealth {
        if let health, now - health.at < Limits.healthAge { return health.of }
        let disk = SystemFacts.disk()
        let fresh = StatusReport.SystemHealth(
            uptimeSeconds: SystemFacts.uptimeSeconds(),
            memoryPercent: SystemFacts.memoryUsedPercent(),
            diskFreeMebibytes: disk?.freeMebibytes, diskUsedPercent: disk?.usedPercent)
        health = (fresh, now)
        return fresh
    }

    /// Writes what the next process must know, where there is something new.
    func keepFiles() {
        if let error = stateFile?.write(machine, at: Self.now()) {
            log.write("state for the next process is not kept: " + error.text)
        }
        do throws(PosixError) {
            try counterFile?.write(machine.counters, atEnd: machine.isSafe)
        } catch {
            log.write("service hours are not kept: " + error.text)
        }
    }
}

extension GeneratorMachine {
    /// One line for `systemctl status`.
    var statusText: String {
        WireText.name(state) + (lastProblem.map { ": " + WireText.sentence($0) } ?? "")
    }
}
