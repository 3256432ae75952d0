import Foundation
import Testing

/// The rows of a recording from the site, by the names in their header.
struct SiteRecording {
    let rows: [[String: Int]]

    init(_ name: String) throws {
        let text = try Self.text(name)
        let lines = text.split(whereSeparator: \.isNewline)
        let header = try #require(lines.first).split(separator: ",").map(String.init)
        rows = lines.dropFirst().map { line in
            let values = line.split(separator: ",", omittingEmptySubsequences: false)
            return Dictionary(
                uniqueKeysWithValues: zip(header, values).compactMap { key, value in
                    Int(value).map { (key, $0) }
                })
        }
    }

    static func text(_ name: String) throws -> String {
        let file = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/inverter/" + name)
        return try String(contentsOf: file, encoding: .utf8)
    }
}
