import Foundation
import InventoryFile
import Runbook

/// The runbooks that there are: those of a folder `Runbooks` in the inventory's folder or beside
/// it, and fleetctl's own. Where both have one of a name, the folder's counts.
struct RunbookShelf {
    /// A runbook's text and where it comes from.
    struct Volume: Equatable {
        var name: String
        /// The file; nil for one of fleetctl's own.
        var path: String?
        var text: String

        /// The file's name for messages.
        var file: String { path ?? "Runbooks/\(name).md" }

        /// - Throws: everything that is wrong with it.
        func runbook() throws(RunbookProblems) -> Runbook {
            try Runbook(parsing: text, name: name, file: file)
        }
    }

    /// A file that cannot be read, and why.
    struct Unreadable: Error, Equatable { var sentence: String }

    /// More files than this are no folder of runbooks.
    static let fileLimit = 1000

    /// The folder of the inventory file.
    let inventoryFolder: String

    /// The folder with runbooks beside the inventory; nil where there is none.
    var folder: String? {
        [inventoryFolder + "/Runbooks", inventoryFolder + "/../Runbooks"]
            .first(where: FileManager.default.fileExists(atPath:))
            .map { URL(fileURLWithPath: $0).standardizedFileURL.path }
    }

    /// All of them, by name.
    func all() throws(Unreadable) -> [Volume] {
        var volumes = BuiltInRunbooks.texts.map {
            Volume(name: $0.name, text: String(decoding: $0.text, as: UTF8.self))
        }
        for name in try ownNames() {
            let own = try volume(ofFile: name)
            volumes.removeAll { $0.name == name }
            volumes.append(own)
        }
        return volumes.sorted { $0.name < $1.name }
    }

    /// The names of the folder's files that end in `.md` and are a runbook's.
    private func ownNames() throws(Unreadable) -> [String] {
        guard let folder else { return [] }
        let files: [String]
        do {
            files = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw Unreadable(sentence: "\(folder): \(error.localizedDescription)")
        }
        guard files.count <= Self.fileLimit else {
            throw Unreadable(sentence: "\(folder) holds more than \(Self.fileLimit) files")
        }
        // A README.md beside them is none.
        return files.filter { $0.hasSuffix(".md") }.map { String($0.dropLast(3)) }
            .filter(Runbook.isName)
    }

    private func volume(ofFile name: String) throws(Unreadable) -> Volume {
        let path = "\(folder ?? "")/\(name).md"
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }  // Opened to read only: nothing can be lost.
            // One byte more than may be there shows that there is too much.
            let data = try file.read(upToCount: Runbook.sizeLimit + 1) ?? Data()
            return Volume(name: name, path: path, text: String(decoding: data, as: UTF8.self))
        } catch {
            throw Unreadable(sentence: "\(path): \(error.localizedDescription)")
        }
    }
}
