import Foundation
import TestSupport
import Testing

/// `fleetctl completion`: the scripts in the shells that they are for, with the tab key.
@Suite(.timeLimit(.minutes(5))) struct CompletionTests {
    /// A home with the script of a shell where that looks for it, and the program on PATH.
    private func home(_ shell: String, _ file: String) async throws -> TemporaryFolder {
        let script = try await spawn([Site.program, "completion", shell])
        #expect(script.status == 0, "\(script.errorText)")
        let folder = try TemporaryFolder()
        try folder.write(file, script.text)
        try folder.write("fleet.yaml", Self.inventory)
        try FileManager.default.createDirectory(
            atPath: folder.path + "/bin", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/bin/fleetctl", withDestinationPath: Site.program)
        return folder
    }

    private static let inventory = """
        version: 1
        fleet: home
        hosts:
          momspi: { address: 192.0.2.1, user: pi, arch: arm64 }
        services:
          battery-bridge: { host: momspi, artifact: fleet.yaml, executable: fleet.yaml }

        """

    /// What is typed, and what the tab key makes of it; names of hosts and services come from the
    /// inventory.
    private static let words = [
        ("fleetctl depl", "fleetctl deploy"), ("fleetctl runbook li", "fleetctl runbook list"),
        ("fleetctl deploy --dry", "fleetctl deploy --dry-run"),
        ("fleetctl health --host mom", "fleetctl health --host momspi"),
        ("fleetctl logs battery-", "fleetctl logs battery-bridge"),
        ("fleetctl runbook run port-", "fleetctl runbook run port-conflict"),
    ]

    private func environment(_ home: TemporaryFolder) -> [String: String] {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return [
            "HOME": home.path, "PATH": home.path + "/bin:" + path, "TERM": "xterm",
            "XDG_CONFIG_HOME": home.path + "/.config", "XDG_DATA_HOME": home.path + "/.local",
            "INPUTRC": "/dev/null", "LC_ALL": "C.UTF-8",
            "FLEETCTL_INVENTORY": home.path + "/fleet.yaml",
        ]
    }

    /// Types in a shell and looks at what it makes of it.
    private func completes(_ home: TemporaryFolder, _ shell: [String], setup: String) async throws {
        let terminal = try Terminal(shell, environment: environment(home))
        // The mark is not in what is typed, so that it is the shell that prints it.
        terminal.type(setup + "; echo rea''dy\r")
        try await terminal.says("ready")
        for (typed, whole) in Self.words {
            terminal.type(typed + "\t")
            // Readline redraws the line or adds to it; either way the rest of the word comes.
            let rest = String(whole.dropFirst(typed.count))
            try await terminal.says(rest)
            // Ctrl-U: away with the line. Ctrl-C would take what is typed behind it along.
            terminal.type("\u{15}")
        }
        terminal.type("exit\r")
    }

    @Test func bashCompletes() async throws {
        let home = try await home("bash", "fleetctl.bash")
        let check = try await spawn(["bash", "-n", home.path + "/fleetctl.bash"])
        #expect(check.status == 0, "\(check.errorText)")
        try await completes(
            home, ["bash", "--norc", "--noprofile", "-i"], setup: "PS1='% '; . ~/fleetctl.bash")
    }

    @Test func zshCompletes() async throws {
        let home = try await home("zsh", "functions/_fleetctl")
        let check = try await spawn(["zsh", "-n", home.path + "/functions/_fleetctl"])
        #expect(check.status == 0, "\(check.errorText)")
        try await completes(
            home, ["zsh", "-f", "-i"],
            setup: "PS1='% '; fpath=(~/functions $fpath); autoload -U compinit; compinit -u")
    }

    @Test func fishCompletes() async throws {
        let home = try await home("fish", ".config/fish/completions/fleetctl.fish")
        let check = try await spawn(
            ["fish", "-n", home.path + "/.config/fish/completions/fleetctl.fish"])
        #expect(check.status == 0, "\(check.errorText)")
        try await completes(home, ["fish", "-i"], setup: "true")
    }

    @Test func anotherShellIsAMistake() async throws {
        let run = try await spawn([Site.program, "completion", "tcsh"])
        #expect(run.status == 64)
    }
}
