import InverterRegisters
import ModbusPort
import Platform

/// Reads the inverter round after round, through ports that vanish and come back.
struct InverterReader {
    private let settings: ModbusPort.Settings
    private var port: ModbusPort?
    private var backoff = Backoff()
    private var openAgainAt: Duration?
    /// What went wrong in the latest round; nil where nothing did.
    private(set) var problem: String?

    init(_ settings: ModbusPort.Settings) { self.settings = settings }

    /// One round. What could not be read is missing in the result.
    mutating func read(at now: Duration) -> InputRegisters {
        var registers = InputRegisters()
        guard open(at: now), let port else { return registers }
        do throws(ModbusError) {
            for block in RegisterBlock.monitored {
                guard registers.take(block, try port.read(block)) else {
                    problem = "answer of another length to registers from \(block.start)"
                    return registers
                }
            }
            problem = nil
            backoff = Backoff()
        } catch {
            problem = error.text
            switch error.kind {
            case .exception: break
            case .port, .timeout, .garbled:
                // A port that was pulled out answers nothing for ever: open it anew.
                self.port = nil
                openAgainAt = now + backoff.next()
            }
        }
        return registers
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
