import ArgumentParser
import Foundation
import Inventory
import InventoryFile

/// What the tab key offers of an inventory: the one that the command line names, else the usual one.
enum InventoryCompletion {
    static let hosts = names { $0.hosts.map(\.name.text) }
    static let services = names { $0.services.map(\.name.text) }
    static let tags = names { Set($0.hosts.flatMap(\.tags)).sorted() }

    /// Runbooks beside the inventory, and fleetctl's own.
    static let runbooks = CompletionKind.custom { words, _, _ in
        let folder = URL(fileURLWithPath: path(words)).deletingLastPathComponent().path
        // Whoever presses the tab key is not to read of a folder that cannot be read.
        let volumes = try? RunbookShelf(inventoryFolder: folder).all()
        return (volumes ?? []).map(\.name)
    }

    private static func names(_ choose: @escaping @Sendable (Fleet) -> [String]) -> CompletionKind {
        .custom { words, _, _ in
            // An inventory with mistakes offers nothing; `inventory check` names them.
            guard let fleet = try? InventoryFile.load(path: path(words)) else { return [] }
            return choose(fleet)
        }
    }

    /// The inventory's path by the words of a command line that is not finished.
    static func path(_ words: [String]) -> String {
        var base = BaseOptions()
        base.inventory = named(words)
        let path = base.inventoryPath
        return path.hasPrefix("~/") ? (path as NSString).expandingTildeInPath : path
    }

    private static func named(_ words: [String]) -> String? {
        for (index, word) in words.enumerated() {
            if ["-i", "--inventory"].contains(word), index + 1 < words.count {
                return words[index + 1]
            }
            if word.hasPrefix("--inventory=") { return String(word.dropFirst(12)) }
        }
        return nil
    }
}
