import InverterRegisters
import ModbusPort
import Platform

/// Reads the inverter round after round, through ports that vanish and come back.
struct InverterReader {
    /// The longest round, whatever the line does: the watchdog of the unit waits a minute.
    private static var roundTimeMax: Duration { .seconds(4) }

    private let settings: ModbusPort.Settings
    private var port: ModbusPort?
    private var backoff = Backoff()
    private var openAgainAt: Duration?
    /// What went wrong in the latest round; nil where nothing did.
    private(set) var problem: String?

    init(_ settings: ModbusPort.Settings) { self.settings = settings }

    /// One round, on the clock that the port's limits are measured by. What could not be read is
    /// missing in the result.
    mutating func read() -> InputRegisters {
        let now = SystemClock.monotonic()
        var registers = InputRegisters()
        guard open(at: now), let port else { return registers }
        var problem: String?
        for block in RegisterBlock.monitored {
            do throws(ModbusError) {
                let words = try port.read(block, until: now + Self.roundTimeMax)
                if !registers.take(block, words) {
                    problem = "answer of another length to registers from \(block.start)"
                }
                backoff = Backoff()
            } catch {
                problem = error.text
                if !goesOn(after: error) { break }
            }
        }
        self.problem = problem
        return registers
    }

    /// Whether the other blocks are worth a request.
    private mutating func goesOn(after error: ModbusError) -> Bool {
        switch error.kind {
        case .exception, .busy: return true
        case .garbled: return false
        case .port, .timeout:
            // A port that was pulled out answers nothing for ever: open it anew.
            port = nil
            // From now and not from the round's beginning, which is seconds ago.
            openAgainAt = SystemClock.monotonic() + backoff.next()
            return false
        }
    }

    private mutating func open(at now: Duration) -> Bool {
        if port != nil { return true }
        if let openAgainAt, now < openAgainAt { return false }
        do throws(ModbusError) {
            port = try ModbusPort(settings)
            return true
        } catch {
            problem = error.text
            openAgainAt = now + backoff.next()
            return false
        }
    }
}

/// Growing pauses between attempts.
struct Backoff {
    private var step = 0

    private static var seconds: [Int64] { [1, 2, 5, 10, 30, 60] }

    mutating func next() -> Duration {
        let pause = Self.seconds[step]
        step = min(step + 1, Self.seconds.count - 1)
        return .seconds(pause)
    }
}
