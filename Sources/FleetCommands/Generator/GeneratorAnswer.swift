import GeneratorWire

/// What a server answered to a command that changes something, as far as the verbs must know.
enum GeneratorAnswer: Equatable {
    /// `OK: …`: the rest of the line.
    case done(String)
    /// It cannot be done now, and may be later: somebody holds, something is under way.
    case busy(String)
    /// It cannot be done; somebody must do something first.
    case refused(String)
    /// There is nothing to start.
    case alreadyRunning
    /// The legacy server does not know the command.
    case unknownCommand
    /// Anything else.
    case strange(String)

    /// The answer in the lines of a reply.
    init(_ lines: [String]) {
        let line = lines.first ?? ""
        if line.hasPrefix("OK: ") {
            self = .done(String(line.dropFirst(4)))
            return
        }
        guard line.hasPrefix("ERROR: ") else {
            self = .strange(line)
            return
        }
        let reason = String(line.dropFirst(7))
        if reason.hasPrefix("Unknown command") {
            self = .unknownCommand
        } else if reason == "Generator already running" {
            self = .alreadyRunning
        } else if Self.busy.contains(where: reason.hasPrefix) || reason.contains(Self.crowded) {
            self = .busy(reason)
        } else {
            self = .refused(reason)
        }
    }

    /// How refusals begin that time or somebody else's doing ends.
    private static let busy = [
        "Held by ", "Start already in progress", "Starter rests",
        WireText.sentence(.notIdle), WireText.sentence(.sequenceUnderWay),
        WireText.sentence(.tooManyWaiting),
    ]
    private static let crowded = " clients already;"

    /// The exit code of a verb that wanted `done`; nil for success.
    var exit: FleetExit? {
        switch self {
        case .done: nil
        case .busy: .deferred
        case .refused, .alreadyRunning, .unknownCommand, .strange: .failed
        }
    }

    /// The answer as people read it; `what` is what was asked for.
    func text(_ what: String) -> String {
        switch self {
        case .done(let text): text
        case .busy(let reason): "\(what) was refused for now: \(reason)"
        case .refused(let reason): "\(what) was refused: \(reason)"
        case .alreadyRunning: "\(what) was refused: the engine runs already"
        case .unknownCommand: "the server there is the older one, which cannot do this"
        case .strange(let line): "\(what): the server's answer is not understood: '\(line)'"
        }
    }
}
