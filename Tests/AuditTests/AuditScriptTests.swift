import Audit
import Foundation
import PortHolders
import RemoteOps
import TestSupport
import Testing

/// The audit's scripts in the shells of the hosts: this machine's /proc, a made-up root folder.
@Suite struct AuditScriptTests {
    private func run(
        _ shell: [String], _ script: [UInt8], _ root: TemporaryFolder, _ arguments: [String] = []
    ) async throws -> Shell.Result {
        try await Shell.run(
            shell + ["-s", "--"] + arguments, input: script,
            environment: ["FLEET_PREFIX": root.path])
    }

    private func audit(_ shell: [String], _ root: TemporaryFolder) async throws -> AuditFacts {
        let result = try await run(shell, RemoteScripts.audit, root)
        #expect(result.status == 0, "\(result.errorText)")
        return try AuditParser.parse(result.output)
    }

    @Test(arguments: Shell.shells)
    func hostileCommandLinesAreReadAsTheyAre(shell: [String]) async throws {
        let root = try TemporaryFolder()
        let hostile = "a b\n\u{1B}[2J\n00000000-0000-0000-0000-000000000000 end\n| x"
        let program = try Program(
            [
                "python3", "-c",
                "import socket,time\ns=socket.socket()\ns.bind(('127.0.0.1',0))\ns.listen()\n"
                    + "u=socket.socket(socket.AF_INET6,socket.SOCK_DGRAM)\nu.bind(('::1',0))\n"
                    + "print(s.getsockname()[1],u.getsockname()[1],flush=True)\n"
                    + "time.sleep(1000)", hostile, " clock 1",
            ])
        defer { kill(program.id, SIGKILL) }
        try await waitUntil("it listens") { program.text.hasSuffix("\n") }
        let ports = program.text.trimmingPrefix(" ").split { $0 == " " || $0 == "\n" }
            .compactMap { UInt16($0) }
        let port = try #require(ports.first)
        let facts = try await audit(shell, root)
        let socket = try #require(facts.sockets.first { $0.port == port })
        let pid = try #require(facts.holders[socket.inode]?.first)
        let datagrams = try #require(facts.sockets.first { $0.port == ports.last })
        #expect(datagrams.proto == .udp6 && facts.holders[datagrams.inode] == [pid])
        let process = try #require(facts.processes[pid]).core
        #expect(process.arguments.suffix(2) == [hostile, " clock 1"])
        #expect(process.executable?.contains("/python3") == true)
        #expect(process.uid == getuid())
        let start = try #require(facts.startTime(of: process))
        #expect(abs(start - Int(Date().timeIntervalSince1970)) < 120)
    }

    @Test(arguments: Shell.shells)
    func unitsOfAnyNameAreRead(shell: [String]) async throws {
        let root = try TemporaryFolder()
        let units = "etc/systemd/system/"
        try root.write(units + "-rf.service", "[Service]\nExecStart=/srv/a -c /srv/a.ini\n")
        try root.write(units + "a b.service", "no line end")
        try root.write(units + "a\nb.service", "x")
        try root.write(units + "a.service.d/1.conf", "[Service]\n")
        try root.write(units + "multi-user.target.wants/x", "")
        try root.write("srv/a.ini", "password = 6053\nport = 6053\nport = secret\nuser=x\n")
        try root.write("var/spool/cron/crontabs/jorik", "@reboot x\n")
        try root.write("opt/fleet/app/releases/x", "")
        try FileManager.default.createSymbolicLink(
            atPath: root.path + "/opt/fleet/app/current", withDestinationPath: "releases/x")
        let facts = try await audit(shell, root)
        #expect(facts.files["/" + units + "-rf.service"]?.count == 41)
        #expect(facts.files["/" + units + "a b.service"] == Array("no line end".utf8))
        #expect(facts.files["/" + units + "a.service.d/1.conf"] == Array("[Service]\n".utf8))
        #expect(facts.files["/var/spool/cron/crontabs/jorik"] == Array("@reboot x\n".utf8))
        #expect(facts.unread.contains("a path with control characters"))
        #expect(facts.portLines == ["/srv/a.ini": ["port = 6053"]])
        #expect(facts.links["/opt/fleet/app/current"] == "releases/x")
        #expect(!facts.isSystemd)
    }

    @Test(arguments: Shell.shells)
    func whatCannotBeReadIsSaid(shell: [String]) async throws {
        let root = try TemporaryFolder()
        // systemd runs the host, and its manager does not answer.
        try root.write("run/systemd/system/x", "")
        let result = try await Shell.run(
            shell + ["-s"], input: RemoteScripts.audit,
            environment: ["FLEET_PREFIX": root.path, "FLEET_PROC": root.path + "/proc"])
        let facts = try AuditParser.parse(result.output)
        #expect(facts.isSystemd)
        #expect(facts.unread.contains { $0.hasSuffix("/net/tcp") })
        #expect(facts.unread.contains { $0.hasSuffix("/net/udp") })
        #expect(facts.unread.contains { $0.hasPrefix("systemctl show") })
        #expect(facts.tables == [])
    }

    @Test func answersThatAreNoneAreRefused() throws {
        let word = "8d78d057-a0e3-4a20-ba10-b49f028ad79f"
        let whole = "fleet-audit 1 \(word)\n\(word) clock 5\n\(word) end\n"
        #expect(try AuditParser.parse(Array(whole.utf8)).clock == 5)
        for count in 0..<(whole.utf8.count - 4) {
            #expect(throws: AuditParser.Failure.self) {
                try AuditParser.parse(Array(whole.utf8.prefix(count)))
            }
        }
        // Records that are too few or too many tell nothing.
        let mixed = "fleet-audit 1 \(word)\n\(word) processes 1\n\(word)|1 (a) S 1\n\(word) end\n"
        let facts = try AuditParser.parse(Array(mixed.utf8))
        #expect(facts.unread.count == 1 && facts.processes.isEmpty)
    }

    @Test(arguments: [(65_535, 0), (65_536, 1)])
    func aTextThatWasCutIsNotTakenForAll(length: Int, unread: Int) throws {
        let word = "8d78d057-a0e3-4a20-ba10-b49f028ad79f"
        let text = String(repeating: "#", count: length)
        let path = "/etc/systemd/system/x.service"
        let facts = try AuditParser.parse(
            Array("fleet-audit 1 \(word)\n\(word) file \(path)\n\(text)\(word) end\n".utf8))
        #expect(facts.files[path]?.count == length)
        #expect(facts.unread.count == unread)
    }

    @Test func randomBytesAreSurvived() throws {
        var random = SeededGenerator.fresh("audit parser")
        let word = "8d78d057-a0e3-4a20-ba10-b49f028ad79f"
        let keys = [
            "sockets tcp", "processes 1", "links", "descriptors", "file /x", "link /x", "show",
            "unit-files", "times", "ports /x", "clock x",
        ]
        for _ in 0..<300 {
            var bytes = Array("fleet-audit 1 \(word)\n".utf8)
            for key in keys {
                bytes += Array("\(word) \(key)\n".utf8)
                for _ in 0..<Int.random(in: 0..<5, using: &random) {
                    if Bool.random(using: &random) { bytes += Array("\(word)|".utf8) }
                    let count = Int.random(in: 0..<40, using: &random)
                    bytes += (0..<count).map { _ in
                        UInt8.random(in: 0...255, using: &random)
                    }
                }
            }
            bytes += Array("\(word) end\n".utf8)
            let facts = try AuditParser.parse(bytes)
            _ = Auditor.findings(in: facts, of: try Sample.subject())
        }
    }

    @Test(arguments: Shell.shells)
    func onlyTheVeryProcessIsEnded(shell: [String]) async throws {
        let root = try TemporaryFolder()
        let program = try Program(["sleep", "1000"])
        defer { kill(program.id, SIGKILL) }
        var found: PortProcess?
        try await waitUntil("it runs") {
            found = try await audit(shell, root).processes[program.id]?.core
            return found?.arguments == ["sleep", "1000"]
        }
        let process = try #require(found)
        let path = try #require(process.executable)
        func fix(_ words: String...) async throws -> String {
            try await run(
                shell, RemoteScripts.auditFix, root, ["me@here", "\"owner\":\"me\""] + words
            ).text
        }
        let other = "stop:\(process.pid):\(process.startTicks + 1):\(path)"
        #expect(try await fix(other) == "ok \(other)\nend\n")
        let wrong = "stop:\(process.pid):\(process.startTicks):/usr/bin/other"
        #expect(try await fix(wrong) == "ok \(wrong)\nend\n")
        #expect(program.isRunning)
        for word in ["stop:1:1:/x", "stop::1:/x", "disable:-rf.service", "start:a b.service", "x"] {
            #expect(try await fix(word).hasPrefix("failed \(word): "))
        }
        let right = "stop:\(process.pid):\(process.startTicks):\(path)"
        #expect(try await fix(right) == "ok \(right)\nend\n")
        try await waitUntil("it has ended") { !program.isRunning }
    }

    @Test(arguments: Shell.shells)
    func eachStepIsInTheHostsLogAndNoneIsDoneBesideADeploy(shell: [String]) async throws {
        let root = try TemporaryFolder()
        let words = ["stop:99:1:/a \"b\\", "start:a b.service", "stop:98:1:/x"]
        let said = try await fix(shell, root, words)
        #expect(said.hasPrefix("ok \(words[0])\nfailed \(words[1]): "), "\(said)")
        #expect(said.hasSuffix("skipped \(words[2])\nend\n"), "\(said)")
        #expect(!root.has("run/fleet/lock"))
        let lines = try root.read("var/log/fleet/audit.jsonl").split(separator: "\n").map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
        #expect(lines.map { $0?["outcome"] as? String } == ["done", "failed"])
        #expect(lines.map { $0?["step"] as? String } == [words[0], words[1]])
        #expect(lines.allSatisfy { $0?["owner"] as? String == "me" && $0?["time"] is Int })

        let boot = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        let start = try await Shell.run(
            ["sh", "-c", "sed 's/.*) //' /proc/\(getpid())/stat | awk '{ print $20 }'"])
        try root.write(
            "run/fleet/lock",
            "pid=\(getpid())\nstart=\(start.text)boot=\(boot)owner=eve@laptop\nreason=deploy\n")
        let locked = try await fix(shell, root, words)
        #expect(locked.hasPrefix("locked ") && locked.contains("owner=eve@laptop"), "\(locked)")
        #expect(locked.hasSuffix("\nend\n") && !locked.contains("ok "), "\(locked)")
        try FileManager.default.removeItem(atPath: root.path + "/run/fleet/lock")
        try root.write("opt/fleet/.transaction/id", "x")
        #expect(try await fix(shell, root, words).hasPrefix("locked by a deploy that is neither"))
        #expect(
            try root.read("var/log/fleet/audit.jsonl").split(separator: "\n").count == 2)
    }

    /// A program that ignores SIGTERM and says so, and the identity that it has in a made-up /proc.
    private func stubborn(
        _ root: TemporaryFolder, start: Int
    ) async throws -> (program: Program, word: String) {
        let program = try Program([
            "sh", "-c", "trap 'echo no' TERM; echo up; while :; do sleep 0.1; done",
        ])
        try await waitUntil("it is up") { program.text.hasPrefix("up") }
        try describe(program.id, start: start, root)
        let exe = root.path + "/proc/\(program.id)/exe"
        try FileManager.default.createSymbolicLink(
            atPath: exe, withDestinationPath: "/srv/a b")
        return (program, "\(program.id):\(start):/srv/a b")
    }

    private func describe(_ pid: Int32, start: Int, _ root: TemporaryFolder) throws {
        let fields = Array(repeating: "0", count: 18).joined(separator: " ")
        try root.write("proc/\(pid)/stat", "\(pid) (a) b) S \(fields) \(start) 0 0\n")
    }

    private func fix(
        _ shell: [String], _ root: TemporaryFolder, _ words: [String]
    ) async throws -> String {
        try await Shell.run(
            shell + ["-s", "--", "me@here", "\"owner\":\"me\""] + words,
            input: RemoteScripts.auditFix,
            environment: ["FLEET_PREFIX": root.path, "FLEET_PROC": root.path + "/proc"]
        ).text
    }

    /// Between SIGTERM and SIGKILL the number becomes another's: that one is not signalled.
    @Test(arguments: Shell.shells)
    func aNumberThatIsAnothersByThenIsLeftAlone(shell: [String]) async throws {
        let root = try TemporaryFolder()
        let (program, identity) = try await stubborn(root, start: 5_000)
        defer { kill(program.id, SIGKILL) }
        async let said = fix(shell, root, ["stop:" + identity])
        try await waitUntil("it was asked to end") { program.text.contains("no") }
        try describe(program.id, start: 5_001, root)
        #expect(try await said == "ok stop:\(identity)\nend\n")
        #expect(program.isRunning)
    }

    /// One that controls the generator must open the relays itself.
    @Test(arguments: Shell.shells)
    func whoIsOnlyAskedIsNotKilled(shell: [String]) async throws {
        let root = try TemporaryFolder()
        let (program, identity) = try await stubborn(root, start: 5_000)
        defer { kill(program.id, SIGKILL) }
        let said = try await fix(shell, root, ["ask:" + identity, "stop:" + identity])
        #expect(said == "failed ask:\(identity): it does not end\nskipped stop:\(identity)\nend\n")
        #expect(program.isRunning && program.text.contains("no"))
        // The made-up /proc shows it still; it is gone all the same.
        _ = try await fix(shell, root, ["stop:" + identity])
        try await waitUntil("it has ended") { !program.isRunning }
    }

    @Test(arguments: Shell.shells)
    func afterAFailureNothingMoreIsDone(shell: [String]) async throws {
        let root = try TemporaryFolder()
        let (program, identity) = try await stubborn(root, start: 5_000)
        defer { kill(program.id, SIGKILL) }
        let said = try await fix(shell, root, ["disable:x", "stop:" + identity, "start:x.service"])
        #expect(
            said == "failed disable:x: that is no unit's name\nskipped stop:\(identity)\n"
                + "skipped start:x.service\nend\n")
        #expect(program.isRunning && !program.text.contains("no"))
    }
}
