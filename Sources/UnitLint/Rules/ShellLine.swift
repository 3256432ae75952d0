import UnitFile

extension LintRule {
    /// `ExecStart=sh -c …` without `exec`.
    static let shellLine = LintRule(
        service: "shell-line", .warning,
        explanation: "The shell is the main process: signals and the exit status are its, not the"
            + " program's.",
        source: "systemd.service(5), Command lines",
        fix: "start the program itself, or begin the shell's last command with exec"
    ) { unit in
        guard unit.type != "oneshot" else { return [] }
        return unit.unit.commands("ExecStart").compactMap { command, setting in
            guard ProgramName.shellScript(command) != nil,
                !ProgramName.words(command).contains("exec")
            else { return nil }
            return unit.hit(setting, "a shell line stands between systemd and the program")
        }
    }
}
