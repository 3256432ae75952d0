import GeneratorCore
import GeneratorWire
import Platform

// Clients.
extension Server {
    func accept() {
        do throws(PosixError) {
            acceptAgainAt = nil
            guard let descriptor = try TCP.accept(listener) else { return }
            accepted += 1
            guard makeRoom() else { return }
            let connection = Connection(
                requester: Requester(id: UInt32(truncatingIfNeeded: accepted)),
                descriptor: descriptor, at: Self.now())
            connections.append(connection)
            connection.send(.greeting)
        } catch {
            acceptAgainAt = Self.now() + Limits.acceptPause
            log.write("cannot take a client: " + error.text)
        }
    }

    /// A place for one more. Among those beyond the limit the one that has been silent longest
    /// goes: half-open connections never keep a STOP out.
    func makeRoom() -> Bool {
        guard connections.count >= Limits.clients + Limits.moreClients else { return true }
        let idle = connections[Limits.clients...].filter { !$0.isWaiting }
        guard let oldest = idle.min(by: { $0.lastHeard < $1.lastHeard }) else { return false }
        connections.removeAll { $0 === oldest }
        return true
    }

    func reap() {
        let now = Self.now()
        for connection in connections {
            // Who watches must say something now and then: a place is not kept for a dead link.
            let limit =
                connection.isWatching
                ? min(options.idleTimeout, Limits.silentWatcher) : options.idleTimeout
            let isIdle = !connection.isWaiting && now - connection.lastHeard >= limit
            if connection.isDone || isIdle { drop(connection) }
        }
    }

    func drop(_ connection: Connection) {
        connections.removeAll { $0 === connection }
        if connection.isWaiting { perform(.gone(connection.requester)) }
    }

    func answer(_ requester: Requester, _ outcome: Outcome) {
        guard let connection = connections.first(where: { $0.requester == requester }) else {
            return
        }
        connection.isWaiting = false
        connection.send(.outcome(outcome))
    }

    func serve(_ connection: Connection) {
        while let element = connection.nextLine() {
            switch element {
            case .tooLong: connection.send(.lineTooLong)
            case .line(let line):
                if let request = Request.parse(line) { handle(request, of: connection) }
            }
        }
    }

    func handle(_ request: Request, of connection: Connection) {
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
        case .version: connection.send(.version(Product.version))
        case .incomplete(let command): connection.send(.incomplete(command))
        case .watch:
            connection.isWatching = true
            connection.send(.watching)
        case .start, .stop, .relay(.relays), .hold, .release, .lease, .reset:
            command(request, of: connection)
        case .relay(let argument): connection.send(.badRelay(argument))
        case .quit:
            connection.discardInput()
            connection.send(.bye)
            connection.isLeaving = true
        }
    }

    private func command(_ request: Request, of connection: Connection) {
        guard let event = Self.event(request, by: connection.requester) else { return }
        connection.isWaiting = true
        perform(event)
    }

    private static func event(_ request: Request, by requester: Requester) -> Event? {
        switch request {
        case .start(let answer): .start(answer, by: requester)
        case .stop(let kind): .stop(kind, by: requester)
        case .relay(.relays(let relays)): .setRelays(relays, by: requester)
        case .hold(let owner, let seconds, let reason):
            .hold(
                Hold(owner: owner, reason: reason, until: now() + .seconds(seconds)),
                by: requester)
        case .release(let owner): .release(owner: owner, by: requester)
        case .lease(let seconds): .lease(.seconds(seconds), by: requester)
        case .reset: .reset(by: requester)
        case .ping, .inputs, .status, .watch, .version, .help, .quit, .empty, .unknown,
            .incomplete, .relay:
            nil
        }
    }

    private func isServed(_ request: Request, _ connection: Connection) -> Bool {
        switch request {
        case .ping, .status, .stop, .quit: return true
        case .inputs, .start, .relay, .watch, .hold, .release, .lease, .reset, .version, .help,
            .empty, .unknown, .incomplete:
            let place = connections.firstIndex { $0 === connection } ?? Limits.clients
            return place < Limits.clients
        }
    }
}
