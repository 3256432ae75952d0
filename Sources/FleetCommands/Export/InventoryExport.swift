import ArgumentParser
import Inventory

/// `fleetctl inventory export`: the fleet in the words of other tools.
struct InventoryExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the inventory in the words of other tools.",
        discussion: """
            Written to standard output, made anew each time; no password and no reference to one is \
            in it. Connects to nothing.
            """,
        subcommands: [ExportAnsible.self, ExportPrometheus.self, ExportSSHConfig.self])
}

/// `fleetctl inventory export ansible`.
struct ExportAnsible: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ansible",
        abstract: "An inventory for Ansible, in YAML.",
        discussion: """
            A group tag_X for each tag and service_X for each service, dashes as underscores. Hosts \
            behind others are reached by ssh's ProxyJump, which finds the jump host's key in the \
            agent or in ssh_config. Passwords are Ansible's own matter: --ask-pass, a vault.
            """)

    @OptionGroup var base: BaseOptions
    @OptionGroup var selection: SelectionOptions

    func run() throws {
        print(AnsibleInventory.text(try loadSelection(base, selection)), terminator: "")
    }
}

/// `fleetctl inventory export ssh-config`.
struct ExportSSHConfig: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ssh-config",
        abstract: "Hosts for ssh_config, to be included from ~/.ssh/config.",
        discussion: """
            Pinned host keys cannot be said in ssh_config: ssh asks known_hosts, and takes no key \
            that is not there.
            """)

    @OptionGroup var base: BaseOptions
    @OptionGroup var selection: SelectionOptions

    func run() throws {
        print(SSHConfig.text(try loadSelection(base, selection)), terminator: "")
    }
}

/// `fleetctl inventory export prometheus`.
struct ExportPrometheus: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prometheus",
        abstract: "Targets for Prometheus' file_sd_configs, in JSON.",
        discussion: """
            One target is fleetctl's own exporter, which speaks for the whole fleet. With \
            --host-port every host is a target of its own, such as 9100 for node_exporter; hosts \
            behind others are left out, because Prometheus cannot reach them.
            """)

    @OptionGroup var base: BaseOptions
    @OptionGroup var selection: SelectionOptions

    @Option(name: .long, help: "Where `fleetctl exporter` listens, as Prometheus sees it.")
    var exporter = "127.0.0.1:9099"

    @Option(name: .long, help: "A port of the hosts, to have them as targets instead.")
    var hostPort: Int?

    func validate() throws {
        guard (1...65535).contains(hostPort ?? 1) else {
            throw ValidationError("--host-port takes a port from 1 to 65535")
        }
        guard NetworkAddress(exporter) != nil else {
            throw ValidationError("--exporter takes HOST:PORT")
        }
    }

    func run() throws {
        let chosen = try loadSelection(base, selection)
        let console = Console(base)
        guard let hostPort else {
            try console.json(PrometheusTargets.exporter(exporter, chosen))
            return
        }
        for host in chosen.hosts where host.via != nil {
            console.say("\(host.name): left out, it is behind \(host.via?.text ?? "another")")
        }
        try console.json(PrometheusTargets.hosts(chosen, port: hostPort))
    }
}
