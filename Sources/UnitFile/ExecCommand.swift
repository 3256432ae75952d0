/// One command of an `ExecStart=` or its like (systemd.service(5), Command lines).
public struct ExecCommand: Sendable, Equatable {
    /// With which rights a command runs.
    public enum Privilege: Sendable, Equatable {
        /// As the unit says.
        case asConfigured
        /// `+`: as root, outside the unit's sandbox.
        case full
        /// `!`: in the sandbox, as root.
        case rootInSandbox
        /// `!!`: as `!` where the kernel has no ambient capabilities.
        case ambient
    }

    /// Why a line is no command; systemd drops what follows, or refuses the unit.
    public enum Failure: Error, Sendable, Equatable {
        case words(UnitWords.Failure)
        /// Prefixes and no program.
        case emptyPath
        /// A program that is neither an absolute path nor a plain file name, as it is written.
        case badPath(String)
        /// `@` and no name for the process.
        case missingName
    }

    /// `-`: a failure counts as success.
    public var ignoresFailure = false
    /// `:`: no `$variables`.
    public var keepsVariables = false
    /// With which rights it runs.
    public var privilege = Privilege.asConfigured
    /// The program: an absolute path, or a file name that is looked up. Specifiers as written.
    public var path: String
    /// Its arguments, argv[0] first; specifiers and `$variables` as written.
    public var argv: [String]

    /// The commands of a value: one, or several with `;` between. None for an empty value.
    public static func parse(_ value: String) throws(Failure) -> [ExecCommand] {
        var commands: [ExecCommand] = []
        var words = UnitWords(value)
        while let first = try word(&words) {
            var command = ExecCommand(path: "", argv: [])
            let path = command.takePrefixes(of: first)
            guard !path.text.isEmpty else { throw .emptyPath }
            guard isPath(path.text) else { throw .badPath(path.text) }
            command.path = simplified(path.text)
            // argv[0] is the path as written.
            if !path.namesProcess { command.argv = [path.text] }
            while !words.take(";") {
                if words.take("\\;") {
                    command.argv.append(";")
                } else if let next = try word(&words) {
                    command.argv.append(next)
                } else {
                    break
                }
            }
            guard !command.argv.isEmpty else { throw .missingName }
            commands.append(command)
        }
        return commands
    }

    private static func word(_ words: inout UnitWords) throws(Failure) -> String? {
        do {
            return try words.next()
        } catch {
            throw .words(error)
        }
    }

    /// What is left of the first word, and whether `@` was among its prefixes.
    private mutating func takePrefixes(of word: String) -> (text: String, namesProcess: Bool) {
        var rest = Substring(word)
        var namesProcess = false
        while let sign = rest.unicodeScalars.first {
            switch (sign, privilege) {
            case ("-", _) where !ignoresFailure: ignoresFailure = true
            case ("@", _) where !namesProcess: namesProcess = true
            case (":", _) where !keepsVariables: keepsVariables = true
            case ("+", .asConfigured): privilege = .full
            case ("!", .asConfigured): privilege = .rootInSandbox
            case ("!", .rootInSandbox): privilege = .ambient
            default: return (String(rest), namesProcess)
            }
            rest.unicodeScalars.removeFirst()
        }
        return (String(rest), namesProcess)
    }

    private static func isPath(_ text: String) -> Bool {
        let isSafe = text.utf8.allSatisfy {
            $0 >= 0x20 && $0 != 0x7F && ![0x22, 0x27, 0x5C].contains($0)
        }
        guard isSafe, !text.hasSuffix("/") else { return false }
        if text.hasPrefix("/") || text.hasPrefix("%") { return true }
        return !text.utf8.contains(UInt8(ascii: "/")) && text != "." && text != ".."
    }

    /// Without doubled slashes and `.` parts, as path_simplify() does.
    private static func simplified(_ path: String) -> String {
        guard path.hasPrefix("/") else { return path }
        let parts = path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
        return "/" + parts.filter { $0 != "." }.joined(separator: "/")
    }
}

extension ExecCommand.Failure: CustomStringConvertible {
    /// The failure as a sentence without a full stop.
    public var description: String {
        switch self {
        case .words(.unbalancedQuote): "a quote has no end"
        case .words(.notUTF8): "the escapes make no UTF-8"
        case .emptyPath: "there is no program"
        case .badPath(let path): "'\(path)' is neither an absolute path nor a file name"
        case .missingName: "there is '@' and no name for the process"
        }
    }
}
