import ArtifactBuilder

/// One line of what `fleetctl build` prints.
struct BuildResult: Sendable, Encodable {
    /// The service that asked for it; nil where a product was named.
    var service: String?
    var artifact: BuiltArtifact

    private enum Key: String, CodingKey {
        case service, product, architecture, folder, size, sha256, state, seconds, files
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(service, forKey: .service)
        try values.encode(artifact.product, forKey: .product)
        try values.encode(artifact.architecture, forKey: .architecture)
        try values.encode(artifact.folder, forKey: .folder)
        try values.encode(artifact.size, forKey: .size)
        try values.encode(artifact.binary?.sha256, forKey: .sha256)
        try values.encode(artifact.origin.rawValue, forKey: .state)
        try values.encode(seconds, forKey: .seconds)
        try values.encode(artifact.files, forKey: .files)
    }

    /// Rounded to milliseconds.
    private var seconds: Double {
        let parts = artifact.duration.components
        let milliseconds = parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
        return Double(milliseconds) / 1000
    }

    /// The lines of the table: a heading, then one a result. Size is of the whole release folder,
    /// in bytes; the hash is the binary's.
    static func table(_ results: [BuildResult]) -> [String] {
        let heading = ["SERVICE", "PRODUCT", "ARCH", "SIZE", "SHA256", "STATE", "SECONDS"]
        let rows = results.map { result in
            [
                result.service ?? "-", result.artifact.product,
                result.artifact.architecture.rawValue, String(result.artifact.size),
                String(result.artifact.binary?.sha256.prefix(12) ?? "-"),
                result.artifact.origin.rawValue, String(result.seconds),
            ]
        }
        let table = [heading] + rows
        let widths = heading.indices.map { column in
            table.map { $0[column].count }.max() ?? 0
        }
        return table.map { row in
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            var line = cells.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }
}
