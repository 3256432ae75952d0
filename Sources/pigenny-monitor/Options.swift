import ModbusPort
import Platform

/// What the command line says.
struct Options {
    enum Command {
        case help, version
        case watch(Options)
    }

    struct Failure: Error {
        var text: String
    }

    struct Endpoint {
        var host: String
        var port: UInt16
    }

    var inverter = ModbusPort.Settings(path: "/dev/ttySC1")
    /// Where gen-server is; nil where nobody is asked.
    var generator: Endpoint?
    var poll: Duration = .seconds(30)

    static func parse(_ arguments: [String]) throws(Failure) -> Command {
        var scan = OptionScanner(arguments)
        var options = Options()
        do throws(OptionScanner.Failure) {
            while let name = try scan.next() {
                switch name {
                case "--help": return .help
                case "--version": return .version
                case "--port", "--baud", "--slave", "--generator", "--poll":
                    let value = try scan.value()
                    guard options.set(name, value) else {
                        throw .unexpected("bad value '" + value + "' for " + name)
                    }
                default: throw .unexpected("unknown option " + name)
                }
            }
        } catch {
            switch error {
            case .unexpected(let text): throw Failure(text: text)
            case .missingValue(let name): throw Failure(text: name + " needs a value")
            case .surplusValue(let name): throw Failure(text: name + " takes no value")
            }
        }
        return .watch(options)
    }

    private mutating func set(_ name: String, _ value: String) -> Bool {
        switch name {
        case "--port":
            guard value.hasPrefix("/") else { return false }
            inverter.path = value
        case "--baud":
            guard let baud = Int32(value), (1200...115_200).contains(baud) else { return false }
            inverter.baud = baud
        case "--slave":
            guard let slave = Int32(value), (1...247).contains(slave) else { return false }
            inverter.slave = slave
        case "--generator":
            let parts = value.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, let port = UInt16(parts[1]), port > 0 else {
                return false
            }
            generator = Endpoint(host: String(parts[0]), port: port)
        case "--poll":
            guard let time = OptionValue.milliseconds(value), (100...3_600_000).contains(time)
            else { return false }
            poll = .milliseconds(time)
        default: return false
        }
        return true
    }

    static var help: String {
        """
        pigenny-monitor: watches the inverter and the generator, and says what it sees

        It only observes: it never writes to the inverter, and never starts or stops the
        generator.

        usage: pigenny-monitor [options]

          --port DEVICE          serial port of the inverter (/dev/ttySC1)
          --baud RATE            bits a second (19200)
          --slave NUMBER         address of the inverter (1)
          --generator HOST:PORT  gen-server to ask for its STATUS; without it nobody is asked
          --poll SECONDS         time between two rounds (30)
          --version, --help

        One line a round goes to standard output. What cannot be read is 'unknown', and the
        next round tries again. Under systemd it sends READY, STATUS and WATCHDOG.
        Exit status: 0 told to end, 1 failed, 64 bad option.
        """
    }
}
