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
        /// Longest silence of a client that watches.
        static var silentWatcher: Duration { .seconds(300) }
        /// Longest time for the board to take "relays off" when leaving.
        static var leave: Duration { .seconds(5) }
        /// Readings younger than this are not taken anew for a client.
        static var fresh: Duration { .milliseconds(100) }
        /// What is said of the board in STATUS is at most this old.
        static var healthAge: Duration { .seconds(1) }
        /// Pause after the system had no descriptor for a client.
        static var acceptPause: Duration { .seconds(1) }
    }

    let options: Options
    let listener: FileDescriptor
    private let signals: Signals
    var bus: RelayBus
    var log: LogSink
    var machine: GeneratorMachine
    let startedAt: Instant
    let bootID: String
    /// In the order of their arrival: the first ones are served in full.
    var connections: [Connection] = []
    /// Clients taken since the start.
    var accepted: UInt64 = 0
    var acceptAgainAt: Instant?
    var nextRead: Instant
    var lastRead: Instant?
    var busFails = false
    var health: (of: StatusReport.SystemHealth, at: Instant)?
    var stateFile: StateFile?
    var counterFile: CounterFile?
    private var notifier = ServiceNotifier()
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
        let bootID = SystemFacts.bootID()
        self.bootID = bootID
        stateFile = options.statePath.map { StateFile(path: $0, bootID: bootID) }
        counterFile = options.countersPath.map { CounterFile(path: $0) }
        var inheritance = stateFile?.read(adopting: options.adopts, at: now) ?? Inheritance()
        inheritance.counters = counterFile?.read() ?? ServiceCounters()
        machine = GeneratorMachine(
            timings: options.timings, inheriting: inheritance, at: now)
    }

    static func now() -> Instant { Instant(sinceOrigin: SystemClock.monotonic()) }

    /// Serves until a signal says otherwise.
    func run() throws(PosixError) -> Int32 {
        perform(.tick)
        let port = try TCP.port(of: listener)
        log.write(
            "gen-server " + Product.version + " listens on " + options.host + ":\(port), bus "
                + options.bus + relaysText)
        keepFiles()
        notifier.ready()
        notifier.status(machine.statusText)
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

    private var relaysText: String {
        if machine.state == .adopting { return ", taking a running engine over" }
        return machine.isSafe ? ", relays off" : ", RELAYS MAY BE ON, retrying"
    }

    private func turn() -> PosixError? {
        poll.removeAll()
        _ = poll.add(signals.descriptor, .read)
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
        reap()
        keepFiles()
        notifier.alive(at: Self.now().sinceOrigin)
        return nil
    }

    private func timeout() -> Duration {
        if connections.contains(where: { $0.hasHeldUpInput }) { return .zero }
        let now = Self.now()
        var due = nextRead
        for other in [machine.nextDeadline, stateFile?.nextWrite] {
            if let other { due = min(due, other) }
        }
        return max(.zero, due - now)
    }

    /// Tells those who watch, and systemd.
    func tell(_ change: StateChange) {
        for connection in connections where connection.isWatching {
            connection.send(.change(change))
        }
        notifier.status(machine.statusText)
    }

    private func leave(_ signal: Int32) {
        guard leaveBy == nil else { return }
        leaveBy = Self.now() + Limits.leave
        notifier.stopping()
        log.write("signal \(signal), switching the relays off")
        perform(.shutdown)
    }
}
