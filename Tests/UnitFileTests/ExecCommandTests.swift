import Testing

@testable import UnitFile

@Suite struct ExecCommandTests {
    @Test(arguments: [
        ("", []), ("  ", []), ("a b", ["a", "b"]), ("'a b' c", ["a b", "c"]),
        ("\"a'b\" 'c\"d'", ["a'b", "c\"d"]), ("a\"b c\"d", ["ab cd"]), ("''", [""]),
        ("a\\ b", ["a\\ b"]), ("a\\sb", ["a b"]),
        ("\\x41\\102\\u00e9\\U0001F642", ["AB\u{E9}🙂"]),
        ("\\q \\x00 \\x+1 \\400", ["\\q", "\\x00", "\\x+1", "\\400"]), ("\"a\\\"b\"", ["a\"b"]),
        ("\ta\t", ["a"]), ("\\xc3\\xa9", ["\u{E9}"]),
    ])
    func valuesAreSplitAsSystemdSplitsThem(value: String, words: [String]) throws {
        #expect(try UnitWords.split(value) == words)
    }

    @Test func aQuoteMustEnd() {
        #expect(throws: UnitWords.Failure.unbalancedQuote) { try UnitWords.split("a 'b") }
        #expect(throws: UnitWords.Failure.notUTF8) { try UnitWords.split("\\xff") }
    }

    @Test func prefixesAreReadInAnyOrder() throws {
        let command = try #require(try ExecCommand.parse("-@:+/bin//./sh name 'a b' \\; ;").first)
        #expect(
            command
                == ExecCommand(
                    ignoresFailure: true, keepsVariables: true, privilege: .full, path: "/bin/sh",
                    argv: ["name", "a b", ";"]))
    }

    @Test(arguments: [
        ("!/x", ExecCommand.Privilege.rootInSandbox), ("!!/x", .ambient), ("+/x", .full),
        ("/x", .asConfigured), ("-!!:/x", .ambient),
    ])
    func privilegesAreTold(value: String, privilege: ExecCommand.Privilege) throws {
        #expect(try ExecCommand.parse(value).first?.privilege == privilege)
    }

    @Test func semicolonsSeparateCommands() throws {
        let commands = try ExecCommand.parse("/bin/a x ; -/bin/b \";\" y;z ; /bin/c")
        #expect(commands.map(\.argv) == [["/bin/a", "x"], ["/bin/b", ";", "y;z"], ["/bin/c"]])
        #expect(commands.map(\.ignoresFailure) == [false, true, false])
    }

    @Test(arguments: [
        ("-", ExecCommand.Failure.emptyPath), ("./x", .badPath("./x")),
        ("/bin/", .badPath("/bin/")),
        ("++/x", .badPath("+/x")), ("--/x", .badPath("-/x")), ("a/b", .badPath("a/b")),
        ("@/x", .missingName), ("/x 'a", .words(.unbalancedQuote)),
    ])
    func whatIsNoCommandIsSaid(value: String, failure: ExecCommand.Failure) {
        #expect(throws: failure) { try ExecCommand.parse(value) }
    }
}

@Suite struct UnitValuesTests {
    @Test(arguments: [
        ("5", UnitSpan.microseconds(5_000_000)), ("1min 30s", .microseconds(90_000_000)),
        ("500ms", .microseconds(500_000)), ("2.5s", .microseconds(2_500_000)),
        ("1h30m", .microseconds(5_400_000_000)), ("infinity", .infinity),
        ("  2 h ", .microseconds(7_200_000_000)), (".5", .microseconds(500_000)),
        ("1us", .microseconds(1)), ("+1", .microseconds(1_000_000)), ("0", .microseconds(0)),
        ("1M", .microseconds(2_629_800_000_000)),
    ])
    func spansAreRead(text: String, span: UnitSpan) { #expect(UnitSpan(text) == span) }

    @Test(arguments: [
        "", " ", "x", "5x", "-1", "1..2", "1.", "5 s s", "99999999999999999999", "infinity 1",
    ])
    func whatIsNoSpanIsNone(text: String) { #expect(UnitSpan(text) == nil) }

    @Test(arguments: [
        ("32M", UnitSize.bytes(32 << 20)), ("1.5G", .bytes(3 << 29)), ("7", .bytes(7)),
        ("50%", .share(5000)), ("0.5%", .share(50)), ("infinity", .infinity),
        ("1K 1", .bytes(1025)),
    ])
    func sizesAreRead(text: String, size: UnitSize) { #expect(UnitSize(text) == size) }

    @Test(arguments: ["", "M", "1X", "-1", "%", "1m", "20E"])
    func whatIsNoSizeIsNone(text: String) { #expect(UnitSize(text) == nil) }

    @Test func booleansAreRead() {
        for text in ["yes", "TRUE", "1", "on", "y", "t"] {
            #expect(UnitBoolean.parse(text) == true)
        }
        for text in ["no", "False", "0", "off"] { #expect(UnitBoolean.parse(text) == false) }
        for text in ["", "2", "maybe"] { #expect(UnitBoolean.parse(text) == nil) }
    }
}
