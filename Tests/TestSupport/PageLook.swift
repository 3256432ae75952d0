import Foundation

/// What a browser made of a page: `Tests/Browser/look-at-page` in words of Swift.
public struct PageLook: Decodable, Sendable {
    /// Elements and attributes (`element@attribute`) of the page, and how many of each.
    public var names: [String: Int]
    /// Text that is not told from its ground.
    public var faint: [[Cell]]
    /// Pixels: what the page takes, with what sticks out, and what it was given.
    public var width, scrollWidth, viewport: Int
    /// Drawings without title or description; characters of text; scripts.
    public var nameless, text, scripts: Int
    /// Links and buttons too small for a finger.
    public var small: [String]
    /// `light`, `dark` or `print`.
    public var scheme: String
    /// What sticks out; ids that are there twice; references to none; what was asked of the network.
    public var wide, doubleIds, badReferences, requests: [String]
    /// What the browser complained of.
    public var console: [Cell]

    /// Anything; only whether there is one counts.
    public struct Cell: Decodable, CustomStringConvertible, Sendable {
        /// As text.
        public let description: String

        /// Takes any value.
        public init(from decoder: any Decoder) throws {
            let box = try decoder.singleValueContainer()
            // Of what kind it is does not matter for a message.
            let word = try? box.decode(String.self)
            description = word ?? (try? box.decode(Double.self)).map { "\($0)" } ?? "…"
        }
    }

    private static let browser = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Browser/look-at-page").path

    /// Opens a page in Chromium: 390 and 1400 pixels wide, light and dark, and as it is printed.
    /// Pictures go to FLEET_REPORT_PICTURES where that is set.
    public static func looks(at page: [UInt8], _ name: String) async throws -> [PageLook] {
        let scratch = try TemporaryFolder()
        let file = scratch.path + "/report.html"
        try Data(page).write(to: URL(fileURLWithPath: file))
        var words = ["python3", browser, file]
        if let pictures = ProcessInfo.processInfo.environment["FLEET_REPORT_PICTURES"] {
            let place = pictures + "/" + name
            try FileManager.default.createDirectory(
                atPath: place, withIntermediateDirectories: true)
            words.append(place)
        }
        let ended = try await Shell.run(words, timeout: 150)
        guard ended.status == 0 else { throw Failure(reason: ended.errorText) }
        return try JSONDecoder().decode([PageLook].self, from: Data(ended.output))
    }

    /// The browser did not look.
    public struct Failure: Error {
        /// What it said.
        public var reason: String
    }

    /// What is wrong with the page, each as a sentence; nothing where it is well.
    public var faults: [String] {
        var faults: [String] = []
        func check(_ isWell: Bool, _ what: String) {
            if !isWell { faults.append("\(viewport) \(scheme): \(what)") }
        }
        check(requests.count == 1 && requests[0].hasPrefix("file:"), "it asks for \(requests)")
        check(console.isEmpty, "the browser says \(console)")
        check(width == viewport && scrollWidth <= viewport, "it is too wide: \(wide)")
        check(faint.isEmpty, "it cannot be read: \(faint.prefix(5))")
        check(doubleIds.isEmpty, "these ids are there twice: \(doubleIds)")
        check(badReferences.isEmpty, "these are not there: \(badReferences)")
        check(nameless == 0, "\(nameless) drawings have no title")
        check(small.isEmpty, "these are too small for a finger: \(small)")
        check(scripts == 0, "it has scripts")
        return faults
    }
}
