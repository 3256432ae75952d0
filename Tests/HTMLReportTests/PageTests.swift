import Foundation
import TestSupport
import Testing

@testable import HTMLReport

@Suite struct PageTests {
    /// All but the style sheet is compared.
    @Test func goldenFile() throws {
        let page = SampleReport().report().html(SampleReport.clock)
        let parts = String(decoding: page, as: UTF8.self).split(separator: /<\/?style>/)
        try #require(parts.count == 3)
        try Golden.expect("report/golden.html", parts[0] + "<style></style>" + parts[2])
    }

    /// A fleet with nothing to show, one whose names have no end, and the site's own files.
    @Test(arguments: ["empty", "long", "site"])
    func everyPageFits(kind: String) async throws {
        let report =
            switch kind {
            case "empty": SampleReport.empty
            case "long": SampleReport { $0 + String(repeating: "very-long_", count: 20) }.report()
            default: try SampleReport.site()
            }
        for look in try await PageLook.looks(at: report.html(SampleReport.clock), kind) {
            #expect(look.faults == [])
        }
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
        let plain = try await PageLook.looks(
            at: SampleReport().report().html(SampleReport.clock), "plain")
        let evil = Self.evil.joined(separator: " ")
        let spoiled = SampleReport { $0 + evil }.report().html(SampleReport.clock)
        let hostile = try await PageLook.looks(at: spoiled, "hostile")
        for (before, after) in zip(plain, hostile) { #expect(before.names == after.names) }
        #expect(hostile.count == 5)
        for look in hostile { #expect(look.faults == []) }
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
