import GeneratorWire
import InverterRegisters
import Platform
import SystemdNotify

/// The loop: read, ask, say, wait.
struct MonitorLoop {
    /// Longest wait between two signs of life where there is no watchdog.
    private static var idleTurn: Duration { .seconds(60) }

    private let options: Options
    private let signals: Signals
    private var inverter: InverterReader
    private var log = LogSink()
    private var inverterTrouble = Trouble(of: "inverter")
    private var generatorTrouble = Trouble(of: "generator")

    init(options: Options, signals: Signals) {
        self.options = options
        self.signals = signals
        inverter = InverterReader(options.inverter)
    }

    /// Goes round until a signal says otherwise.
    mutating func run() throws(PosixError) {
        log.write("pigenny-monitor " + Product.version + " observes; it starts nothing")
        SystemdNotify.ready("first round")
        let turn = SystemdNotify.watchdogInterval.map { $0 / 3 } ?? Self.idleTurn
        var next = SystemClock.monotonic()
        while true {
            SystemdNotify.alive()
            let now = SystemClock.monotonic()
            if now >= next {
                round(at: now)
                next = now + options.poll
            }
            var poll = PollSet()
            _ = poll.add(signals.descriptor, .read)
            try poll.wait(min(turn, max(.zero, next - SystemClock.monotonic())))
            if let signal = signals.next() {
                SystemdNotify.stopping()
                log.write("signal \(signal), leaving")
                return
            }
        }
    }

    private mutating func round(at now: Duration) {
        let snapshot = InverterSnapshot(inverter.read(at: now))
        if let line = inverterTrouble.news(inverter.problem) { log.write(line) }
        SystemdNotify.alive()
        var status: GeneratorStatus?
        var problem: String?
        if let endpoint = options.generator {
            do throws(GeneratorClient.Failure) {
                status = try GeneratorClient.status(of: endpoint)
            } catch {
                problem = error.text
            }
        }
        if let line = generatorTrouble.news(problem) { log.write(line) }
        let line = ReportLine.text(snapshot, status)
        log.write(line)
        SystemdNotify.status(line)
    }
}

/// Says what went wrong when it begins, changes or ends: not in every round.
private struct Trouble {
    private let subject: String
    private var said: String?

    init(of subject: String) { self.subject = subject }

    mutating func news(_ problem: String?) -> String? {
        guard problem != said else { return nil }
        said = problem
        return problem.map { subject + " unknown: " + $0 } ?? subject + " answers again"
    }
}
