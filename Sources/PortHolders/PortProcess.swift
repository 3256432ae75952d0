/// A process as /proc shows it.
public struct PortProcess: Sendable, Equatable {
    /// Its number, which another process may have later.
    public var pid: Int32
    /// When it was started, in the kernel's ticks since boot: with the number, who it is.
    public var startTicks: UInt64
    /// The user whose rights it has; nil where that cannot be seen.
    public var uid: UInt32?
    /// What is executed, from /proc/PID/exe; nil where it cannot be seen. ` (deleted)` is cut off.
    public var executable: String?
    /// Whether the executable has been replaced or removed since.
    public var isExecutableDeleted: Bool
    /// The command line, argument by argument.
    public var arguments: [String]
    /// Where it belongs; nil where the machine has no cgroups, or does not show them.
    public var cgroup: Cgroup?

    /// A process from its parts.
    public init(
        pid: Int32, startTicks: UInt64, uid: UInt32? = nil, executable: String? = nil,
        isExecutableDeleted: Bool = false, arguments: [String] = [], cgroup: Cgroup? = nil
    ) {
        self.pid = pid
        self.startTicks = startTicks
        self.uid = uid
        self.executable = executable
        self.isExecutableDeleted = isExecutableDeleted
        self.arguments = arguments
        self.cgroup = cgroup
    }

    /// The start time in /proc/PID/stat: the 22nd field, the 20th after the name, which stands in
    /// parentheses and may contain anything. Nil where the process has ended, or it is no such file.
    public static func startTicks(stat: [UInt8]) -> UInt64? {
        guard let close = stat.lastIndex(of: 0x29) else { return nil }
        let words = stat[(close + 1)...].split { $0 == 0x20 || $0 == 0x0A }
        guard words.count >= 20, let state = words[0].first, ![0x5A, 0x58, 0x78].contains(state)
        else { return nil }
        return SocketTable.decimal(words[19])
    }

    /// The arguments in /proc/PID/cmdline.
    public static func arguments(cmdline: [UInt8]) -> [String] {
        var bytes = cmdline[...]
        if bytes.last == 0 { bytes = bytes.dropLast() }
        guard !bytes.isEmpty else { return [] }
        return bytes.split(separator: 0, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// The inode of the socket that a link in /proc/PID/fd leads to: `socket:[9426672]`.
    public static func socketInode(link: [UInt8]) -> UInt64? {
        let begin = Array("socket:[".utf8)
        guard link.starts(with: begin), link.last == 0x5D else { return nil }
        return SocketTable.decimal(link.dropFirst(begin.count).dropLast())
    }

    /// Whether it is that program: the executable's own name, or the script that an interpreter
    /// runs. A name elsewhere on the command line says nothing: an editor has it there as well.
    public func runs(_ program: String) -> Bool {
        guard let executable else { return false }
        let name = Self.lastPart(executable)
        if name == program { return true }
        guard Self.isInterpreter(name), let script = script else { return false }
        return Self.lastPart(script) == program
    }

    /// The script that an interpreter was given: the first word that is no option.
    public var script: String? {
        var words = arguments.dropFirst()
        while let word = words.popFirst() {
            let bytes = Array(word.utf8)
            guard bytes.first == 0x2D else { return word }
            // A command or a module in place of a script.
            if word == "-c" || word == "-m" || word == "-" { return nil }
            // A shell's options stand together; with -s what follows are arguments.
            if isShell, bytes.dropFirst().first != 0x2D,
                bytes.contains(0x63) || bytes.contains(0x73)
            {
                return nil
            }
            // Options of python that take a word of their own.
            if word == "-W" || word == "-X" { _ = words.popFirst() }
            if word == "--" { return words.first }
        }
        return nil
    }

    private var isShell: Bool {
        let name = executable.map(Self.lastPart) ?? ""
        return ["bash", "dash", "ash", "sh", "busybox"].contains(name)
    }

    private static var interpreters: [String] {
        ["python", "pypy", "bash", "dash", "ash", "sh", "busybox", "perl", "ruby", "node", "lua"]
    }

    /// `python3.11` too.
    private static func isInterpreter(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        return interpreters.contains { known in
            bytes.starts(with: known.utf8)
                && bytes.dropFirst(known.utf8.count).allSatisfy {
                    (0x30...0x39).contains($0) || $0 == 0x2E
                }
        }
    }

    /// What comes after the last slash.
    static func lastPart(_ path: String) -> String {
        let bytes = Array(path.utf8)
        guard let slash = bytes.lastIndex(of: 0x2F) else { return path }
        return String(decoding: bytes[(slash + 1)...], as: UTF8.self)
    }
}
