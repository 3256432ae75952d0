import Foundation
import LabSupport
import TestSupport
import Testing

@testable import UnitFile

/// The same units, read here and by the real systemd of a lab host.
@Suite(.lab, .sharesLab) struct SystemdUnitTests {
    /// Files below a host's unit folders, links too: path, `f` or `l`, and base64 of what it holds.
    static let collect = """
        find "$@" \\( -type f -o -type l \\) | while read -r f; do
            if [ -L "$f" ]; then printf '%s l %s\\n' "$f" "$(readlink "$f" | tr -d '\\n' | base64 -w0)"
            else printf '%s f %s\\n' "$f" "$(base64 -w0 <"$f")"; fi
        done 2>/dev/null
        """

    static func tree(_ listing: String) throws -> (tree: UnitTree, files: [String: UnitFile]) {
        var tree = UnitTree()
        var files: [String: UnitFile] = [:]
        for line in listing.split(separator: "\n") {
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            try #require(parts.count == 3, "\(line)")
            let bytes = [UInt8](try #require(Data(base64Encoded: String(parts[2]))))
            let path = String(parts[0])
            if parts[1] == "l" {
                tree.add(.link(String(decoding: bytes, as: UTF8.self)), at: path)
            } else {
                let file = try UnitFile(reading: bytes)
                #expect(file.bytes == bytes, "\(path)")
                files[path] = file
                tree.add(.file(file), at: path)
            }
        }
        return (tree, files)
    }

    static func properties(_ output: String) -> [String: String] {
        let pairs = output.split(separator: "\n").compactMap { line -> (String, String)? in
            let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
            return parts.isEmpty ? nil : (parts[0], parts.count > 1 ? parts[1] : "")
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// /lib leads to /usr/lib on Debian; systemd says either.
    static func merged(_ path: String?) -> String? {
        path.map { $0.hasPrefix("/usr/lib/") ? String($0.dropFirst("/usr".count)) : $0 }
    }

    @Test func filesAndTheirOrderAreTheOnesOfSystemd() async throws {
        let lab = try Lab.required()
        let body = "[Service]\\nExecStart=/bin/true\\n"
        let result = try await lab.sh(
            "pi",
            """
            put() { mkdir -p "$(dirname "$1")"; printf "$2" >"$1"; }
            e=/etc/systemd/system r=/run/systemd/system u=/usr/lib/systemd/system
            put $u/fltst-one@.service '\(body)'
            put $u/fltst-one@.service.d/20.conf '[Service]\\nRestart=always\\nRestartSec=1min 2s\\n'
            put $r/fltst-one@.service.d/20.conf '[Service]\\nRestart=on-failure\\nRestartSec=7\\n'
            put $r/fltst-.service.d/30.conf '[Service]\\nEnvironment=A=1 "B=%%i 2"\\n'
            put $e/fltst-@x-y.service.d/40.conf '[Service]\\nMemoryMax=1.5G\\nTimeoutStopSec=1h30m\\n'
            put $e/fltst-@.service.d/35.conf '[Service]\\nMemoryMax=7\\n'
            put $u/service.d/90-fltst.conf '[Unit]\\nX-Fltst=1\\n'
            put $e/fltst-one@x-y.service.d/50.conf '[Service]\\nExecStart=\\nExecStart=-/bin/echo "a b" %%p %%f\\n'
            put $e/fltst-one@.service.d/30.conf ''
            ln -s /dev/null $e/fltst-one@x-y.service.d/60.conf
            put $u/fltst-one@x-y.service.d/60.conf '[Service]\\nMemoryMax=9\\n'
            put $u/fltst-two.service '\(body)'
            ln -s $u/fltst-two.service $e/fltst-alias.service
            put $e/fltst-alias.service.d/1.conf '[Service]\\nMemoryMax=3M\\n'
            put $u/fltst-three.service '\(body)'
            ln -s /dev/null $e/fltst-three.service
            systemctl daemon-reload
            for n in fltst-one@x-y fltst-two fltst-alias fltst-three ssh systemd-journald dbus; do
                echo "== $n.service"
                systemctl show -p LoadState,FragmentPath,DropInPaths,RestartUSec,MemoryMax \\
                    -p Environment,TimeoutStopUSec,ExecStart,Restart "$n.service"
            done
            echo "== files"
            set -- /usr/lib/systemd/system /etc/systemd/system /run/systemd/system
            \(Self.collect)
            rm -rf $u/fltst-* $e/fltst-* $r/fltst-* $u/service.d/90-fltst.conf
            rmdir $u/service.d 2>/dev/null
            systemctl daemon-reload
            """)
        let parts = result.output.components(separatedBy: "== ").dropFirst()
        let last = try #require(parts.last)
        let (tree, files) = try Self.tree(String(last.dropFirst("files\n".count)))
        #expect(files.count > 100)
        for part in parts.dropLast() {
            let name = String(part.prefix { $0 != "\n" })
            let unit = tree.unit(try #require(UnitName(name)))
            let shown = Self.properties(part)
            let state = ["loaded": EffectiveUnit.State.loaded, "masked": .masked]
            #expect(unit.state == state[shown["LoadState"] ?? ""], "\(name)")
            guard unit.state == .loaded else { continue }
            #expect(Self.merged(unit.fragment) == Self.merged(shown["FragmentPath"]), "\(name)")
            // A masked drop-in is listed by systemd and says nothing.
            let masked = [
                "/etc/systemd/system/fltst-one@x-y.service.d/60.conf",
                "/etc/systemd/system/fltst-one@.service.d/30.conf",
            ]
            let dropIns = (shown["DropInPaths"] ?? "").split(separator: " ").map(String.init)
                .filter { !masked.contains($0) }
            let ours = unit.sources.dropFirst().map(\.path)
            #expect(ours.map(Self.merged) == dropIns.map(Self.merged), "\(name)")
        }
        let one = tree.unit(try #require(UnitName("fltst-one@x-y.service")))
        let shown = Self.properties(try #require(parts.first))
        #expect(one.text(of: "Restart", in: "Service") == shown["Restart"])
        #expect(shown["Restart"] == "on-failure")
        #expect(shown["RestartUSec"] == "7s")
        #expect(one.span(of: "RestartSec", in: "Service") == .microseconds(7_000_000))
        #expect(shown["MemoryMax"] == "1610612736")
        #expect(one.size(of: "MemoryMax", in: "Service") == .bytes(1_610_612_736))
        #expect(shown["TimeoutStopUSec"] == "1h 30min")
        #expect(one.span(of: "TimeoutStopSec", in: "Service") == .microseconds(5_400_000_000))
        let argv = try #require(one.commands("ExecStart").first?.command.argv)
        let words = argv.map { Specifiers(one.name, fragment: one.fragment).expand($0).text }
        #expect(words == ["/bin/echo", "a b", "fltst-one", "/x/y"])
        #expect(shown["ExecStart"]?.contains("argv[]=\(words.joined(separator: " ")) ;") == true)
    }

    /// What `systemd-analyze verify` says of a line, by file and line.
    static func complaints(_ output: String) -> Set<String> {
        let kinds = [
            "Unknown key", "Unknown section", "Missing '='", "Missing key name",
            "Assignment outside of section", "Invalid section header", "Bad characters in section",
        ]
        let lines = output.split(separator: "\n").filter { line in
            kinds.contains { line.contains($0) }
        }
        return Set(
            lines.map { line in
                line.split(separator: ":", maxSplits: 2).prefix(2).joined(separator: ":")
            })
    }

    @Test func theUnitsOfDebianAreReadAsSystemdReadsThem() async throws {
        let lab = try Lab.required()
        let bad = """
            A=1\n[Unit]\nno equals\n=x\nDescriptoin=y\nX-Ok=1\n[Nonsense]\nA=1\n[X-Mine]\nB=1
            [Service]\nExecStart=/bin/true\nStartLimitBurst=4\nMemoryLimitt=5 \\\n# c\n 6\n[]\nC=1
            [Service\nRestrat=no\n
            """
        let result = try await lab.sh(
            "pi",
            """
            cat >/run/systemd/system/fltst-bad.service
            set -- /usr/lib/systemd/system /etc/systemd/system /run/systemd/system/fltst-bad.service
            \(Self.collect)
            echo "== verify"
            cd /usr/lib/systemd/system
            systemd-analyze verify --man=no --recursive-errors=no *.service *.socket *.timer \\
                *.mount *.path /run/systemd/system/fltst-bad.service 2>&1
            rm /run/systemd/system/fltst-bad.service
            """, input: bad)
        let parts = result.output.components(separatedBy: "== verify\n")
        try #require(parts.count == 2)
        let (_, files) = try Self.tree(parts[0])
        var ours: Set<String> = []
        for (path, file) in files {
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            guard let unit = UnitName(name) else { continue }
            let problems = file.problems + UnitVocabulary.problems(in: file, of: unit.kind)
            for problem in problems { ours.insert("\(path):\(problem.line)") }
        }
        let theirs = Self.complaints(parts[1])
        let badPath = "/run/systemd/system/fltst-bad.service"
        #expect(theirs.contains("\(badPath):5"), "\(parts[1])")
        // systemd counts a continued line where it ends, we where it begins.
        let moved = Set(theirs.map { $0 == "\(badPath):16" ? "\(badPath):14" : $0 })
        #expect(ours.symmetricDifference(moved).sorted() == [], "\(parts[1])")
    }
}

/// Every unit of this machine comes out as it went in.
@Suite struct LocalUnitsTests {
    @Test func theUnitsOfThisMachineComeOutAgain() throws {
        for folder in ["/usr/lib/systemd/system", "/usr/lib/systemd/user", "/etc/systemd/system"] {
            let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String }
            for name in names ?? [] {
                guard
                    name.hasSuffix(".conf")
                        || UnitName(String(name.split(separator: "/").last ?? "")) != nil,
                    let data = FileManager.default.contents(atPath: "\(folder)/\(name)")
                else { continue }
                let file = try UnitFile(reading: Array(data))
                #expect(file.bytes == Array(data), "\(name)")
                #expect(file.problems.isEmpty, "\(name)")
            }
        }
    }
}
