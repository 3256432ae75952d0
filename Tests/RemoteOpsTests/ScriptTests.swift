import Foundation
import RemoteOps
import TestSupport
import Testing

/// The staging and applying scripts, in the shells of the hosts, over a made-up root folder.
@Suite struct ScriptTests {
    static let old = "1111111111111111"
    static let new = "2222222222222222"

    @Test(arguments: Shell.shells)
    func stagingPlacesWholeReleases(shell: [String]) async throws {
        let host = try FakeRoot()
        try host.root.write("opt/fleet/app/releases/\(Self.old)/bin/kept", "kept", mode: 0o755)
        let (staging, name) = try await host.staging(
            sent: ["config/new": "new"], reused: ["bin/kept": "bin/kept"])
        let result = try await host.run(shell, RemoteScripts.stage, staging)
        #expect(result.status == 0, "\(result.errorText)")
        #expect(try host.root.read("\(staging)/placed") == "app \(name)\n")
        let release = "opt/fleet/app/releases/\(name)"
        #expect(try host.root.read("\(release)/bin/kept") == "kept")
        #expect(try host.root.read("\(release)/config/new") == "new")
    }

    @Test(arguments: Shell.shells)
    func stagingTakesOverWhatAnOlderReleaseHas(shell: [String]) async throws {
        let host = try FakeRoot()
        let old = "opt/fleet/app/releases/\(Self.old)"
        // More than one process takes, another folder between, another name.
        var reused = ["data/deep/a": "data/deep/a", "data/other": "data/some", "top": "top"]
        for number in 0..<500 { reused["data/\(number)"] = "data/\(number)" }
        for path in reused.values { try host.root.write("\(old)/\(path)", "of \(path)") }
        let (staging, name) = try await host.staging(sent: ["new": "new"], reused: reused)
        let result = try await host.run(shell, RemoteScripts.stage, staging)
        #expect(result.status == 0, "\(result.errorText)")
        for (path, from) in reused {
            #expect(try host.root.read("opt/fleet/app/releases/\(name)/\(path)") == "of \(from)")
        }
    }

    @Test(arguments: Shell.shells, ["text", "mode", "one more"])
    func aDamagedTransferLeavesNothing(shell: [String], damage: String) async throws {
        let host = try FakeRoot()
        let (staging, name) = try await host.staging(
            sent: ["file": "what it is named after"])
        let release = "\(host.root.path)/\(staging)/releases/app/\(name)"
        switch damage {
        case "text": try host.root.write("\(staging)/releases/app/\(name)/file", "else")
        case "mode": chmod(release + "/file", 0o600)
        default: try host.root.write("\(staging)/releases/app/\(name)/more", "")
        }
        let result = try await host.run(shell, RemoteScripts.stage, staging)
        #expect(result.status == 1)
        #expect(result.errorText.contains("the transfer is damaged"))
        #expect(!host.root.has("opt/fleet/app/releases/\(name)"))
        #expect(!host.root.has(staging))
    }

    @Test(arguments: Shell.shells)
    func aTransferWithoutFilesIsStaged(shell: [String]) async throws {
        let host = try FakeRoot()
        let result = try await host.run(
            shell, RemoteScripts.stage, try await host.staging(sent: [:]).folder)
        #expect(result.status == 0, "\(result.errorText)")
        #expect(result.text == "staged\n")
    }

    @Test(arguments: Shell.shells)
    func stepsAreDoneInOrderAndRecorded(shell: [String]) async throws {
        let host = try FakeRoot()
        let staging = try host.applying(
            steps: ["switch app \(Self.new)", "command 5 true"], undo: ["unlink app"])
        let result = try await host.run(shell, RemoteScripts.apply, staging)
        #expect(result.status == 0, "\(result.errorText)")
        #expect(
            result.text
                == "steps 1 begin\nsteps 1 ok\nsteps 2 begin\nsteps 2 ok\nswitched 120\n")
        #expect(try host.current() == "releases/\(Self.new)")
        #expect(host.root.has("opt/fleet/.transaction"))
        #expect(try await host.confirm(shell, staging) == "confirmed\n")
        #expect(try await host.confirm(shell, staging) == "outcome done\n")
        let audit = try host.root.read("var/log/fleet/audit.jsonl")
        #expect(audit.contains("\"outcome\":\"done\",\"host\":\"x\"}"))
        #expect(!host.root.has(staging))
        #expect(!host.root.has("run/fleet/lock"))
    }

    @Test(arguments: Shell.shells)
    func aFailedStepLeadsBack(shell: [String]) async throws {
        let host = try FakeRoot()
        try host.point(to: Self.old)
        try host.root.write("etc/rc.local", "before\n")
        let staging = try host.applying(
            steps: [
                "install_rc_local \(try await host.hash("etc/rc.local"))", "switch app \(Self.new)",
                "command 5 sh -c 'echo it is; echo broken >&2; false'",
                "command 5 touch \(host.root.path)/never",
            ], undo: ["switch app \(Self.old)", "restore_rc_local"])
        let result = try await host.run(shell, RemoteScripts.apply, staging)
        #expect(result.status == 4, "\(result.errorText)")
        #expect(result.text.contains("steps 3 failed sh -c"))
        #expect(result.text.contains("it is\u{1E}broken"))
        #expect(result.text.hasSuffix("undone\n"))
        #expect(try host.current() == "releases/\(Self.old)")
        #expect(try host.root.read("etc/rc.local") == "before\n")
        #expect(!host.root.has("never"))
        #expect(try host.root.read("var/log/fleet/audit.jsonl").contains("\"outcome\":\"undone\""))
    }

    @Test(arguments: Shell.shells)
    func aDamagedReleaseIsNotSwitchedTo(shell: [String]) async throws {
        let host = try FakeRoot()
        try host.point(to: Self.old)
        try host.root.write("opt/fleet/app/releases/\(Self.new)/file", "of another release")
        let staging = try host.applying(
            steps: ["switch app \(Self.new) verified"], undo: ["switch app \(Self.old)"])
        let result = try await host.run(shell, RemoteScripts.apply, staging)
        #expect(result.status == 4, "\(result.errorText)")
        #expect(result.text.contains("steps 1 failed release \(Self.new) of app is damaged"))
        #expect(try host.current() == "releases/\(Self.old)")
    }

    @Test(arguments: Shell.shells)
    func whereAReleaseCameFromIsNotedBesideIt(shell: [String]) async throws {
        let host = try FakeRoot()
        let (staging, name) = try await host.staging(sent: ["file": "text"])
        try host.root.write("\(staging)/about/app", "\"owner\":\"o@m\"\n")
        let result = try await host.run(shell, RemoteScripts.stage, staging)
        #expect(result.status == 0, "\(result.errorText)")
        let about = try host.root.read("opt/fleet/app/releases/\(name).about")
        #expect(about.hasPrefix("{\"time\":1") && about.hasSuffix(",\"owner\":\"o@m\"}\n"))
    }

    @Test(arguments: Shell.shells)
    func whatCannotBeUndoneIsSaid(shell: [String]) async throws {
        let host = try FakeRoot()
        let staging = try host.applying(
            steps: ["command 5 false"], undo: ["command 5 false", "unlink app"])
        let result = try await host.run(shell, RemoteScripts.apply, staging)
        #expect(result.status == 1)
        #expect(result.text.contains("undo 1 failed"))
        #expect(result.text.contains("undo 2 ok"))
        #expect(result.text.hasSuffix("broken\n"))
    }

    @Test(arguments: Shell.shells)
    func rcLocalThatChangedMeanwhileIsLeftAlone(shell: [String]) async throws {
        let host = try FakeRoot()
        try host.root.write("etc/rc.local", "planned from this\n")
        let seen = try await host.hash("etc/rc.local")
        try host.root.write("etc/rc.local", "somebody was here\n")
        let staging = try host.applying(steps: ["install_rc_local \(seen)"], undo: [])
        let result = try await host.run(shell, RemoteScripts.apply, staging)
        #expect(result.status == 4)
        #expect(result.text.contains("was changed meanwhile"))
        #expect(try host.root.read("etc/rc.local") == "somebody was here\n")
    }

    @Test(arguments: Shell.shells)
    func twoDeploysAtOnceAreOne(shell: [String]) async throws {
        let host = try FakeRoot()
        let start = try await Shell.run(
            ["sh", "-c", "sed 's/.*) //' /proc/\(getpid())/stat | awk '{ print $20 }'"])
        try host.root.write(
            "run/fleet/lock",
            "pid=\(getpid())\nstart=\(start.text)boot=\(try FakeRoot.bootID())\n"
                + "owner=somebody@laptop\n")
        let staging = try host.applying(steps: ["switch app \(Self.new)"], undo: [])
        let held = try await host.run(shell, RemoteScripts.apply, staging)
        #expect(held.status == 75)
        #expect(held.text.contains("locked"))
        #expect(held.text.contains("owner=somebody@laptop"))
        #expect(!host.root.has("opt/fleet/app/current"))

        // The same process number, but of a process that started at another time: it is gone.
        try host.root.write(
            "run/fleet/lock",
            "pid=\(getpid())\nstart=1\nboot=\(try FakeRoot.bootID())\nowner=dead@laptop\n")
        let taken = try await host.run(shell, RemoteScripts.apply, staging)
        #expect(taken.status == 0, "\(taken.errorText)")
        #expect(try host.current() == "releases/\(Self.new)")
    }

    @Test(arguments: Shell.shells)
    func theTcpCheckReadsTheAnswer(shell: [String]) async throws {
        let host = try FakeRoot()
        let server = Process()
        server.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let log = host.root.path + "/port"
        server.arguments = [
            "python3", "-u", "-c",
            """
            import socket, sys
            s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(8)
            open(sys.argv[1] + ".part", "w").write(str(s.getsockname()[1]))
            import os; os.rename(sys.argv[1] + ".part", sys.argv[1])
            while True:
                c, _ = s.accept(); c.sendall(b"READY\\n")
                if c.recv(100) == b"PING\\n": c.sendall(b"PONG\\n")
                c.close()
            """, log,
        ]
        server.standardInput = FileHandle.nullDevice
        server.standardOutput = FileHandle.nullDevice
        server.standardError = FileHandle.nullDevice
        try server.run()
        // Not SIGTERM: a child of one of Dispatch's threads has every signal blocked.
        defer { kill(server.processIdentifier, SIGKILL) }
        while !FileManager.default.fileExists(atPath: log), server.isRunning { usleep(10_000) }
        let port = try host.root.read("port")
        for (expect, status) in [("PONG", Int32(0)), ("SPAM", 4)] {
            let staging = try host.applying(
                steps: ["tcp \(port) PING \(expect) 1"], undo: [])
            let result = try await host.run(shell, RemoteScripts.apply, staging)
            #expect(result.status == status, "\(result.text)")
            if status == 4 { #expect(result.text.contains("READY PONG")) }
            if status == 0 { #expect(try await host.confirm(shell, staging) == "confirmed\n") }
        }
        let staging = try host.applying(steps: ["tcp 1 PING PONG 1"], undo: [])
        #expect(
            try await host.run(shell, RemoteScripts.apply, staging).text.contains(
                "port 1 does not answer"))
    }
}
