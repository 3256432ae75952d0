import GeneratorCore

/// An answer of the server.
public enum Reply: Sendable, Equatable {
    /// Sent to every client that connects.
    case greeting
    /// To PING.
    case pong
    /// To INPUTS.
    case inputs(InputReading)
    /// To STATUS.
    case status(StatusReport)
    /// To whatever changes something.
    case outcome(Outcome)
    /// To WATCH.
    case watching
    /// To whoever watches, at every change.
    case change(StateChange)
    /// To VERSION.
    case version(String)
    /// To a command without what it needs.
    case incomplete(Request.Incomplete)
    /// To HELP.
    case help
    /// To QUIT.
    case bye
    /// To blanks.
    case emptyCommand
    /// To a command that does not exist.
    case unknownCommand(String)
    /// To RELAY with something else than a value of the board's.
    case badRelay(Request.RelayArgument)
    /// To a line over the limit.
    case lineTooLong
    /// To a client above the limit that wants more than such a client may.
    case tooManyClients(limit: Int)

    /// The lines, without LF.
    public var lines: [String] {
        switch self {
        case .greeting: ["GENNY SERVER READY"]
        case .pong: ["PONG"]
        case .inputs(let reading): [WireText.inputs(reading)]
        case .status(let report): report.lines
        case .outcome(let outcome): [WireText.outcome(outcome)]
        case .watching: ["OK: Watching"]
        case .change(let change): [change.line]
        case .version(let version):
            ["gen-server " + version + " protocol \(StatusReport.protocolVersion)"]
        case .incomplete(let command): [WireText.usage(command)]
        case .help: WireText.help
        case .bye: ["BYE"]
        case .emptyCommand: ["ERROR: Empty command"]
        case .unknownCommand(let command): ["ERROR: Unknown command '" + command + "' (try HELP)"]
        case .badRelay(let argument): [WireText.badRelay(argument)]
        case .lineTooLong: ["ERROR: Line longer than \(WireLimits.line) bytes"]
        case .tooManyClients(let limit):
            ["ERROR: \(limit) clients already; here only STOP, STATUS, PING and QUIT are served"]
        }
    }

    /// The bytes on the wire, each line with its LF.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for line in lines {
            bytes.append(contentsOf: line.utf8)
            bytes.append(ASCII.lineFeed)
        }
        return bytes
    }
}
