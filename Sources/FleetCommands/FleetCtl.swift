import ArgumentParser

/// The root of the command tree. Each verb is a file of its own beside this one.
public struct FleetCtl: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "fleetctl",
        abstract: "Deploys and watches the services of a small edge fleet.",
        version: Version.text,
        subcommands: [InventoryCommand.self, HostCommand.self])

    public init() {}
}
