import Testing

@testable import Reports

@Suite struct TextTableTests {
    @Test func columnsAreAsWideAsTheyNeed() {
        var table = TextTable([
            TextTable.Column("HOST"), TextTable.Column("MB", .right), TextTable.Column("NOTE"),
        ])
        table.add("pi", "7", "")
        table.add("olimex", "1234", "x")
        #expect(
            table.lines() == [
                "HOST      MB  NOTE",
                "pi         7",
                "olimex  1234  x",
            ])
        #expect(table.rendered().hasSuffix("x\n"))
    }

    @Test func wideAndCombiningCharactersKeepTheColumns() {
        var table = TextTable("A", "B")
        table.add("日本", "|")
        table.add("e\u{301}tat", "|")
        table.add("👨‍👩‍👧", "|")
        table.add("abcd", "|")
        #expect(
            table.lines() == ["A     B", "日本  |", "e\u{301}tat  |", "👨‍👩‍👧    |", "abcd  |"])
    }

    /// Text from a host cannot move the cursor, colour the rest, or pose as another line.
    @Test(arguments: [
        ("\u{1B}[2J\u{1B}]0;x\u{07}y", "\u{FFFD}[2J\u{FFFD}]0;x\u{FFFD}y"), ("a\nb\r\tc", "a b  c"),
        ("a\u{9B}31mb", "a\u{FFFD}31mb"), ("a\u{202E}b\u{2066}", "a\u{FFFD}b\u{FFFD}"),
        ("\u{0}\u{7F}", "\u{FFFD}\u{FFFD}"), ("é日本🙂", "é日本🙂"),
    ])
    func cellsAreMadePrintable(text: String, shown: String) {
        var table = TextTable("T")
        table.add(text)
        #expect(table.lines()[1] == shown)
        #expect(DisplayText.printable(text) == shown)
    }

    @Test func stylesAreForTerminalsOnly() {
        var table = TextTable("STATE", "HOST")
        table.add([TextTable.Cell("bad", style: .red), "pi"])
        #expect(table.lines() == ["STATE  HOST", "bad    pi"])
        #expect(
            table.lines(.ansi) == [
                "\u{1B}[1mSTATE\u{1B}[0m  \u{1B}[1mHOST\u{1B}[0m", "\u{1B}[31mbad\u{1B}[0m    pi",
            ])
    }

    @Test(arguments: [
        ("", 0), ("abc", 3), ("日本", 4), ("e\u{301}", 1), ("🙂", 2), ("👍🏽", 2), ("❤️", 2), ("→", 1),
        ("ｆｕｌｌ", 8), ("한글", 4),
    ])
    func widthsAreThoseOfATerminal(text: String, width: Int) {
        #expect(DisplayText.width(of: text) == width)
    }
}
