import ArgumentParser

/// `fleetctl completion`: the script that lets a shell complete fleetctl's command lines.
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print the completion script of a shell.",
        discussion: """
            bash: fleetctl completion bash > ~/.local/share/bash-completion/completions/fleetctl
            zsh:  fleetctl completion zsh > ~/.zfunc/_fleetctl, with fpath+=~/.zfunc before compinit
            fish: fleetctl completion fish > ~/.config/fish/completions/fleetctl.fish

            Connects to nothing.
            """)

    /// The shells that ArgumentParser knows.
    enum Shell: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run() throws {
        let shell: CompletionShell =
            switch self.shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        print(FleetCtl.completionScript(for: shell))
    }
}
