import Foundation
import ReleasePacker
import RemoteOps
import TestSupport
import Testing

/// What keeps a deploy's ground firm, in the shells of the hosts.
@Suite struct UpkeepScriptTests {
    /// Runs a few lines of sh with the functions of `upkeep.sh`, in a folder.
    private func run(
        _ shell: [String], _ lines: String, in folder: TemporaryFolder
    ) async throws -> Shell.Result {
        let part = try #require(RemoteScripts.applyParts.first { $0.name == "upkeep.sh" }).text
        let frame = """
            LC_ALL=C base=$1 why=
            export LC_ALL
            refuse() { why=$*; return 1; }
            step_unsupervise() { :; }
            step_stop() { echo "stop $1" >>said; }
            \(String(decoding: part, as: UTF8.self))
            \(lines)
            """
        return try await Shell.run(
            shell + ["-s", "--", folder.path], input: Array(frame.utf8), in: folder.path)
    }

    @Test(arguments: Shell.shells)
    func aReleaseIsWholeOnlyAsItWasNamed(shell: [String]) async throws {
        let folder = try TemporaryFolder()
        let names = ["app", "a-b/c", "a/b", "a.b", "config/keys", "Zero"]
        let modes = [0o755, 0o644, 0o600, 0o640, 0o444, 0o711]
        let content = try ReleaseContent(
            zip(names, modes).map {
                .init(path: $0, mode: $1, origin: .bytes(Array("\($0) text\n".utf8)))
            })
        let place = "svc/releases/\(content.id)"
        for (name, mode) in zip(names, modes) {
            try folder.write("\(place)/\(name)", "\(name) text\n", mode: mode)
        }
        let check = "verify_release svc \(content.id) || echo \"$why\""
        #expect(try await run(shell, check, in: folder).text == "")
        for (damage, repair) in [
            ("chmod 745 app", "chmod 755 app"), ("echo x >>a/b", "echo 'a/b text' >a/b"),
            ("mv a.b c", "mv c a.b"), ("touch more", "rm more"), ("ln app app2", "rm app2"),
        ] {
            let said = try await run(
                shell, "(cd \(place) && \(damage)); \(check); (cd \(place) && \(repair))",
                in: folder)
            #expect(said.text.contains("is damaged"), "\(damage): \(said.text) \(said.errorText)")
        }
        #expect(try await run(shell, check, in: folder).text == "")
        let missing = try await run(
            shell, "verify_release svc 0000000000000000 || echo \"$why\"", in: folder)
        #expect(missing.text.contains("is not there"))
    }

    @Test(arguments: Shell.shells)
    func aLogTurnsWhenItIsFullAndTwoOldOnesStay(shell: [String]) async throws {
        let folder = try TemporaryFolder()
        let turn = "log_bytes_max=10; rotate_log log"
        _ = try await run(shell, turn, in: folder)
        #expect(!folder.has("log"))
        try folder.write("log", "too small")
        _ = try await run(shell, turn, in: folder)
        #expect(try folder.read("log") == "too small")
        for text in ["first, full", "second, full", "third, full"] {
            try folder.write("log", text)
            #expect(try await run(shell, turn, in: folder).errorText == "")
            #expect(!folder.has("log"))
        }
        #expect(try folder.read("log.1") == "third, full")
        #expect(try folder.read("log.2") == "second, full")
        #expect(!folder.has("log.3"))
    }

    @Test(arguments: Shell.shells)
    func onlyOnAFullDiskIsWhatWasStartedStopped(shell: [String]) async throws {
        let folder = try TemporaryFolder()
        try folder.write("steps", "switch app x\nrestart app.service\nrestart other.service\n")
        let free = "df() { printf 'head\\nx 1 1 %s 1 /\\n' \"$free_now\"; }; "
        let roomy = try await run(
            shell, "keep_room; ls reserve; \(free) free_now=5000; make_room", in: folder)
        #expect(roomy.text == "reserve\n" && !folder.has("reserve") && !folder.has("said"))
        _ = try await run(shell, "\(free) free_now=5; make_room", in: folder)
        #expect(
            try folder.read("said")
                == "stop app.service\nstop other.service\n")
    }
}
