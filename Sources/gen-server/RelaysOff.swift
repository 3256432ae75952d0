import GeneratorCore
import I2CBus
import Platform

/// `--relays-off`: for the supervisor when the server is gone, and for people in need.
enum RelaysOff {
    /// Time for a server that is just ending to let go of the board.
    private static var lockTime: Duration { .seconds(2) }
    /// Time for the board to take the write.
    private static var writeTime: Duration { .seconds(5) }
    private static var pauseMicroseconds: Int64 { 100_000 }

    static func run(_ options: Options) -> Int32 {
        let lock = takeLock(options)
        defer { _ = lock }
        do throws(PosixError) {
            var bus = try options.openBus()
            let deadline = SystemClock.monotonic() + writeTime
            while true {
                let now = SystemClock.monotonic()
                if bus.write([], at: Instant(sinceOrigin: now)) == .written {
                    Terminal.say("gen-server: relays off" + (bus.isSimulated ? " (simulated)" : ""))
                    return ExitStatus.done
                }
                guard now < deadline else { break }
                SystemClock.pause(microseconds: pauseMicroseconds)
            }
            GenServer.complain(
                "RELAYS MAY STILL BE ON: the board on " + options.bus
                    + " does not take writes; cut its power")
        } catch {
            GenServer.complain(
                "RELAYS MAY STILL BE ON: " + error.text + "; check --bus and the driver")
        }
        return ExitStatus.relaysNotOff
    }

    /// The lock where it can be had. A server that hangs must not keep the relays on, so in the
    /// end this goes on without it: off is the safe direction.
    private static func takeLock(_ options: Options) -> LockFile? {
        guard let path = options.lockPath else { return nil }
        let deadline = SystemClock.monotonic() + lockTime
        while true {
            do throws(PosixError) {
                switch try LockFile.take(path) {
                case .locked(let lock): return lock
                case .held(let process):
                    guard SystemClock.monotonic() >= deadline else { break }
                    GenServer.complain(
                        "process " + (process ?? "unknown")
                            + " still drives this board; switching off all the same")
                    return nil
                }
            } catch {
                GenServer.complain(error.text + "; switching off without the lock")
                return nil
            }
            SystemClock.pause(microseconds: pauseMicroseconds)
        }
    }
}
