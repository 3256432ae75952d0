import ArgumentParser

/// `fleetctl host`: the hosts themselves, whatever runs on them.
struct HostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host",
        abstract: "Reach the hosts: try the way, trust their keys, run a command.",
        subcommands: [HostPing.self, HostTrust.self, HostExec.self, HostUnlock.self])
}
