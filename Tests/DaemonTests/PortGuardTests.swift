import Foundation
import TestSupport
import Testing

/// port-guard as a process, with real sockets of this machine.
@Suite(.timeLimit(.minutes(3))) struct PortGuardTests {
    /// A port that nobody has: it was just given back.
    private func freePort() async throws -> UInt16 {
        let holder = try await PortHolder()
        kill(holder.pid, SIGKILL)
        _ = try await holder.program.status(within: .seconds(30))
        return holder.port
    }

    @Test func aFreePortIsFree() async throws {
        let port = try await freePort()
        let run = try await portGuard(port, "--match", "proxy.py")
        #expect(run.status == 0)
        #expect(run.text == "port-guard: port \(port) is free\n")
    }

    @Test(arguments: [
        ["--port", "0"], ["--port", "65536"], ["--port", "x"], ["--unit", "proxy"],
        ["--unit", ".service"], ["--unit", "a/b.service"], ["--match", ""], ["--match", "a/b"],
        ["--wait", "-1"], ["--wait", "61"], ["--records", "run"], ["--nothing"], ["--port"],
    ]) func badOptionsAreRefused(_ words: [String]) async throws {
        let run = try await spawn(
            [try Products.path("port-guard"), "--port", "1", "--unit", "a.service"] + words)
        #expect(run.status == 64, "\(run)")
        #expect(run.errorText.hasPrefix("port-guard: "))
    }

    @Test(arguments: [[], ["--port", "1"], ["--unit", "a.service"]])
    func portAndUnitAreNeeded(_ words: [String]) async throws {
        #expect(try await spawn([try Products.path("port-guard")] + words).status == 64)
    }

    /// What a supervisor has recorded is its own, or another service's.
    @Test func recordsSayWhoseAProcessIs() async throws {
        let holder = try await PortHolder()
        let records = try TemporaryFolder()
        try records.write("proxy/process", "\(holder.pid) \(try holder.startTicks())\n")
        let options = ["--match", "proxy.py", "--records", records.path]
        let own = try await portGuard(
            holder.port, options[0], options[1], options[2], options[3])
        #expect(own.status == 0 && own.text.contains("is held by proxy.service itself"))
        let other = try await portGuard(
            holder.port, unit: "other.service", options[0], options[1], options[2], options[3])
        #expect(other.status == 10 && other.text.contains("is held by proxy: process"))
        #expect(holder.program.isRunning)
    }

    @Test(arguments: ["", "x", "1 2 3", "-1 5", "1 x"])
    func aBrokenRecordIsNone(_ text: String) async throws {
        let holder = try await PortHolder(name: "other.py")
        let records = try TemporaryFolder()
        try records.write("proxy/process", text)
        let run = try await portGuard(holder.port, "--records", records.path)
        #expect(run.status != 0)
    }

    // MARK: Orphans

    /// Children of these tests belong to no service on a machine without systemd above them.
    @Suite(
        .enabled(
            if: OwnPlace.isOutsideServices, "below a service or scope a child is no orphan"),
        .timeLimit(.minutes(3)))
    struct Orphans {
        @Test(arguments: ["tcp", "tcp6", "udp", "udp6"])
        func anOrphanIsStoppedAndThePortIsFree(_ kind: String) async throws {
            let holder = try await PortHolder(kind)
            let run = try await portGuard(holder.port, "--match", "proxy.py")
            #expect(run.status == 0, "\(run)")
            let lines = run.text.split(separator: "\n")
            #expect(lines.count == 3)
            #expect(lines.first?.contains("is held by an orphan started in no service") == true)
            #expect(lines.dropFirst().first?.contains("SIGTERM to process \(holder.pid)") == true)
            #expect(lines.last?.hasSuffix("is free now") == true)
            #expect(try await holder.program.status(within: .seconds(30)) == 128 + SIGTERM)
        }

        @Test func anOrphanThatIgnoresSIGTERMGetsSIGKILL() async throws {
            let holder = try await PortHolder(manners: "deaf")
            let run = try await portGuard(holder.port, "--match", "proxy.py", "--wait", "0.3")
            // The zombie is ours to reap; port-guard takes it for ended.
            #expect(run.status == 0, "\(run)")
            #expect(run.text.contains("SIGKILL to process \(holder.pid)"))
            #expect(try await holder.program.status(within: .seconds(30)) == 128 + SIGKILL)
        }

        @Test func aDryRunStopsNobody() async throws {
            let holder = try await PortHolder()
            let run = try await portGuard(holder.port, "--match", "proxy.py", "--dry-run")
            #expect(run.status == 0)
            #expect(run.text.contains("would stop process \(holder.pid)"))
            #expect(holder.program.isRunning)
        }

        @Test func withoutAMatchNobodyIsStopped() async throws {
            let holder = try await PortHolder()
            let run = try await portGuard(holder.port)
            #expect(run.status == 11)
            #expect(run.text.contains("is held outside any service: process \(holder.pid)"))
            #expect(holder.program.isRunning)
        }

        /// Another program with the script's name among its words.
        @Test func alookalikeIsNamedAndLeft() async throws {
            let holder = try await PortHolder(name: "editor.py", manners: "proxy.py")
            let run = try await portGuard(holder.port, "--match", "proxy.py")
            #expect(run.status == 11, "\(run)")
            #expect(holder.program.isRunning)
        }

        /// 6053 is no part of 60530, nor the other way round.
        @Test func theOrphanOnAnotherPortIsLeft() async throws {
            let holder = try await PortHolder()
            for port in [holder.port / 10, holder.port % 10_000] where port > 1024 {
                let run = try await portGuard(port, "--match", "proxy.py")
                #expect(!run.text.contains("process \(holder.pid)"), "\(run)")
            }
            #expect(holder.program.isRunning)
        }

        /// Where the service cannot start anyway nobody is stopped for it.
        @Test func besideAStrangerTheOrphanIsLeftToo() async throws {
            let orphan = try await PortHolder("udp")
            let folder = try TemporaryFolder()
            try folder.write("other.py", PortHolder.script)
            let stranger = try Program(
                ["python3", folder.path + "/other.py", "tcp", "\(orphan.port)", "good"])
            try await waitUntil("the stranger is ready", deadline: .seconds(30)) {
                stranger.text.hasSuffix("\n")
            }
            let run = try await portGuard(orphan.port, "--match", "proxy.py")
            #expect(run.status == 11, "\(run)")
            #expect(orphan.program.isRunning && stranger.isRunning)
        }

        /// A hostile command line stays on one printable line.
        @Test func whatIsSaidIsPrintable() async throws {
            let holder = try await PortHolder(
                name: "other.py", manners: "\u{1B}[2J\nport 1 is free")
            let run = try await portGuard(holder.port, "--match", "proxy.py")
            #expect(run.status == 11)
            #expect(run.text.split(separator: "\n").count == 1)
            #expect(!run.text.contains("\u{1B}"))
        }
    }

    // MARK: A command in its place

    @Test func theCommandRunsWhereThePortIsNobodyElses() async throws {
        let port = try await freePort()
        let run = try await portGuard(
            port, "--", "/bin/sh", "-c", "echo \"<$1>\"; exit 7", "x", "a b")
        #expect(run.status == 7, "\(run)")
        #expect(run.text.hasSuffix("<a b>\n"))
    }

    @Test func theCommandDoesNotRunBesideAnotherHolder() async throws {
        let holder = try await PortHolder()
        let run = try await portGuard(
            holder.port, "--records", "/nowhere", "--", "/bin/sh", "-c", "echo run")
        #expect([10, 11].contains(run.status), "\(run)")
        #expect(!run.text.contains("run\n"))
    }

    @Test func aCommandThatIsNotThereIsSaid() async throws {
        let run = try await portGuard(try await freePort(), "--", "/nowhere/at/all")
        #expect(run.status == 1)
        #expect(run.errorText.contains("/nowhere/at/all"), "\(run)")
    }
}
