import Foundation

/// What `swift package describe --type json` says of this project, as far as it is needed here.
struct PackageDescription: Decodable {
    struct Product: Decodable {
        var name: String
        var targets: [String]
    }
    struct Target: Decodable {
        var name: String
        /// Relative to the package.
        var path: String
        var targetDependencies: [String]?

        enum CodingKeys: String, CodingKey {
            case name, path
            case targetDependencies = "target_dependencies"
        }
    }

    var products: [Product]
    var targets: [Target]

    /// Reads `swift package describe`; nil where it is no such text, as the caller reports.
    init?(json: String) {
        guard let value = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)) else {
            return nil
        }
        self = value
    }

    /// Folders of the sources of a product and all that it depends on, sorted; nil where there is
    /// no such product.
    func sourceFolders(of product: String) -> [String]? {
        guard let product = products.first(where: { $0.name == product }) else { return nil }
        var folders: Set<String> = []
        var seen: Set<String> = []
        var open = product.targets
        while let name = open.popLast() {
            guard seen.insert(name).inserted,
                let target = targets.first(where: { $0.name == name })
            else { continue }
            folders.insert(target.path)
            open += target.targetDependencies ?? []
        }
        return folders.sorted()
    }
}
