import Foundation
import LabSupport
import TestSupport
import Testing

@testable import UnitFile

/// Whole units, put together here and by the real systemd of a lab host. Alone with the host:
/// other tests install units.
@Suite(.lab, .faultsLab) struct SystemdMergeTests {
    private static let folders = UnitTree.systemFolders.joined(separator: " ")

    /// The blocks of `systemctl show UNIT…`, each as its lines by property; commands come one a
    /// line.
    private static func blocks(_ output: String) -> [[String: [String]]] {
        output.components(separatedBy: "\n\n").map { block in
            block.split(separator: "\n").reduce(into: [:]) { lines, line in
                let parts = line.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                lines[String(parts[0]), default: []].append(String(parts.last ?? ""))
            }
        }
    }

    /// `path` and `argv[]` of `{ path=… ; argv[]=… ; ignore_errors=no ; … }`.
    private static func command(_ text: String) -> String? {
        text.components(separatedBy: " ; ignore_errors=").first.map {
            String($0.dropFirst("{ ".count))
        }
    }

    private static func command(_ command: ExecCommand, of unit: EffectiveUnit) -> String {
        let specifiers = Specifiers(unit.name, fragment: unit.fragment)
        let words = command.argv.map { specifiers.expand($0).text }.joined(separator: " ")
        return "path=\(specifiers.expand(command.path).text) ; argv[]=\(words)"
    }

    @Test(.timeLimit(.minutes(5))) func everyUnitOfDebianIsPutTogetherAsSystemdDoesIt() async throws
    {
        let lab = try Lab.required()
        let result = try await lab.sh(
            "pi",
            """
            systemctl daemon-reload
            systemctl list-unit-files --no-legend --no-pager --plain | awk '{ print $1 }' |
                grep -v '@\\.' | sort | xargs systemctl show --no-pager \\
                -p Id,LoadState,FragmentPath,DropInPaths,Description,After,ExecStart,ExecStartPre
            echo "== files"
            for folder in \(Self.folders); do [ -d $folder ] && set -- "$@" $folder; done
            \(SystemdUnitTests.collect)
            """)
        let parts = result.output.components(separatedBy: "== files\n")
        try #require(parts.count == 2, "\(result.output.suffix(500))")
        let (tree, _) = try SystemdUnitTests.tree(parts[1])
        var compared = 0
        for shown in Self.blocks(parts[0]) {
            guard let id = shown["Id"]?.first, let name = UnitName(id) else { continue }
            let unit = tree.unit(name)
            #expect(
                (unit.state == .masked) == (shown["LoadState"] == ["masked"]), "\(id): \(shown)")
            guard unit.state == .loaded, shown["LoadState"] == ["loaded"] else { continue }
            compared += 1
            Self.expectTheSame(unit, shown, tree)
        }
        #expect(compared > 100)
    }

    private static func expectTheSame(
        _ unit: EffectiveUnit, _ shown: [String: [String]], _ tree: UnitTree
    ) {
        let id = unit.name.text
        let merged = SystemdUnitTests.merged
        #expect(merged(unit.fragment) == merged(shown["FragmentPath"]?.first), "\(id)")
        let dropIns = (shown["DropInPaths"]?.first ?? "").split(separator: " ").map(String.init)
        #expect(unit.sources.dropFirst().map { merged($0.path) } == dropIns.map(merged), "\(id)")
        let specifiers = Specifiers(unit.name, fragment: unit.fragment)
        if let text = unit.text(of: "Description", in: "Unit") {
            let ours = specifiers.expand(text)
            if ours.unresolved.isEmpty { #expect([ours.text] == shown["Description"], "\(id)") }
        }
        // systemd adds what it implies, and knows units by the names of their files.
        let after = Set((shown["After"]?.first ?? "").split(separator: " ").map(String.init))
        let ours = Set(unit.names(of: "After", in: "Unit").map(\.name))
        let missing = ours.subtracting(after).filter { text in
            let file = UnitName(text).flatMap { tree.unit($0).fragment?.split(separator: "/").last }
            return !after.contains(file.map(String.init) ?? text)
        }
        #expect(missing == [], "\(id)")
        for key in ["ExecStart", "ExecStartPre"] {
            let theirs = (shown[key] ?? []).filter { !$0.isEmpty }.compactMap(Self.command)
            let commands = unit.commands(key).map { Self.command($0.command, of: unit) }
            // systemd looks for the folder of a program without one, and we cannot.
            let isWhole = unit.commands(key).allSatisfy { $0.command.path.hasPrefix("/") }
            if isWhole, unit.name.kind == .service { #expect(commands == theirs, "\(id)") }
        }
    }

    // MARK: A unit made for it

    private static let fragment = """
        [Unit]
        Description=the %p \\
        # no part of it
            of %N
        After=fltst-a.target \\
              fltst-b.target
        After=fltst-c.target
        [Service]
        Type=oneshot
        Environment=A=1 "B=two words" 'C=x'
        Environment=D=%n
        ExecStartPre=/bin/echo "a b" 'c' \\
            \\x41 %%
        ExecStart=/bin/echo one
        PassEnvironment=HOME \\
            LANG
        ReadWritePaths=/tmp /var/tmp
        SupplementaryGroups=adm
        RestartSec=5
        TimeoutStopSec=1min \\
            30s
        MemoryMax=3M

        """
    private static let dropIns = [
        (
            "/usr/lib/systemd/system/fltst-merge.service.d/10-x.conf",
            """
            [Unit]
            After=
            After=fltst-d.target
            [Service]
            Environment=
            Environment=E=5 A=2
            ExecStart=
            ExecStart=/bin/echo "two  words" %N ; /bin/echo three
            PassEnvironment=
            ReadWritePaths=

            """
        ),
        (
            "/run/systemd/system/fltst-merge.service.d/20-y.conf",
            "[Service]\nEnvironment=A=3 'F=%N %%'\nPassEnvironment=TERM\nMemoryMax=2.5M\n"
                + "SupplementaryGroups=tty disk\nReadWritePaths=/run\nRestartSec=bad\n"
        ),
        (
            "/etc/systemd/system/fltst-merge.service.d/15-z.conf",
            "[Service]\nExecStart=/bin/echo 'it''s' four\nMemoryMax=\nMemoryMax=1G\n"
        ),
    ]

    @Test func resetsContinuationsQuotesAndSpecifiersMeanTheSame() async throws {
        let lab = try Lab.required()
        let path = "/usr/lib/systemd/system/fltst-merge.service"
        let files = [(path, Self.fragment)] + Self.dropIns
        let puts = files.map { path, text in
            "mkdir -p $(dirname \(path)); printf %s "
                + "\(Data(text.utf8).base64EncodedString()) | base64 -d >\(path)\n"
        }
        let result = try await lab.sh(
            "pi",
            """
            \(puts.joined())systemctl daemon-reload
            systemctl show fltst-merge
            echo "== cat"
            systemctl cat fltst-merge
            echo "== config"
            systemd-analyze cat-config systemd/system/fltst-merge.service
            rm -rf \(files.map(\.0).joined(separator: " "))
            find /etc/systemd /run/systemd /usr/lib/systemd -name 'fltst-merge*' -delete
            systemctl daemon-reload
            """)
        let parts = result.output.components(separatedBy: "== ")
        try #require(parts.count == 3, "\(result)")
        var tree = UnitTree()
        for (path, text) in files {
            tree.add(.file(try UnitFile(reading: Array(text.utf8))), at: path)
        }
        let unit = tree.unit(try #require(UnitName("fltst-merge.service")))
        let shown = try #require(Self.blocks(parts[0]).first)
        Self.expectTheSame(unit, shown, tree)
        let specifiers = Specifiers(unit.name, fragment: unit.fragment)
        #expect(unit.names(of: "After", in: "Unit").map(\.name).count == 4)
        let variables = unit.environment.map { variable in
            let text = "\(variable.name)=\(variable.value)"
            return text.contains(" ") ? "\"\(text)\"" : text
        }
        #expect([variables.joined(separator: " ")] == shown["Environment"])
        for key in ["PassEnvironment", "ReadWritePaths", "SupplementaryGroups"] {
            let words = unit.words(of: key, in: "Service").map { specifiers.expand($0).text }
            #expect([words.joined(separator: " ")] == shown[key], "\(key)")
        }
        #expect(shown["RestartUSec"] == ["5s"])
        #expect(unit.span(of: "RestartSec", in: "Service") == .microseconds(5_000_000))
        #expect(shown["TimeoutStopUSec"] == ["1min 30s"])
        #expect(unit.span(of: "TimeoutStopSec", in: "Service") == .microseconds(90_000_000))
        #expect(shown["MemoryMax"] == ["2621440"])
        #expect(unit.size(of: "MemoryMax", in: "Service") == .bytes(2_621_440))
        let text = unit.sources.map {
            "# \($0.path)\n" + String(decoding: $0.file.bytes, as: UTF8.self)
        }
        .joined(separator: "\n")
        // /lib leads to /usr/lib on Debian; systemctl says either, file by file.
        let cat = { (text: String) in text.replacing("# /usr/lib/", with: "# /lib/") }
        #expect(cat(parts[1]) == "cat\n" + cat(text))
        let order = parts[2].split(separator: "\n").filter { $0.hasPrefix("# /") }
            .map { SystemdUnitTests.merged(String($0.dropFirst(2))) }
        #expect(order == unit.sources.map { SystemdUnitTests.merged($0.path) })
    }
}
