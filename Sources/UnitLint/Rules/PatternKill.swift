import UnitFile

extension LintRule {
    /// `pkill` and its like in a command.
    static let patternKill = LintRule(
        service: "pattern-kill", .error,
        explanation: "A kill by name hits every process that looks alike: the sibling service, an"
            + " editor, a shell. ExecStopPost= runs it after failed starts and restarts too.",
        source: "systemd.service(5), ExecStopPost=; the fight of two services over port 6053",
        fix:
            "leave ending processes to systemd (KillMode=control-group); free a port with port-guard"
    ) { unit in
        unit.commands.compactMap { key, command, setting in
            pattern(in: ProgramName.words(command)).map {
                unit.hit(setting, "\(key)= kills by \($0), whoever else that meets")
            }
        }
    }

    /// What the words kill by; nil where they do not.
    static func pattern(in words: [String]) -> String? {
        let names = words.map(ProgramName.last)
        for (index, name) in names.enumerated() {
            if ["pkill", "killall", "killall5", "skill", "slay"].contains(name) { return name }
            let options = words[(index + 1)...].prefix { $0.hasPrefix("-") }
            if name == "fuser", options.contains(where: { isKillFlag($0) }) { return "fuser -k" }
        }
        let finders = ["pidof", "pgrep", "lsof", "fuser", "ss", "netstat"]
        if names.contains("kill"), let finder = names.first(where: finders.contains) {
            return "what \(finder) finds"
        }
        return nil
    }

    private static func isKillFlag(_ option: String) -> Bool {
        option == "--kill" || !option.hasPrefix("--") && option.contains("k")
    }
}
