import Foundation
import Testing

/// Outputs that are kept as files, to be read and compared: `Tests/Fixtures/PATH`.
public enum Golden {
    /// The text is the file's. FLEET_GOLDEN=write writes the file; whoever does reads what changed.
    public static func expect(
        _ path: String, _ text: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/" + path)
        if ProcessInfo.processInfo.environment["FLEET_GOLDEN"] == "write" {
            try text.write(to: url, atomically: true, encoding: .utf8)
        }
        let kept = lines(try String(contentsOf: url, encoding: .utf8))
        let made = lines(text)
        let first = zip(kept, made).enumerated().first { $0.element.0 != $0.element.1 }
        if let first {
            Issue.record(
                "\(path), line \(first.offset + 1): \(first.element.1.prefix(300))",
                sourceLocation: sourceLocation)
        } else {
            #expect(made.count == kept.count, "\(path)", sourceLocation: sourceLocation)
        }
    }

    private static func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
    }
}
