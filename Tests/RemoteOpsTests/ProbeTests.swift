import Foundation
import RemoteOps
import TestSupport
import Testing

/// The probe itself, in the shells of the hosts, over a made-up root folder.
@Suite struct ProbeTests {
    @Test(arguments: Shell.shells)
    func aHostWithoutSystemdIsDescribed(shell: [String]) async throws {
        let root = try TemporaryFolder()
        let id = "0123456789abcdef"
        let base = "opt/fleet/gen-server"
        try root.write("\(base)/releases/\(id)/gen-server", "binary", mode: 0o755)
        try root.write("\(base)/releases/\(id)/config/a.conf", "one\ntwo")
        try root.write("\(base)/releases/\(id)/config/secret.conf", "secret\n", mode: 0o600)
        try FileManager.default.createSymbolicLink(
            atPath: root.path + "/\(base)/current", withDestinationPath: "releases/\(id)")
        let rcLocal = "#!/bin/sh\n|odd\u{1}line\nexit 0"
        try root.write("etc/rc.local", rcLocal)

        let facts = try await probe(shell, root, ["gen-server:-:-:-:-"])
        #expect(!facts.isSystemd)
        #expect(facts.userID == Int(getuid()))
        #expect(facts.tools.isSuperset(of: ["gzip", "sha256sum", "tar"]))
        #expect((facts.diskFree ?? 0) > 0)
        #expect(facts.rcLocal?.text == rcLocal)
        let service = try #require(facts.services["gen-server"])
        let release = try #require(ReleaseID(id))
        #expect(service.current == release)
        let files = try #require(service.releases[release])
        #expect(Set(files.map(\.path)) == ["gen-server", "config/a.conf", "config/secret.conf"])
        #expect(files.first { $0.path == "gen-server" }?.mode == 0o755)
        #expect(service.configTexts["config/a.conf"]?.lines == ["one", "two"])
        #expect(service.configTexts["config/secret.conf"] == nil)
        #expect(service.process == nil)
    }

    @Test(arguments: Shell.shells)
    func whoListensIsFound(shell: [String]) async throws {
        let listener = try ListeningSocket()
        let facts = try await probe(
            shell, TemporaryFolder(), ["x:-:tcp/\(listener.port),udp/9:-:-"])
        let found = try #require(facts.services["x"]?.listeners)
        #expect(found.count == 1)
        #expect(found.first?.port == listener.port)
        #expect(found.first?.pid == Int(getpid()))
        #expect(found.first?.commandLine.isEmpty == false)
    }

    @Test(arguments: Shell.shells)
    func aStandingDeployIsTold(shell: [String]) async throws {
        let root = try TemporaryFolder()
        let stat = try String(contentsOfFile: "/proc/self/stat", encoding: .utf8)
        let start = stat.split(separator: ")").last?.split(separator: " ")[19] ?? ""
        let marker = "opt/fleet/.transaction"
        try root.write("\(marker)/id", "abc\n")
        try root.write("\(marker)/owner", "me@\u{1B}[2Jhere\n")
        try root.write("\(marker)/steps", "switch app 'it'\\''s'\nrestart app\n")
        let begin = "begin abc boot=x time=17 ;\n"
        // The last line is torn.
        for (journal, phase, step, line) in [
            ("", StandingTransaction.Phase.unclear, 0, ""),
            (begin + "step 1", .begun, 0, ""),
            (begin + "step 1 ;\nok 1 ;\nstep 2 ;\n", .begun, 2, "restart app"),
            (begin + "step 1 ;\nswitched 9 ;\nconf", .switched, 1, "switch app 'it'\\''s'"),
            (begin + "step 1 ;\nundo power cut ;\nundone 1 ;\n", .undoing, 1, nil),
            (begin + "step 99 ;\nswitched 9 ;\nconfirmed ;\n", .confirmed, 99, ""),
        ] {
            try root.write("\(marker)/journal", journal)
            try root.write("run/fleet/lock", "pid=\(getpid())\nstart=1\n")
            let found = try #require(try await probe(shell, root, []).transaction)
            #expect(found.id == "abc" && found.phase == phase && found.step == step, "\(found)")
            #expect(found.owner == "me@[2Jhere")
            if let line { #expect(found.stepLine == line) }
            #expect(found.begun == (journal.isEmpty ? nil : 17))
            #expect(!found.isAlive)
        }
        try root.write("run/fleet/lock", "pid=\(getpid())\nstart=\(start)\n")
        #expect(try await probe(shell, root, []).transaction?.isAlive == true)
        #expect(try await probe(shell, TemporaryFolder(), []).transaction == nil)
    }

    @Test func anAnswerThatBreaksOffIsNoAnswer() throws {
        let output = Array("fleet-probe\t1\nname\tpi\nservice\tx\n".utf8)
        #expect(throws: ProbeParser.Failure.cutOff) { try ProbeParser.parse(output) }
        #expect(throws: ProbeParser.Failure.notAProbe("Welcome!")) {
            try ProbeParser.parse(Array("Welcome!\nfleet-probe\t1\nend\n".utf8))
        }
        #expect(throws: ProbeParser.Failure.notAProbe("")) { try ProbeParser.parse([]) }
    }

    @Test func nonsenseRecordsAreLeftOut() throws {
        let text = """
            fleet-probe\t1
            uid\troot
            disk.free.kib\t-5
            service\tx
            current\t../../../etc
            file\tonly-one
            transaction\tonly-one
            release\tnot a release
            file\tabc\t-rwxr-xr-x\tpath
            process\tNaN\t1\t/x\t/y
            listener\ttcp/99999 0\t0\t1\t2\tcg\tcmd
            listener\ttcp/80
            unit.MainPID\t12
            end

            """
        let facts = try ProbeParser.parse(Array(text.utf8))
        #expect(facts.userID == nil)
        #expect(facts.diskFree == nil)
        let service = try #require(facts.services["x"])
        #expect(service.current == nil)
        #expect(service.releases.isEmpty)
        #expect(service.process == nil)
        #expect(service.listeners.isEmpty)
        #expect(service.unitProperties == ["MainPID": "12"])
    }

    @Test func randomBytesNeverTrapTheParser() {
        var generator = SeededGenerator.fresh("randomBytesNeverTrapTheParser")
        let keys = ["service", "release", "file", "listener", "process", "rc-local", "|", "config"]
        for _ in 0..<20_000 {
            var text = "fleet-probe\t1\n"
            for _ in 0..<Int.random(in: 0...6, using: &generator) {
                text += keys.randomElement(using: &generator) ?? ""
                for _ in 0..<Int.random(in: 0...6, using: &generator) {
                    text += "\t" + ShellWordTests.randomWord(&generator)
                }
                text += "\n"
            }
            _ = try? ProbeParser.parse(Array((text + "end\n").utf8))
        }
    }

    @Test(arguments: [
        ("0::/system.slice/app.service", "app.service"),
        ("1:name=systemd:/system.slice/a.service/sub 0::/", "a.service"),
        ("0::/user.slice/user-1000.slice/session-3.scope", "session-3.scope"),
        (
            "0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.service",
            "x.service"
        ),
        ("5:cpu:/system.slice/wrong.service", nil), ("", nil), ("0::/", nil),
    ])
    func theUnitIsTheInnermostOfTheCgroup(cgroup: String, unit: String?) {
        let listener = Listener(
            transport: "tcp", port: 1, pid: 1, cgroup: cgroup, commandLine: "")
        #expect(listener.unit == unit)
    }

    private func probe(
        _ shell: [String], _ root: TemporaryFolder, _ words: [String]
    ) async throws -> HostFacts {
        let result = try await Shell.run(
            shell + ["-s", "--"] + words, input: RemoteScripts.probe,
            environment: ["FLEET_PREFIX": root.path])
        #expect(result.status == 0)
        #expect(result.errorText == "")
        return try ProbeParser.parse(result.output)
    }
}
