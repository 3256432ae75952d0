import Foundation
import UnitFile
import UnitLint

/// Unit files of this machine's disk, as systemd would put them together from where they lie.
struct UnitFolder {
    /// Why files cannot be looked at.
    struct Failure: Error, CustomStringConvertible { var description: String }

    /// More files than this are no unit folder.
    static let fileLimit = 10_000

    private var names: Set<String> = []
    private var folders: [String] = []
    private var entries: [String: UnitTree.Entry] = [:]
    /// Units that a `.wants` or `.requires` folder links to.
    private var wanted: Set<String> = []
    private var hasWants = false

    /// The units of files and folders, folders with everything below them.
    static func units(at paths: [String]) throws(Failure) -> [LintUnit] {
        var folder = UnitFolder()
        for path in paths { try folder.take(path) }
        return folder.units()
    }

    private mutating func take(_ path: String) throws(Failure) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Failure(description: "there is no \(path)")
        }
        guard isFolder.boolValue else {
            guard UnitName(Self.lastPart(path)) != nil else {
                throw Failure(description: "\(path) is not named as a unit is, such as x.service")
            }
            // Its drop-ins lie beside it.
            try takeFile(path)
            let dropIns = path + ".d"
            if FileManager.default.fileExists(atPath: dropIns) { try takeFolder(dropIns) }
            return
        }
        try takeFolder(path)
    }

    private mutating func takeFolder(_ path: String) throws(Failure) {
        guard let found = FileManager.default.enumerator(atPath: path) else {
            throw Failure(description: "\(path) cannot be read")
        }
        var count = 0
        for case let name as String in found {
            count += 1
            guard count <= Self.fileLimit else {
                throw Failure(description: "\(path) holds more than \(Self.fileLimit) files")
            }
            try takeFile(path.hasSuffix("/") ? path + name : "\(path)/\(name)")
        }
    }

    private mutating func takeFile(_ path: String) throws(Failure) {
        let name = Self.lastPart(path)
        let folder = String(path.dropLast(name.count + 1))
        let isDropIn = name.hasSuffix(".conf") && folder.hasSuffix(".d")
        guard isDropIn || UnitName(name) != nil else { return }
        if folder.hasSuffix(".wants") || folder.hasSuffix(".requires") {
            hasWants = true
            wanted.insert(name)
            return
        }
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            switch attributes[.type] as? FileAttributeType {
            case .typeSymbolicLink?:
                let target = try FileManager.default.destinationOfSymbolicLink(atPath: path)
                entries[path] = .link(target)
            case .typeRegular?:
                guard (attributes[.size] as? Int ?? .max) <= UnitFile.sizeLimit else {
                    throw Failure(description: "\(path) is larger than a unit may be")
                }
                let data = try Data(contentsOf: URL(fileURLWithPath: path))
                entries[path] = .file(try UnitFile(reading: Array(data)))
            default: return
            }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(description: "\(path) cannot be read: \(error.localizedDescription)")
        }
        let place = isDropIn ? Self.parent(folder) : folder
        if !folders.contains(place) { folders.append(place) }
        if !isDropIn { names.insert(name) }
    }

    private func units() -> [LintUnit] {
        let ranks = UnitTree.systemFolders
        let ordered = folders.sorted { left, right in
            let rank = { (folder: String) in ranks.firstIndex(of: folder) ?? -1 }
            return (rank(left), left) < (rank(right), right)
        }
        var tree = UnitTree(folders: ordered)
        for (path, entry) in entries { tree.add(entry, at: path) }
        return names.sorted().compactMap(UnitName.init).compactMap { name in
            let unit = tree.unit(name)
            // Another name of a unit that is here itself.
            let file = unit.fragment.map(Self.lastPart)
            if let file, file != name.text, names.contains(file), name.template?.text != file {
                return nil
            }
            return LintUnit(unit, enablement: enablement(of: unit))
        }
    }

    private func enablement(of unit: EffectiveUnit) -> LintUnit.Enablement {
        if wanted.contains(unit.name.text) { return .enabled }
        let isInstallable = !unit.words(of: "WantedBy", in: "Install").isEmpty
        return hasWants && isInstallable ? .disabled : .unknown
    }

    private static func lastPart(_ path: String) -> String {
        URL(fileURLWithPath: path).lastPathComponent
    }

    private static func parent(_ path: String) -> String {
        guard path.contains("/") else { return "." }
        return String(path.dropLast(lastPart(path).count + 1))
    }
}
