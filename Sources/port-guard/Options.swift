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

    var port: UInt16 = 0
    var unit = ""
    var program = ""
    var isDryRun = false
    /// Between SIGTERM and SIGKILL, and after that until the port is free.
    var patience: Duration = .seconds(5)
    /// Where the rc.local supervisor records its processes.
    var records = "/run/fleet"
    /// What is executed where nobody else has the port; empty for nothing.
    var command: [String] = []
    /// Whether the service has run before the command: then the command is about what it left.
    var hasRun = false

    static func parse(_ arguments: [String]) throws(Failure) -> Command {
        var scan = OptionScanner(arguments)
        var options = Options()
        do throws(OptionScanner.Failure) {
            while let name = try scan.next() {
                switch name {
                case "--help": return .help
                case "--version": return .version
                case "--dry-run": options.isDryRun = true
                case "--":
                    options.command = scan.remaining()
                    guard options.command.first?.utf8.first == 0x2F else {
                        throw .unexpected("the command behind -- must begin with a path")
                    }
                case "--ran": options.hasRun = try !scan.value().utf8.isEmpty
                case "--port", "--unit", "--match", "--wait", "--records":
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
        guard options.port > 0 else { throw Failure(text: "--port is missing") }
        guard !options.unit.isEmpty else { throw Failure(text: "--unit is missing") }
        return .watch(options)
    }

    private mutating func set(_ name: String, _ value: String) -> Bool {
        switch name {
        case "--port":
            guard let number = UInt16(value), number > 0 else { return false }
            port = number
        case "--unit":
            guard value.utf8.count > 8, value.hasSuffix(".service"), !Self.hasSlash(value) else {
                return false
            }
            unit = value
        case "--match":
            guard !value.isEmpty, !Self.hasSlash(value) else { return false }
            program = value
        case "--wait":
            guard let time = OptionValue.milliseconds(value), time <= 60_000 else { return false }
            patience = .milliseconds(time)
        case "--records":
            guard value.utf8.first == 0x2F else { return false }
            records = value
        default: return false
        }
        return true
    }

    private static func hasSlash(_ text: String) -> Bool { text.utf8.contains(0x2F) }

    static var help: String {
        """
        port-guard: sees to it that a port is free before its service starts

        usage: port-guard --port PORT --unit NAME.service [--match PROGRAM] [options]
                   [-- COMMAND [WORD...]]

        Looks for whoever takes what comes to the port: TCP and UDP, IPv4 and IPv6.

          the service's own process       left alone
          another service's               named, and never stopped: 10
          PROGRAM, outside any service    stopped: SIGTERM, SIGKILL, until the port is free
          anything else                   named, and never stopped: 11
          somebody who cannot be seen     12

          --match PROGRAM   name of the executable, or of the script that an interpreter runs; a
                            name elsewhere on a command line counts for nothing. Without it
                            nothing is ever stopped
          --wait SECONDS    between SIGTERM and SIGKILL, and then until the port is free (5)
          --records FOLDER  processes that the rc.local supervisor has started (/run/fleet)
          --dry-run         say what would be done, and do nothing
          --version, --help
          -- COMMAND        execute it, by its path, where nobody else has the port; where that
                            cannot be known too. It does not run beside another holder: what
                            switches off after a failed start must not do so under somebody else
          --ran TEXT        where TEXT is not empty, the service has run: COMMAND is executed
                            whoever has the port now. For ExecStopPost=: --ran ${EXIT_CODE}

        As a unit's ExecStartPre=+ it may see every process. One line a decision.
        Exit status: 0 free, or the service's own; 10, 11, 12 as above; 13 not free in time;
        1 failed; 64 bad option.
        """
    }
}
