import UnitFile

/// What a command line really runs.
enum ProgramName {
    /// The last part of a path.
    static func last(of path: String) -> String {
        String(Substring(path.utf8.split(separator: UInt8(ascii: "/")).last ?? "".utf8[...]))
    }

    private static let shells: Set<String> = ["sh", "bash", "dash", "ash", "ksh", "zsh"]
    private static let interpreters = ["python", "node", "perl", "ruby", "java"]

    /// The shell's script where the command is `sh -c SCRIPT`.
    static func shellScript(_ command: ExecCommand) -> String? {
        guard shells.contains(last(of: command.path)) else { return nil }
        let index = command.argv.dropFirst().firstIndex {
            $0.hasPrefix("-") && !$0.hasPrefix("--") && $0.hasSuffix("c")
        }
        return index.flatMap { command.argv.dropFirst($0 + 1).first }
    }

    /// The script or module that an interpreter runs, else the program itself; nil where a shell
    /// line hides it.
    static func identity(_ command: ExecCommand) -> String? {
        let name = last(of: command.path)
        guard shells.contains(name) || interpreters.contains(where: name.hasPrefix) else {
            return command.path
        }
        if shellScript(command) != nil { return nil }
        let arguments = Array(command.argv.dropFirst())
        if let flag = arguments.firstIndex(where: { $0 == "-m" || $0 == "-jar" }),
            flag + 1 < arguments.count
        {
            return "\(name) \(arguments[flag]) \(arguments[flag + 1])"
        }
        return arguments.first { !$0.hasPrefix("-") }
    }

    /// The words of a command and, where it is one, of its shell script, with operators and quotes
    /// between them.
    static func words(_ command: ExecCommand) -> [String] {
        guard let script = shellScript(command) else { return command.argv }
        let signs = Set(" \t\n;|&()`\"'{}$".utf8)
        return script.utf8.split { signs.contains($0) }.map { String(Substring($0)) }
    }
}
