import GeneratorCore
import GeneratorWire
import I2CBus
import Platform

/// The loop: gather, handle, perform, wait.
final class Server {
    enum Limits {
        static var backlog: Int32 { 16 }
        /// Clients that are served in full.
        static var clients: Int { 5 }
        /// Clients beyond those, who may still say STOP, STATUS and PING.
        static var moreClients: Int { 8 }
        /// Longest time for the board to take "relays off" when leaving.
        static var leave: Duration { .seconds(5) }
        /// Readings younger than this are not taken anew for a client.
        static var fresh: Duration { .milliseconds(100) }
        /// Pause after the system had no descriptor for a client.
        static var acceptPause: Duration { .seconds(1) }
    }

    private let options: Options
    private let listener: FileDescriptor
    private let signals: Signals
    private var bus: RelayBus
    private var log: LogSink
    private var machine: GeneratorMachine
    private let startedAt: Instant
    /// In the order of their arrival: the first ones are served in full.
    private var connections: [Connection] = []
    private var nextRequester: UInt32 = 1
    private var nextRead: Instant
    private var lastRead: Instant?
    private var acceptAgainAt: Instant?
    private var busFails = false
    private var leaveBy: Instant?
    private var poll = PollSet()

    init(
        options: Options, bus: RelayBus, listener: FileDescriptor, signals: Signals, log: LogSink
    ) {
        self.options = options
        self.bus = bus
        self.listener = listener
        self.signals = signals
        self.log = log
        let now = Instant(sinceOrigin: SystemClock.monotonic())
        startedAt = now
        nextRead = now
        machine = GeneratorMachine(timings: options.timings, at: now)
    }

    private static func now() -> Instant { Instant(sinceOrigin: SystemClock.monotonic()) }

    /// Serves until a signal says otherwise.
    func run() throws(PosixError) -> Int32 {
        perform(.tick)
        let port = try TCP.port(of: listener)
        log.write(
            "gen-server " + Product.version + " listens on " + options.host + ":\(port), bus "
                + options.bus + (machine.isSafe ? ", relays off" : ", RELAYS MAY BE ON, retrying"))
        while true {
            let failure = turn()
            guard failure == nil || leaveBy != nil else {
                log.write("poll fails, leaving")
                perform(.shutdown)
                throw failure ?? PosixError("poll", code: 0)
            }
            guard let leaveBy else { continue }
            if machine.isSafe {
                log.write("leaving, relays off")
                return ExitStatus.done
            }
            if Self.now() >= leaveBy {
                log.write("LEAVING WITH RELAYS POSSIBLY ON: the board does not take writes")
                GenServer.complain("RELAYS MAY STILL BE ON: the board does not take writes")
                return ExitStatus.relaysNotOff
            }
        }
    }

    private func turn() -> PosixError? {
        poll.removeAll()
        let signalPlace = poll.add(signals.descriptor, .read)
        let mayAccept = acceptAgainAt.map { $0 <= Self.now() } ?? true
        let listenPlace = poll.add(listener, mayAccept ? .read : [])
        let first = listenPlace + 1
        for connection in connections { _ = poll.add(connection.descriptor, connection.interest) }
        do throws(PosixError) {
            try poll.wait(timeout())
        } catch {
            return error
        }
        while let signal = signals.next() { leave(signal) }
        readInputsIfDue()
        perform(.tick)
        let polled = connections
        for (index, connection) in polled.enumerated() {
            if poll.isWritable(first + index) { connection.flush() }
            if poll.isReadable(first + index) { connection.receive(at: Self.now()) }
        }
        for connection in polled { serve(connection) }
        if mayAccept, poll.isReadable(listenPlace) { accept() }
        _ = signalPlace
        reap()
        return nil
    }

    private func timeout() -> Duration {
        if connections.contains(where: { $0.hasHeldUpInput }) { return .zero }
        let now = Self.now()
        let due = machine.nextDeadline.map { min($0, nextRead) } ?? nextRead
        return max(.zero, due - now)
    }

    private func leave(_ signal: Int32) {
        guard leaveBy == nil else { return }
        leaveBy = Self.now() + Limits.leave
        log.write("signal \(signal), switching the relays off")
        perform(.shutdown)
    }
}

// The machine and the bus.
extension Server {
    private func perform(_ event: Event) {
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
                case .log(let note): log.write(LogText.line(note))
                }
            }
        }
    }

    private func readInputsIfDue() {
        guard Self.now() >= nextRead else { return }
        readInputs()
    }

    private func readInputs() {
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
    private func freshInputs() -> InputReading {
        if let lastRead, Self.now() - lastRead < Limits.fresh {
            return machine.currentInputs(at: Self.now())
        }
        readInputs()
        return machine.currentInputs(at: Self.now())
    }

    private func report() -> StatusReport {
        let inputs = freshInputs()
        let disk = SystemFacts.disk()
        return StatusReport(
            inputs: inputs, relays: machine.confirmedRelays,
            possibleRelays: machine.possibleRelays, state: machine.state,
            bus: bus.isSimulated ? .simulated : busFails ? .failing : .working,
            clients: connections.count,
            system: StatusReport.SystemHealth(
                uptimeSeconds: SystemFacts.uptimeSeconds(),
                memoryPercent: SystemFacts.memoryUsedPercent(),
                diskFreeMebibytes: disk?.freeMebibytes, diskUsedPercent: disk?.usedPercent),
            version: Product.version,
            serverUptimeSeconds: (Self.now() - startedAt).components.seconds,
            lastProblem: machine.lastProblem)
    }
}

// Clients.
extension Server {
    private func accept() {
        do throws(PosixError) {
            acceptAgainAt = nil
            guard let descriptor = try TCP.accept(listener) else { return }
            guard makeRoom() else { return }
            let connection = Connection(
                requester: Requester(id: nextRequester), descriptor: descriptor, at: Self.now())
            nextRequester &+= 1
            connections.append(connection)
            connection.send(.greeting)
        } catch {
            acceptAgainAt = Self.now() + Limits.acceptPause
            log.write("cannot take a client: " + error.text)
        }
    }

    /// A place for one more. Among those beyond the limit the one that has been silent longest
    /// goes: half-open connections never keep a STOP out.
    private func makeRoom() -> Bool {
        guard connections.count >= Limits.clients + Limits.moreClients else { return true }
        let idle = connections[Limits.clients...].filter { !$0.isWaiting }
        guard let oldest = idle.min(by: { $0.lastHeard < $1.lastHeard }) else { return false }
        connections.removeAll { $0 === oldest }
        return true
    }

    private func reap() {
        let now = Self.now()
        for connection in connections {
            let isIdle =
                !connection.isWaiting && now - connection.lastHeard >= options.idleTimeout
            if connection.isDone || isIdle { drop(connection) }
        }
    }

    private func drop(_ connection: Connection) {
        connections.removeAll { $0 === connection }
        if connection.isWaiting { perform(.gone(connection.requester)) }
    }

    private func answer(_ requester: Requester, _ outcome: Outcome) {
        guard let connection = connections.first(where: { $0.requester == requester }) else {
            return
        }
        connection.isWaiting = false
        connection.send(.outcome(outcome))
    }

    private func serve(_ connection: Connection) {
        while let element = connection.nextLine() {
            switch element {
            case .tooLong: connection.send(.lineTooLong)
            case .line(let line):
                if let request = Request.parse(line) { handle(request, of: connection) }
            }
        }
    }

    private func handle(_ request: Request, of connection: Connection) {
        if connection.isWaiting {
            // Who sends another command no longer waits for the earlier answer. Sent later, it
            // would be read as the answer to something else.
            connection.isWaiting = false
            perform(.gone(connection.requester))
        }
        guard isServed(request, connection) else {
            return connection.send(.tooManyClients(limit: Limits.clients))
        }
        switch request {
        case .ping: connection.send(.pong)
        case .inputs: connection.send(.inputs(freshInputs()))
        case .status: connection.send(.status(report()))
        case .help: connection.send(.help)
        case .empty: connection.send(.emptyCommand)
        case .unknown(let command): connection.send(.unknownCommand(command))
        case .start: command(.start(by: connection.requester), of: connection)
        case .stop: command(.stop(by: connection.requester), of: connection)
        case .relay(.relays(let relays)):
            command(.setRelays(relays, by: connection.requester), of: connection)
        case .relay(let argument): connection.send(.badRelay(argument))
        case .quit:
            connection.discardInput()
            connection.send(.bye)
            connection.isLeaving = true
        }
    }

    private func command(_ event: Event, of connection: Connection) {
        connection.isWaiting = true
        perform(event)
    }

    private func isServed(_ request: Request, _ connection: Connection) -> Bool {
        switch request {
        case .ping, .status, .stop, .quit: return true
        case .inputs, .start, .relay, .help, .empty, .unknown:
            let place = connections.firstIndex { $0 === connection } ?? Limits.clients
            return place < Limits.clients
        }
    }
}
