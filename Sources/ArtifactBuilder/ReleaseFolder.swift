import Foundation

/// The files of a release folder: made beside the old one, then put in its place.
struct ReleaseFolder {
    var layout: BuildLayout

    /// Starts an empty folder.
    func begin() throws {
        let manager = FileManager.default
        // What a cut-off build left there must not get into this release.
        if manager.fileExists(atPath: layout.newRelease) {
            try manager.removeItem(atPath: layout.newRelease)
        }
        try manager.createDirectory(
            atPath: layout.newRelease, withIntermediateDirectories: true)
    }

    /// Path of a file of the folder that grows.
    func path(_ name: String) -> String { layout.newRelease + "/" + name }

    /// Copies a library, following links, as `name`.
    func carry(_ name: String, from path: String) throws {
        try Data(contentsOf: URL(fileURLWithPath: path)).write(
            to: URL(fileURLWithPath: self.path(name)))
    }

    /// Sets permissions and puts the new folder in the place of the old one.
    func finish() throws -> [BuiltFile] {
        let manager = FileManager.default
        for name in try manager.contentsOfDirectory(atPath: layout.newRelease) {
            let mode = name == layout.product ? 0o755 : 0o644
            try manager.setAttributes([.posixPermissions: mode], ofItemAtPath: path(name))
        }
        let files = try Self.files(in: layout.newRelease)
        // Without its stamp no folder counts, whatever happens between these steps.
        for old in [layout.stamp, layout.release] where manager.fileExists(atPath: old) {
            try manager.removeItem(atPath: old)
        }
        try manager.moveItem(atPath: layout.newRelease, toPath: layout.release)
        return files
    }

    /// What a release folder holds, by path.
    static func files(in folder: String) throws -> [BuiltFile] {
        let manager = FileManager.default
        return try manager.contentsOfDirectory(atPath: folder).sorted().map { name in
            let path = folder + "/" + name
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            let attributes = try manager.attributesOfItem(atPath: path)
            return BuiltFile(
                path: name, size: data.count, sha256: BuildKey.sha256(data),
                mode: attributes[.posixPermissions] as? Int ?? 0)
        }
    }
}
