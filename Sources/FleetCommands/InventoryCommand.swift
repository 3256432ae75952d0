import ArgumentParser
import Inventory

/// `fleetctl inventory`: what the inventory says, and whether it is right.
struct InventoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inventory",
        abstract: "Check, show and export the inventory.",
        subcommands: [
            InventoryCheck.self, InventoryExport.self, InventoryShow.self,
            InventorySchemaCommand.self,
        ])
}

/// `fleetctl inventory schema`: the JSON Schema for editors.
struct InventorySchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the inventory's JSON Schema.",
        discussion: """
            Editors use it to complete and check inventories while they are written. The file in \
            this repository is made by: fleetctl inventory schema > Inventory/schema.json
            """)

    func run() throws {
        print(InventorySchema.json, terminator: "")
    }
}
