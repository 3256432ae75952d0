import Testing

@testable import HTMLReport

@Suite struct WriterTests {
    @Test func textIsEscaped() {
        var html = HTMLWriter()
        html.element(
            "p", HTMLAttribute("title", "a\"b<c>&'"), text: "<script>&amp;</script>\u{0}\u{202E}")
        let text = String(decoding: html.bytes, as: UTF8.self)
        #expect(
            text.hasSuffix(
                "<p title=\"a&quot;b&lt;c&gt;&amp;&#39;\">&lt;script&gt;&amp;amp;&lt;/script&gt;\u{FFFD}\u{FFFD}</p>"
            ))
    }
}
