import Foundation
import TestSupport
import Testing

@testable import HTMLReport

@Suite struct PageTests {
    private static let tests = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()

    /// All but the style sheet is compared; FLEET_WRITE_GOLDEN=1 writes it anew, to be looked at.
    @Test func goldenFile() throws {
        let golden = Self.tests.appendingPathComponent("Fixtures/report/golden.html")
        let page = SampleReport().report().html(SampleReport.clock)
        let parts = String(decoding: page, as: UTF8.self).split(separator: /<\/?style>/)
        try #require(parts.count == 3)
        let text = parts[0] + "<style></style>" + parts[2]
        if ProcessInfo.processInfo.environment["FLEET_WRITE_GOLDEN"] != nil {
            try Data(text.utf8).write(to: golden)
        }
        let wanted = try String(contentsOf: golden, encoding: .utf8).split(separator: "\n")
        let lines = text.split(separator: "\n")
        for (index, pair) in zip(wanted, lines).enumerated() where pair.0 != pair.1 {
            Issue.record("line \(index + 1): \(pair.1.prefix(300))")
            break
        }
        #expect(lines.count == wanted.count)
    }

    /// What a browser made of a page.
    struct Seen: Decodable {
        var names: [String: Int]
        var faint: [[Cell]]
        var width, scrollWidth, viewport, nameless, text, scripts: Int
        var scheme: String
        var wide, doubleIds, badReferences, requests: [String]
        var console: [Cell]

        /// Anything; only whether there is one counts.
        struct Cell: Decodable, CustomStringConvertible {
            let description: String
            init(from decoder: any Decoder) throws {
                let box = try decoder.singleValueContainer()
                // Of what kind it is does not matter for a message.
                let word = try? box.decode(String.self)
                description = word ?? (try? box.decode(Double.self)).map { "\($0)" } ?? "…"
            }
        }
    }

    /// Opens a page in Chromium: 390 and 1400 pixels wide, light and dark. Pictures go to
    /// FLEET_REPORT_PICTURES where that is set.
    private func look(at page: [UInt8], _ name: String) async throws -> [Seen] {
        let scratch = try TemporaryFolder()
        let file = scratch.path + "/report.html"
        try Data(page).write(to: URL(fileURLWithPath: file))
        var words = [
            "python3", Self.tests.appendingPathComponent("Browser/look-at-page").path, file,
        ]
        if let pictures = ProcessInfo.processInfo.environment["FLEET_REPORT_PICTURES"] {
            let place = pictures + "/" + name
            try FileManager.default.createDirectory(
                atPath: place, withIntermediateDirectories: true)
            words.append(place)
        }
        let ended = try await Shell.run(words, timeout: 150)
        #expect(ended.status == 0, "\(ended.errorText)")
        return try JSONDecoder().decode([Seen].self, from: Data(ended.output))
    }

    private func check(_ seen: Seen) {
        let where_ = "\(seen.viewport) \(seen.scheme)"
        #expect(seen.requests.count == 1, "\(where_): \(seen.requests)")
        #expect(seen.requests.allSatisfy { $0.hasPrefix("file:") }, "\(where_)")
        #expect(seen.console.isEmpty, "\(where_): \(seen.console)")
        #expect(seen.width == seen.viewport, "\(where_)")
        #expect(seen.scrollWidth <= seen.viewport, "\(where_): \(seen.wide)")
        #expect(seen.faint.isEmpty, "\(where_): \(seen.faint.prefix(5))")
        #expect(seen.doubleIds.isEmpty && seen.badReferences.isEmpty, "\(where_)")
        #expect(seen.nameless == 0 && seen.scripts == 0, "\(where_)")
        #expect(seen.text > 1000, "\(where_)")
    }

    @Test func chromiumShowsItWithoutAskingAnybody() async throws {
        let all = try await look(at: SampleReport().report().html(SampleReport.clock), "sample")
        #expect(all.count == 4)
        all.forEach(check)
    }

    /// Each way out of a text, an attribute, a style or a comment.
    static let evil = [
        "<script>document.title='x'</script>", "\"><img src=//evil.example/x onerror=alert(1)>",
        "'><svg/onload=alert(1)>",
        "</title></style></svg></desc></pre></code><iframe src=//e.example>",
        "--><b>x</b><!--", "]]><b>x</b>", "\u{0}\u{1B}[2J\u{202E}<b>", "&lt;b&gt;&#60;b&#62;",
        "<a href=javascript:alert(1)>x</a>", "</html><form action=//e.example><input autofocus>",
    ]

    /// Whatever the hosts say, the page has the elements that it always has, and no others.
    @Test func hostileTextStaysText() async throws {
        let plain = try await look(at: SampleReport().report().html(SampleReport.clock), "plain")
        let evil = Self.evil.joined(separator: " ")
        let spoiled = SampleReport { $0 + evil }.report().html(SampleReport.clock)
        let hostile = try await look(at: spoiled, "hostile")
        for (before, after) in zip(plain, hostile) { #expect(before.names == after.names) }
        #expect(hostile.count == 4)
        hostile.forEach(check)
        let text = String(decoding: spoiled, as: UTF8.self)
        #expect(!text.contains("<script") && !text.contains("<img") && !text.contains("<iframe"))
        #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
        #expect(!text.unicodeScalars.contains("\u{202E}"))
    }

    /// A host cannot drown the others: what it says too much of is cut, and it is said.
    @Test func megabytesAreCut() {
        let long = String(repeating: "<", count: 5_000_000)
        var isFirst = true
        let page = SampleReport { text in
            defer { isFirst = false }
            return isFirst ? long : text
        }.report().html(SampleReport.clock)
        #expect(page.count < 200_000)
        #expect(String(decoding: page, as: UTF8.self).contains("&lt;…"))
    }
}
