import Testing

@testable import UnitFile

@Suite struct UnitTreeTests {
    @Test(
        arguments: [
            ("a.service", "a", nil), ("a@.service", "a", ""), ("a@b-c.service", "a", "b-c"),
            ("-.slice", "-", nil), ("dev-\\x2d.device", "dev-\\x2d", nil),
            ("a@b@c.timer", "a", "b@c"),
        ] as [(String, String, String?)])
    func namesAreTakenApart(text: String, prefix: String, instance: String?) throws {
        let name = try #require(UnitName(text))
        #expect(name.prefix == prefix)
        #expect(name.instance == instance)
    }

    @Test(arguments: [
        "", "a", ".service", "a.conf", "@x.service", "a b.service", "a/b.service", "é.service",
    ])
    func whatIsNoNameIsNone(text: String) { #expect(UnitName(text) == nil) }

    @Test func namesLongerThanSystemdTakesAreNone() {
        #expect(UnitName(String(repeating: "a", count: 247) + ".service") != nil)
        #expect(UnitName(String(repeating: "a", count: 248) + ".service") == nil)
    }

    @Test func dropInFoldersGoFromTheSpecialToTheGeneral() throws {
        #expect(
            try #require(UnitName("foo-bar-baz.service")).dropInFolders == [
                "foo-bar-baz.service.d", "foo-bar-.service.d", "foo-.service.d", "service.d",
            ])
        #expect(
            try #require(UnitName("foo-bar@x-y.service")).dropInFolders == [
                "foo-bar@x-y.service.d", "foo-bar@.service.d", "foo-.service.d",
                "foo-@x-y.service.d", "foo-@.service.d", "service.d",
            ])
        #expect(try #require(UnitName("-.slice")).dropInFolders == ["-.slice.d", "slice.d"])
    }

    @Test(arguments: [
        (
            "%n|%N|%p|%i|%I|%j|%f",
            "foo-bar@a-b\\x2dc.service|foo-bar@a-b\\x2dc|foo-bar|a-b\\x2dc|a/b-c|bar|/a/b-c"
        ),
        (
            "100%% %H %l %y %Y",
            "100% box.lan box /etc/systemd/system/foo-bar@.service /etc/systemd/system"
        ),
        ("%t/%N %S %h", "/run/foo-bar@a-b\\x2dc /var/lib /root"), ("%z %", "%z %"),
        ("%-%é%_", "%-%é%_"), ("%m", "%m"),
    ])
    func specifiersAreExpanded(text: String, expanded: String) throws {
        let specifiers = Specifiers(
            try #require(UnitName("foo-bar@a-b\\x2dc.service")),
            fragment: "/etc/systemd/system/foo-bar@.service",
            host: Specifiers.Host(hostName: "box.lan"))
        let result = specifiers.expand(text)
        #expect(result.text == expanded)
        #expect(result.unresolved == (text == "%m" ? ["m"] : []))
        #expect(result.unknown == (text == "%z %" ? ["z"] : []))
    }

    static func tree(_ files: [(String, String)]) throws -> UnitTree {
        var tree = UnitTree()
        for (path, text) in files {
            let isLink = text.hasPrefix("->")
            tree.add(
                isLink
                    ? .link(String(text.dropFirst(2)))
                    : .file(try UnitFile(reading: Array(text.utf8))), at: path)
        }
        return tree
    }

    static func paths(_ files: [(String, String)], _ name: String = "a-b.service") throws
        -> [String]
    {
        try tree(files).unit(try #require(UnitName(name))).sources.map(\.path)
    }

    @Test func theStrongestFolderHasTheUnit() throws {
        let etc = ("/etc/systemd/system/a-b.service", "[Unit]\n")
        let usr = ("/usr/lib/systemd/system/a-b.service", "[Unit]\n")
        #expect(try Self.paths([usr, etc]) == [etc.0])
        #expect(try Self.paths([usr]) == [usr.0])
    }

    @Test func dropInsComeByNameAndTheStrongestOfANameCounts() throws {
        let files = [
            ("/usr/lib/systemd/system/a-b.service", "[Unit]\n"),
            ("/usr/lib/systemd/system/a-b.service.d/20.conf", "[Unit]\n"),
            ("/run/systemd/system/a-b.service.d/20.conf", "[Unit]\n"),
            ("/etc/systemd/system/a-.service.d/10.conf", "[Unit]\n"),
            ("/run/systemd/system/a-b.service.d/10.conf", "[Unit]\n"),
            ("/etc/systemd/system/service.d/05.conf", "[Unit]\n"),
            ("/usr/lib/systemd/system/a-b.service.d/05.conf", "[Unit]\n"),
            ("/etc/systemd/system/a-b.service.d/x.txt", "[Unit]\n"),
        ]
        #expect(
            try Self.paths(files) == [
                files[0].0, files[6].0, files[3].0, files[2].0,
            ])
    }

    @Test func maskedUnitsAndDropInsCountForNothing() throws {
        let unit = ("/usr/lib/systemd/system/a-b.service", "[Unit]\n")
        let dropIn = ("/usr/lib/systemd/system/a-b.service.d/1.conf", "[Unit]\n")
        for mask in ["", "->/dev/null"] {
            let masked = try Self.tree([unit, ("/etc/systemd/system/a-b.service", mask)])
                .unit(try #require(UnitName("a-b.service")))
            #expect(masked.state == .masked)
            #expect(masked.sources.isEmpty)
        }
        let link = ("/etc/systemd/system/a-b.service.d/1.conf", "->/dev/null")
        let empty = ("/etc/systemd/system/a-b.service.d/1.conf", "")
        #expect(try Self.paths([unit, dropIn, link]) == [unit.0])
        #expect(try Self.paths([unit, dropIn, empty]) == [unit.0])
        #expect(try Self.paths([unit, dropIn]) == [unit.0, dropIn.0])
    }

    @Test func instancesTakeTheirTemplateAndLinksTheirTarget() throws {
        let template = ("/usr/lib/systemd/system/t@.service", "[Unit]\n")
        #expect(try Self.paths([template], "t@1.service") == [template.0])
        let link = ("/etc/systemd/system/alias.service", "->/usr/lib/systemd/system/a-b.service")
        let unit = ("/usr/lib/systemd/system/a-b.service", "[Unit]\n")
        let dropIn = ("/etc/systemd/system/a-b.service.d/1.conf", "[Unit]\n")
        #expect(try Self.paths([link, unit, dropIn], "alias.service") == [unit.0, dropIn.0])
        let loop = ("/etc/systemd/system/l.service", "->l.service")
        #expect(try Self.paths([loop], "l.service").isEmpty)
    }

    @Test func laterFilesResetListsAndAddDependencies() throws {
        let unit = try Self.tree([
            (
                "/etc/systemd/system/a-b.service",
                "[Unit]\nAfter=x.service\n[Service]\nExecStart=/bin/a\nEnvironment=A=1 \"B=2 3\"\n"
                    + "MemoryMax=1M\nTimeoutStopSec=5\nRestart=no\n[Nonsense]\nRestart=x\n"
            ),
            (
                "/etc/systemd/system/a-b.service.d/1.conf",
                "[Unit]\nAfter=\nAfter=y.service z.service\n[Service]\nExecStart=\n"
                    + "ExecStart=-/bin/b %N\nEnvironment=A=4\nMemoryMax=oops\nRestart=always\n"
            ),
        ]).unit(try #require(UnitName("a-b.service")))
        #expect(unit.words(of: "After", in: "Unit") == ["x.service", "y.service", "z.service"])
        #expect(unit.commands("ExecStart").map(\.command.argv) == [["/bin/b", "%N"]])
        #expect(unit.environment.map { "\($0.name)=\($0.value)" } == ["B=2 3", "A=4"])
        #expect(unit.size(of: "MemoryMax", in: "Service") == .bytes(1 << 20))
        #expect(unit.span(of: "TimeoutStopSec", in: "Service") == .microseconds(5_000_000))
        #expect(unit.text(of: "Restart", in: "Service") == "always")
    }
}
