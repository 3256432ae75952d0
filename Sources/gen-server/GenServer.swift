// gen-server drives the generator's relays and nothing else does: one thread, one loop. Whatever
// ends it, the relays are written off first.
import GeneratorCore
import I2CBus
import Platform

@main struct GenServer {
    static func main() {
        guard let arguments = ProcessArguments.current() else {
            fail("cannot read /proc/self/cmdline; relays untouched", ExitStatus.usage)
        }
        do throws(Options.Failure) {
            switch try Options.parse(arguments) {
            case .help: Terminal.say(Options.help)
            case .version: Terminal.say("gen-server " + Product.version)
            case .relaysOff(let options): Terminal.exit(RelaysOff.run(options))
            case .serve(let options): Terminal.exit(serve(options))
            }
        } catch {
            fail(error.text + "; see --help; relays untouched", ExitStatus.usage)
        }
    }

    private static func serve(_ options: Options) -> Int32 {
        var step = "lock"
        do throws(PosixError) {
            var lock: LockFile?
            if let path = options.lockPath {
                switch try LockFile.take(path) {
                case .locked(let taken): lock = taken
                case .held(let process):
                    complain(
                        "another gen-server" + (process.map { " (process " + $0 + ")" } ?? "")
                            + " drives this board, it holds " + path + "; relays untouched")
                    return ExitStatus.locked
                }
            }
            step = "log"
            let log = try options.logPath.map { path throws(PosixError) in
                try LogSink(path: path)
            }
            step = "listen"
            let listener = try TCP.listen(
                address: options.host, port: options.port, backlog: Server.Limits.backlog)
            step = "signals"
            let signals = try Signals()
            step = "bus"
            let bus = try options.openBus()
            step = "serve"
            let server = Server(
                options: options, bus: bus, listener: listener, signals: signals,
                log: log ?? LogSink())
            let status = try server.run()
            _ = lock  // held until here
            return status
        } catch {
            complain(sentence(step, error, options))
            return step == "log" || step == "lock"
                ? ExitStatus.cannotCreate : ExitStatus.unavailable
        }
    }

    private static func sentence(_ step: String, _ error: PosixError, _ options: Options) -> String
    {
        switch step {
        case "listen" where error.isAddressInUse:
            "port \(options.port) on " + options.host
                + " is in use: another server runs; stop it or give --port; relays untouched"
        case "listen":
            "cannot listen on " + options.host + ":\(options.port) (" + error.text
                + "); relays untouched"
        case "bus":
            "no I2C bus: " + error.text + "; check --bus and the driver; relays untouched"
        case "serve": "the loop failed (" + error.text + "); relays written off as far as possible"
        default: error.text + "; relays untouched"
        }
    }

    static func complain(_ text: String) { Terminal.complain("gen-server: " + text) }

    private static func fail(_ text: String, _ status: Int32) -> Never {
        complain(text)
        Terminal.exit(status)
    }
}

/// How the process ends.
enum ExitStatus {
    static var done: Int32 { 0 }
    /// A bad option.
    static var usage: Int32 { 64 }
    /// The port or the bus is not to be had.
    static var unavailable: Int32 { 69 }
    /// The lock or log file cannot be made.
    static var cannotCreate: Int32 { 73 }
    /// The board did not take "relays off".
    static var relaysNotOff: Int32 { 74 }
    /// Another server drives the board.
    static var locked: Int32 { 75 }
}
