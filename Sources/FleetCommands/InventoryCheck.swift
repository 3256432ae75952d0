import ArgumentParser
import Inventory

/// `fleetctl inventory check`: every problem of the inventory at once, with its place.
struct InventoryCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the inventory and list everything that is wrong with it.",
        discussion: """
            Each problem is a line "file:line:column: error: what is wrong — what to do". Connects \
            to nothing and reads no secret. Exits 0 where all is well, 64 otherwise.
            """)

    @OptionGroup var common: CommonOptions

    func run() throws {
        let fleet = try loadFleet(common)
        let hosts = Self.counted(fleet.hosts.count, "host")
        let services = Self.counted(fleet.services.count, "service")
        Console(common).result("\(common.base.inventoryPath): no problems, \(hosts), \(services)")
    }

    private static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
