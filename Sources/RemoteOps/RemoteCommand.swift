/// A command for a host, as a value: an argv, never a string that someone quoted by hand.
public struct RemoteCommand: Sendable, Equatable {
    /// Who runs it.
    public enum Identity: Sendable, Equatable {
        /// The user that the session logged in as.
        case login
        /// root, through sudo unless the login user is root already.
        case root
    }

    /// Program and arguments; at least one element, none with a NUL.
    public var argv: [String]
    /// Who runs it.
    public var identity: Identity

    /// A command with its arguments.
    public init(_ argv: [String], as identity: Identity = .login) {
        precondition(!argv.isEmpty, "a command needs a program")
        self.argv = argv
        self.identity = identity
    }

    /// `sh -s -- arguments`, which reads its script from standard input: the script's text is in
    /// no argv and so in no log of sudo's.
    public static func script(_ arguments: [String], as identity: Identity) -> RemoteCommand {
        RemoteCommand(["sh", "-s", "--"] + arguments, as: identity)
    }

    /// The command as one line of POSIX sh, each argument quoted.
    public var line: String {
        argv.map(ShellWord.quoted).joined(separator: " ")
    }
}

/// How a command ended.
public enum ExitStatus: Sendable, Equatable {
    /// It exited with this code, 0 to 255.
    case code(Int)
    /// It was ended by this signal, by its name without SIG (RFC 4254, 6.10).
    case signal(String)
    /// The server closed the channel without saying: unknown, never success.
    case unknown
}

/// What a command left behind.
public struct CommandResult: Sendable, Equatable {
    /// How it ended.
    public var status: ExitStatus
    /// Standard output, up to the limit that the caller set.
    public var output: [UInt8]
    /// Standard error, up to the same limit.
    public var errorOutput: [UInt8]

    /// A result from its parts.
    public init(status: ExitStatus, output: [UInt8], errorOutput: [UInt8]) {
        self.status = status
        self.output = output
        self.errorOutput = errorOutput
    }

    /// True only for exit code 0.
    public var succeeded: Bool { status == .code(0) }
}
