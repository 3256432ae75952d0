import GeneratorCore
import I2CBus
import Platform

/// What the command line says.
struct Options {
    /// What is to be done.
    enum Command {
        case help, version
        case relaysOff(Options)
        case serve(Options)
    }

    /// What is wrong with the command line.
    struct Failure: Error {
        var text: String
    }

    var host = "0.0.0.0"
    var port: UInt16 = 9999
    var bus = "/dev/i2c-0"
    var address: UInt8 = 0x58
    var logPath: String?
    var lockPath: String?
    var statePath: String?
    var countersPath: String?
    var adopts = false
    var idleTimeout: Duration = .seconds(3900)
    var timings = Timings()
    var engine = SimulatedEngine.Temper.catches(after: .seconds(3))

    static var simulated: String { "sim" }

    static func parse(_ arguments: [String]) throws(Failure) -> Command {
        var scan = OptionScanner(arguments)
        var options = Options()
        var relaysOff = false
        var bounds = Timings.Bounds.site
        var timings: [(Timings.Field, String)] = []
        do throws(OptionScanner.Failure) {
            while let name = try scan.next() {
                switch name {
                case "--help": return .help
                case "--version": return .version
                case "--relays-off": relaysOff = true
                case "--adopt": options.adopts = true
                case "--unsafe-timings": bounds = .bench
                case "--no-crank-disconnect": options.timings.crankDisconnect = .never
                default:
                    guard known.contains(name) || field(name) != nil else {
                        return try rejected("unknown option " + name)
                    }
                    let value = try scan.value()
                    if let field = field(name) {
                        timings.append((field, value))
                    } else if !options.set(name, value) {
                        return try rejected("bad value '" + value + "' for " + name)
                    }
                }
            }
        } catch {
            throw Failure(text: describe(error))
        }
        if options.bus == simulated { bounds = .bench }
        for (field, value) in timings { try options.set(field, value, bounds) }
        options.completePaths()
        return relaysOff ? .relaysOff(options) : .serve(options)
    }
}

// Single options.
extension Options {
    private static var known: [String] {
        [
            "--host", "--port", "--bus", "--address", "--log", "--lock", "--state", "--counters",
            "--idle-timeout", "--sim-catch",
        ]
    }

    private static func field(_ name: String) -> Timings.Field? {
        Timings.Field.allCases.first { "--" + $0.rawValue == name }
    }

    private mutating func set(_ name: String, _ value: String) -> Bool {
        switch name {
        case "--host": host = value == "localhost" ? "127.0.0.1" : value
        case "--port":
            guard let number = UInt16(value) else { return false }
            port = number
        case "--bus":
            guard value == Self.simulated || value.hasPrefix("/") else { return false }
            bus = value
        case "--address":
            guard let byte = OptionValue.byte(value), (0x08...0x77).contains(byte) else {
                return false
            }
            address = byte
        case "--log": logPath = value
        case "--lock": lockPath = value
        case "--state": statePath = value
        case "--counters": countersPath = value
        case "--idle-timeout":
            guard let time = OptionValue.milliseconds(value), time >= 1000 else { return false }
            idleTimeout = .milliseconds(time)
        case "--sim-catch":
            if value == "never" {
                engine = .dead
            } else if let time = OptionValue.milliseconds(value) {
                engine = .catches(after: .milliseconds(time))
            } else {
                return false
            }
        default: return false
        }
        return true
    }

    private mutating func set(
        _ field: Timings.Field, _ value: String, _ bounds: Timings.Bounds
    ) throws(Failure) {
        guard let time = OptionValue.milliseconds(value) else {
            throw Failure(text: "bad value '" + value + "' for --" + field.rawValue)
        }
        guard timings.set(field, milliseconds: time, within: bounds) else {
            let range = field.allowedMilliseconds(bounds)
            throw Failure(
                text: "--" + field.rawValue + " " + value + " is outside "
                    + Self.seconds(range.lowerBound) + " to " + Self.seconds(range.upperBound)
                    + " seconds")
        }
    }

    private static func seconds(_ milliseconds: Int64) -> String {
        let rest = milliseconds % 1000
        guard rest != 0 else { return "\(milliseconds / 1000)" }
        return "\(milliseconds / 1000)." + (rest < 100 ? "0" : "") + "\(rest / 10)"
    }

    private static func rejected(_ text: String) throws(OptionScanner.Failure) -> Command {
        throw .unexpected(text)
    }

    private static func describe(_ failure: OptionScanner.Failure) -> String {
        switch failure {
        case .unexpected(let word): word
        case .missingValue(let name): name + " needs a value"
        case .surplusValue(let name): name + " takes no value"
        }
    }

    /// One lock and one state file a bus; a simulated one has none unless they are asked for.
    /// /run where there is one; older systems have /var/run.
    private mutating func completePaths() {
        guard bus != Self.simulated else { return }
        let run = TextFile.exists("/run") ? "/run" : "/var/run"
        let name = run + "/gen-server-" + bus.split(separator: "/").joined(separator: "-")
        if lockPath == nil { lockPath = name + ".lock" }
        if statePath == nil { statePath = name + ".state" }
        if countersPath == nil { countersPath = "/var/lib/gen-server/counters" }
    }

    func openBus() throws(PosixError) -> RelayBus {
        if bus == Self.simulated { return RelayBus(simulating: SimulatedEngine(temper: engine)) }
        return try RelayBus(path: bus, address: address)
    }
}
