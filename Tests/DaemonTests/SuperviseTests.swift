import Foundation
import LabSupport
import TestSupport
import Testing

/// The supervisor of hosts without systemd, as fleetctl renders it, under the shells that such
/// hosts have.
@Suite(.timeLimit(.minutes(3)))
struct SuperviseTests {
    static let source = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Units/rc-local/supervise.sh")

    /// A service of a release that is current, with the supervisor beside it.
    final class Service {
        let folder: TemporaryFolder
        let shell: [String]
        var logLimit = 1 << 20

        init(
            _ shell: [String], script: String, afterExit: String = "echo after-exit",
            afterExitWords: String? = nil, stopTimeout: Int = 2, guardPorts: String = ":"
        ) async throws {
            folder = try TemporaryFolder()
            self.shell = shell
            try await install("service", "#!/bin/sh\n" + script)
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/current", withDestinationPath: "releases/r1")
            var text = try String(contentsOf: SuperviseTests.source, encoding: .utf8)
            let current = folder.path + "/current"
            for (variable, value) in [
                ("name", "'demo'"), ("release", "'\(current)'"), ("stop_timeout", "\(stopTimeout)"),
                ("command", "'\(current)/service' 'a b' '$HOME'\\''x'"),
                (
                    "after_exit",
                    afterExitWords ?? (afterExit.isEmpty ? "" : "'/bin/sh' '-c' '\(afterExit)'")
                ),
                ("guard_ports", guardPorts),
                ("environment", "export release='of the environment'\nexport B='it'\\''s'"),
            ] { text = text.replacingOccurrences(of: "@\(variable)@", with: value) }
            // setsid and start run the file itself: it must name the shell under test.
            let interpreter = try await spawn(["sh", "-c", "command -v \(shell[0])"]).text
                .trimmingCharacters(in: .whitespacesAndNewlines)
            let words = ([interpreter] + shell.dropFirst()).joined(separator: " ")
            text = text.replacingOccurrences(of: "#!/bin/sh\n", with: "#!\(words)\n")
            try await install("supervise", text)
        }

        /// Another process writes what will be executed: a child that some other test starts just
        /// now inherits our descriptors, and nobody executes a file that is open for writing.
        private func install(_ name: String, _ text: String) async throws {
            try folder.write("releases/\(name).text", text)
            let releases = folder.path + "/releases"
            let result = try await spawn(
                [
                    "install", "-D", "-m", "755", "\(releases)/\(name).text",
                    "\(releases)/r1/\(name)",
                ])
            try #require(result.status == 0, "\(result.errorText)")
        }

        /// Whatever a test leaves running, for the next one to be alone.
        deinit {
            for name in ["supervisor", "process"] {
                let record = (try? folder.read("run/demo/" + name)) ?? ""
                if let id = record.split(separator: " ").first.flatMap({ pid_t($0) }), id > 1,
                    (try? String(contentsOfFile: "/proc/\(id)/environ", encoding: .utf8))?
                        .contains(folder.path) == true
                {
                    kill(id, SIGKILL)
                }
            }
        }

        var environment: [String: String] {
            [
                "SUPERVISE_RUN_DIR": folder.path + "/run", "SUPERVISE_LOG_DIR": folder.path,
                "SUPERVISE_LOG_LIMIT": "\(logLimit)",
            ]
        }

        @discardableResult
        func run(_ verb: String) async throws -> Ended {
            try await spawn([folder.path + "/current/supervise", verb], environment: environment)
        }

        var log: String { (try? folder.read("demo.log")) ?? "" }

        struct Running: Equatable {
            var supervisor: pid_t
            var process: pid_t
            var restarts: Int
        }

        /// What `status` says; nil where it does not say `running`.
        func running() async throws -> Running? {
            let result = try await run("status")
            guard result.status == 0 else { return nil }
            let pattern = /running supervisor=(\d+) process=(\d+) since=\d{10} restarts=(\d+)\n/
            guard let match = result.text.wholeMatch(of: pattern),
                let supervisor = pid_t(match.1), let process = pid_t(match.2),
                let restarts = Int(match.3)
            else {
                Issue.record("status says '\(result.text)'")
                return nil
            }
            return Running(supervisor: supervisor, process: process, restarts: restarts)
        }

        func mustRun() async throws -> Running {
            let running = try await running()
            return try #require(running, "\(log)")
        }
    }

    static func isAlive(_ process: pid_t) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        else {
            return false
        }
        return !(stat.components(separatedBy: ") ").last ?? "Z").hasPrefix("Z")
    }

    static let sleeper = "echo \"args $# <$1> <$2> $B $release cwd $(pwd -P)\"\nexec sleep 1000\n"

    @Test(arguments: Shell.shells)
    func itStartsOnceAndStopsForGood(_ shell: [String]) async throws {
        let service = try await Service(shell, script: Self.sleeper)
        #expect(try await service.run("status").text == "stopped\n")
        #expect(try await service.run("status").status == 3)
        #expect(try await service.run("start").status == 0)
        let first = try await service.mustRun()
        #expect(try await service.run("start").status == 0)
        #expect(try await service.running() == first)
        // It runs in the physical folder, with nothing of ours open.
        let physical = service.folder.path + "/releases/r1"
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(first.process)/cwd")
                == URL(fileURLWithPath: physical).resolvingSymlinksInPath().path)
        #expect(try await service.run("stop").status == 0)
        #expect(!Self.isAlive(first.process) && !Self.isAlive(first.supervisor))
        #expect(try await service.run("status").status == 3)
        #expect(try await service.run("stop").text == "stopped\n")
        #expect(service.log.contains("args 2 <a b> <$HOME'x> it's of the environment cwd /"))
    }

    @Test(arguments: Shell.shells)
    func theSessionThatStartedItEnds(_ shell: [String]) async throws {
        let service = try await Service(shell, script: Self.sleeper)
        // cat ends when the last writer of its input does: nothing of the service holds it.
        let result = try await spawn(
            ["sh", "-c", "\"$0\" start 2>&1 | cat", service.folder.path + "/current/supervise"],
            environment: service.environment, deadline: .seconds(10))
        #expect(result.status == 0)
        #expect(result.text.hasPrefix("running "))
        // The signal of a terminal that goes away reaches neither.
        let running = try await service.mustRun()
        kill(running.supervisor, SIGHUP)
        #expect(getsid(running.supervisor) != getsid(0))
        #expect(try await service.running() == running)
    }

    @Test(arguments: Shell.shells)
    func aProcessThatEndsIsSwitchedOffAndStartedAgain(_ shell: [String]) async throws {
        let service = try await Service(shell, script: Self.sleeper)
        try await service.run("start")
        let first = try await service.mustRun()
        let before = service.log.components(separatedBy: "after-exit\n").count
        kill(first.process, SIGKILL)
        try await waitUntil("switched off", deadline: .seconds(30)) {
            service.log.components(separatedBy: "after-exit\n").count > before
        }
        try await waitUntil("started again", deadline: .seconds(30)) {
            try await service.running().map { $0.process != first.process } ?? false
        }
        #expect(try await service.mustRun().restarts == 1)
        #expect(try await service.mustRun().supervisor == first.supervisor)
    }

    @Test(arguments: Shell.shells)
    func aProcessThatEndsAtOnceIsNotStartedInARush(_ shell: [String]) async throws {
        let service = try await Service(shell, script: "echo begun\nexit 3\n")
        #expect(try await service.run("start").status == 1)
        let result = try await service.run("status")
        #expect(result.status == 4)
        #expect(result.text.hasPrefix("unknown supervisor="))
        // Within the 15 seconds of start: at 0, 1, 3 and 8.
        let starts = service.log.components(separatedBy: "begun\n").count - 1
        #expect((3...5).contains(starts))
        #expect(service.log.contains("ended with status 3"))
        #expect(try await service.run("stop").status == 0)
        #expect(try await service.run("status").status == 3)
    }

    @Test(arguments: Shell.shells)
    func aSupervisorThatWasKilledLeavesNoOrphan(_ shell: [String]) async throws {
        let service = try await Service(shell, script: Self.sleeper)
        try await service.run("start")
        let first = try await service.mustRun()
        kill(first.supervisor, SIGKILL)
        try await waitUntil("the supervisor is gone", deadline: .seconds(30)) {
            !Self.isAlive(first.supervisor)
        }
        let result = try await service.run("status")
        #expect(result.status == 4)
        #expect(result.text == "unknown process=\(first.process) runs without a supervisor\n")
        let start = try await service.run("start")
        #expect(start.status == 0)
        #expect(start.errorText.contains("process \(first.process) runs without its supervisor"))
        #expect(start.text.contains("after-exit"))
        #expect(!Self.isAlive(first.process))
        #expect(try await service.mustRun().process != first.process)
        // And a stop alone ends it as well.
        let second = try await service.mustRun()
        kill(second.supervisor, SIGKILL)
        try await waitUntil("the supervisor is gone", deadline: .seconds(30)) {
            !Self.isAlive(second.supervisor)
        }
        #expect(try await service.run("stop").status == 0)
        #expect(!Self.isAlive(second.process))
    }

    @Test(arguments: Shell.shells)
    func aRecordedIdOfSomebodyElseIsLeftAlone(_ shell: [String]) async throws {
        let service = try await Service(shell, script: Self.sleeper)
        try await service.run("start")
        let first = try await service.mustRun()
        kill(first.supervisor, SIGKILL)
        kill(first.process, SIGKILL)
        try await waitUntil("both are gone", deadline: .seconds(30)) {
            !Self.isAlive(first.supervisor) && !Self.isAlive(first.process)
        }
        let stranger = try Program(["sleep", "1000"])
        // The id is a living process's, the start time is not.
        try service.folder.write("run/demo/process", "\(stranger.id) 12345\n")
        try service.folder.write("run/demo/supervisor", "\(stranger.id) 12345\n")
        #expect(try await service.run("status").status == 3)
        #expect(try await service.run("stop").status == 0)
        #expect(try await service.run("start").status == 0)
        #expect(stranger.isRunning)
    }

    @Test(arguments: Shell.shells)
    func aProcessThatIgnoresTermIsKilledInTime(_ shell: [String]) async throws {
        let service = try await Service(
            shell, script: "trap '' TERM\nwhile :; do sleep 1; done\n", stopTimeout: 1)
        try await service.run("start")
        let running = try await service.mustRun()
        let begin = ContinuousClock.now
        #expect(try await service.run("stop").status == 0)
        #expect(ContinuousClock.now - begin < .seconds(8))
        #expect(!Self.isAlive(running.process) && !Self.isAlive(running.supervisor))
        #expect(service.log.contains("SIGKILL"))
    }

    @Test(arguments: Shell.shells)
    func whatCannotBeSwitchedOffIsSaidAndTriedAgain(_ shell: [String]) async throws {
        let service = try await Service(
            shell, script: Self.sleeper, afterExit: "echo tried; test -e /nonexistent")
        try await service.run("start")
        let stop = try await service.run("stop")
        #expect(stop.status == 1)
        #expect(stop.errorText.contains("not everything could be switched off"))
        // It stays on record: another stop tries once more.
        #expect(try await service.run("stop").text.contains("tried"))
    }

    @Test(arguments: Shell.shells)
    func theLogKeepsItsLimit(_ shell: [String]) async throws {
        let service = try await Service(
            shell,
            script: """
                i=0
                while [ $i -lt 20000 ]; do
                    echo "line $i of a service that says much"
                    i=$((i + 1))
                done
                echo the last line
                exec sleep 1000

                """)
        service.logLimit = 64 * 1024
        try await service.run("start")
        func size(_ name: String) -> Int {
            FileManager.default.contents(atPath: service.folder.path + "/" + name)?.count ?? 0
        }
        var largest = 0
        try await waitUntil("all is said", deadline: .seconds(60)) {
            largest = max(largest, size("demo.log"), size("demo.log.1"))
            return service.log.contains("the last line")
        }
        #expect(largest <= 64 * 1024)
        #expect(size("demo.log.1") > 48 * 1024)
    }

    @Test(arguments: Shell.shells)
    func runStaysInTheForeground(_ shell: [String]) async throws {
        let service = try await Service(shell, script: Self.sleeper, afterExit: "")
        let path = service.folder.path + "/current/supervise"
        let settings = service.environment
        async let ended = spawn([path, "run"], environment: settings)
        try await waitUntil("it runs", deadline: .seconds(30)) {
            try await service.running() != nil
        }
        kill(try await service.mustRun().supervisor, SIGTERM)
        #expect(try await ended.status == 0)
        #expect(try await service.run("status").status == 3)
    }

    @Test func shellcheckHasNothingToSay() async throws {
        let result = try await spawn(["shellcheck", Self.source.path])
        #expect(result.status == 0, "\(result.text)")
    }

    @Test(arguments: Shell.shells)
    func anythingElseIsUsage(_ shell: [String]) async throws {
        let service = try await Service(shell, script: Self.sleeper)
        #expect(try await service.run("begin").status == 64)
    }
}
