import Foundation
import Inventory

/// Makes the paths of a fleet absolute.
struct PathResolver {
    /// The folder of the inventory file.
    var base: String
    /// What `~` stands for.
    var home: String

    init(inventory path: String) {
        let absolute =
            path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        base = (absolute as NSString).deletingLastPathComponent
        let variable = ProcessInfo.processInfo.environment["HOME"] ?? ""
        home = variable.hasPrefix("/") ? variable : NSHomeDirectory()
    }

    func resolved(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        let joined =
            path == "~"
            ? home : path.hasPrefix("~/") ? home + path.dropFirst(1) : base + "/" + path
        return (joined as NSString).standardizingPath
    }

    func resolved(_ fleet: Fleet) -> Fleet {
        var fleet = fleet
        fleet.knownHosts = fleet.knownHosts.map(resolved)
        for index in fleet.hosts.indices {
            fleet.hosts[index].identity = fleet.hosts[index].identity.map(resolved)
            fleet.hosts[index].password = fleet.hosts[index].password.map(resolved)
            if case .sudo(let secret?) = fleet.hosts[index].privilege {
                fleet.hosts[index].privilege = .sudo(resolved(secret))
            }
        }
        for index in fleet.services.indices {
            if case .artifact(let path) = fleet.services[index].source {
                fleet.services[index].source = .artifact(resolved(path))
            }
            for file in fleet.services[index].configFiles.indices {
                let source = fleet.services[index].configFiles[file].source
                fleet.services[index].configFiles[file].source = resolved(source)
            }
        }
        return fleet
    }

    private func resolved(_ secret: SecretReference) -> SecretReference {
        switch secret {
        case .file(let path): .file(resolved(path))
        case .environment, .command: secret
        }
    }
}
