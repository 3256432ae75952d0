import Inventory

extension LintUnit {
    /// The ports that it listens on: declared, or else as its socket, command line or environment
    /// says.
    public var claimedPorts: [PortClaim] { PortUse.all(self).map(\.port) }

    /// What it runs: the executables of its commands, or the scripts that interpreters are given.
    public var programs: [String] {
        unit.commands("ExecStart").compactMap { ProgramName.identity($0.command) }
    }

    /// Whether it writes the generator's relays.
    public var isGeneratorController: Bool { controlsGenerator }

    /// Whether any of its commands kills by a name or a pattern.
    public var killsByPattern: Bool {
        commandWords.contains { LintRule.pattern(in: $0) != nil }
    }

    /// The words of each of its commands, those of a shell line too.
    public var commandWords: [[String]] { commands.map { ProgramName.words($0.command) } }
}
