import Foundation
import Inventory

/// Reads an inventory from disk: YAML by way of Yams' libyaml, then the core's validation, then
/// paths made absolute.
public enum InventoryFile {
    /// A file larger than this is refused unread, in bytes.
    public static let sizeLimit = 16 << 20

    /// The fleet that a file describes. Paths in it are absolute: `~` is the user's home, others
    /// are relative to the file's folder.
    ///
    /// - Throws: every problem at once, each with its place.
    public static func load(path: String) throws(InventoryProblems) -> Fleet {
        try load(try bytes(of: path), path: path)
    }

    /// The fleet in these bytes, as if they were the file at a path: for one that is to be written.
    ///
    /// - Throws: every problem at once, each with its place.
    public static func load(
        _ bytes: [UInt8], path: String
    ) throws(InventoryProblems) -> Fleet {
        let fleet = try parse(bytes, file: path)
        return PathResolver(inventory: path).resolved(fleet)
    }

    /// The tree of another YAML file of the operator's, such as a baseline.
    ///
    /// - Throws: why it cannot be read, with the place.
    public static func tree(path: String) throws(InventoryProblems) -> Node {
        try YAMLTree.parse(try bytes(of: path), file: path)
    }

    private static func bytes(of path: String) throws(InventoryProblems) -> [UInt8] {
        do throws(FileFault) {
            return try FileBytes.read(path, limit: sizeLimit)
        } catch {
            let sentence =
                switch error {
                case .system(let reason): "the file cannot be read: \(reason)"
                case .tooLarge: "the file is larger than \(sizeLimit >> 10) KiB"
                }
            let start = Position(line: 1, column: 1)
            throw InventoryProblems([
                Problem(file: path, position: start, path: "", sentence: sentence)
            ])
        }
    }

    /// The fleet in these bytes, its paths as they are written.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8 YAML.
    ///   - file: the file's name for messages.
    /// - Throws: every problem at once, each with its place.
    public static func parse(_ bytes: [UInt8], file: String) throws(InventoryProblems) -> Fleet {
        try Fleet.validated(from: YAMLTree.parse(bytes, file: file), file: file)
    }
}
