import ChargePolicy
import ModbusPort
import MonitorFiles
import Platform

/// What the command line and the configuration file say.
struct Options {
    enum Command {
        case help, version
        case testInverter(Options)
        case testGenerator(Options)
        case run(Options)
    }

    struct Failure: Error {
        var text: String
    }

    struct Endpoint {
        var host: String
        var port: UInt16
    }

    /// What becomes of the generator when the monitor ends.
    enum AtExit: Equatable {
        /// It runs on, under the server's own limit.
        case leaveRunning
        /// It is stopped.
        case stop
    }

    var inverter = ModbusPort.Settings(path: "/dev/ttySC1")
    var generatorHost: String?
    var generatorPort: UInt16 = 9999
    var poll: Duration = .seconds(30)
    var healthInterval: Duration = .seconds(3_600)
    var logFolder: String?
    var logInterval: Duration = .seconds(600)
    var manualFolder = "/tmp"
    var statePath: String?
    var statusPath: String?
    var atExit = AtExit.leaveRunning
    var saysEachRound = false
    var charge = ChargeSettings()

    /// Where gen-server is; nil where nobody is asked, and nothing is started.
    var generator: Endpoint? {
        generatorHost.map { Endpoint(host: $0, port: generatorPort) }
    }

    static func parse(_ arguments: [String]) throws(Failure) -> Command {
        var scan = OptionScanner(arguments)
        var configuration: String?
        var given: [(name: String, value: String)] = []
        var test: Test?
        do throws(OptionScanner.Failure) {
            while let name = try scan.next() {
                switch name {
                case "--help": return .help
                case "--version": return .version
                case "--test-inverter": test = .inverter
                case "--test-generator": test = .generator
                case "--config": configuration = try scan.value()
                case "--stop-on-exit": given.append(("stop-on-exit", "yes"))
                case "--verbose": given.append(("verbose", "yes"))
                default:
                    let key = String(decoding: name.utf8.dropFirst(2), as: UTF8.self)
                    guard names.contains(key) else {
                        throw .unexpected("unknown option " + name)
                    }
                    given.append((key, try scan.value()))
                }
            }
        } catch {
            switch error {
            case .unexpected(let text): throw Failure(text: text)
            case .missingValue(let name): throw Failure(text: name + " needs a value")
            case .surplusValue(let name): throw Failure(text: name + " takes no value")
            }
        }
        var options = Options()
        options.takePlacesOfTheUnit()
        if let configuration { try options.read(configuration) }
        for (name, value) in given {
            if let problem = options.set(name, value) {
                throw Failure(
                    text: "bad value '" + value + "' for --" + name + ": give " + problem)
            }
        }
        if let problem = options.charge.contradiction { throw Failure(text: problem) }
        switch test {
        case .inverter: return .testInverter(options)
        case .generator: return .testGenerator(options)
        case nil: return .run(options)
        }
    }

    /// systemd says where a unit's own folders are (systemd.exec(5)).
    private mutating func takePlacesOfTheUnit() {
        statePath = Environment.value("STATE_DIRECTORY").map { $0 + "/state" }
        statusPath = Environment.value("RUNTIME_DIRECTORY").map { $0 + "/status" }
        logFolder = Environment.value("LOGS_DIRECTORY")
    }

    /// Takes what the file says; all that is wrong with it in one message.
    private mutating func read(_ path: String) throws(Failure) {
        guard let bytes = TextFile.read(path, limit: ConfigText.sizeMax + 1) else {
            throw Failure(text: "cannot read " + path)
        }
        let text = ConfigText(bytes, keys: Self.names)
        var problems = text.problems
        for entry in text.entries {
            if let problem = set(entry.key, entry.value) {
                problems.append(
                    ConfigText.Problem(
                        line: entry.line,
                        text: "bad value '" + entry.value + "' for " + entry.key + ": give "
                            + problem))
            }
        }
        guard !problems.isEmpty else { return }
        problems.sort { $0.line < $1.line }
        throw Failure(
            text: problems.map { path + ":\($0.line): " + $0.text }.joined(separator: "\n"))
    }

    private enum Test { case inverter, generator }
}
