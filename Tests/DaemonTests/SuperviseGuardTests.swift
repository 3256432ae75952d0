import Foundation
import TestSupport
import Testing

/// The supervisor with guards of ports before its service.
@Suite(.timeLimit(.minutes(3))) struct SuperviseGuardTests {
    private typealias Service = SuperviseTests.Service

    /// A guard that ends with the status in a file, and says so; none is 0.
    private static func guardPorts(_ folder: String) -> String {
        "sh -c 'echo looked; exit $(cat \(folder)/held 2>/dev/null || echo 0)' 3>&- || return"
    }

    @Test(arguments: Shell.shells)
    func whileThePortIsHeldItIsSaidAndTriedAgainWithPauses(_ shell: [String]) async throws {
        let held = try TemporaryFolder()
        try held.write("held", "10\n")
        let service = try await Service(
            shell, script: SuperviseTests.sleeper, guardPorts: Self.guardPorts(held.path))
        #expect(try await service.run("start").status == 1)
        // Within the 15 seconds of start: at 0, 1, 3 and 8.
        let looks = service.log.components(separatedBy: "looked\n").count - 1
        #expect((3...5).contains(looks), "\(service.log)")
        #expect(service.log.contains("not started: port-guard ended with status 10, again in 2 s"))
        #expect(!service.log.contains("args 2"))
        try FileManager.default.removeItem(atPath: held.path + "/held")
        try await waitUntil("it runs", deadline: .seconds(60)) {
            try await service.running() != nil
        }
        #expect(try await service.run("stop").status == 0)
    }

    @Test(arguments: Shell.shells)
    func aStopWhileThePortIsHeldIsQuick(_ shell: [String]) async throws {
        let held = try TemporaryFolder()
        try held.write("held", "11\n")
        let service = try await Service(
            shell, script: SuperviseTests.sleeper, guardPorts: Self.guardPorts(held.path))
        let start = try Program(
            [service.folder.path + "/current/supervise", "start"], environment: service.environment)
        try await waitUntil("it pauses", deadline: .seconds(30)) {
            service.log.contains("again in 5 s")
        }
        _ = try await start.status(within: .seconds(60))
        #expect(try await service.run("stop").status == 0)
        #expect(try await service.run("status").status == 3)
    }

    /// With the real guard, rendered as for a gated service: nothing is switched off under another
    /// controller, and what the own process leaves behind is, whoever has the port.
    @Test(arguments: Shell.shells)
    func nothingIsSwitchedOffUnderAnother(_ shell: [String]) async throws {
        let holder = try await PortHolder()
        let guardWords =
            "'\(try Products.path("port-guard"))' --port \(holder.port) --unit demo.service"
        let records = "--records \"${state%/*}\""
        let off = "sh -c 'echo switched off'"
        let service = try await Service(
            shell, script: SuperviseTests.sleeper, afterExit: "",
            afterExitWords: "\(guardWords) \(records) --ran \"$ran\" -- /bin/\(off)",
            guardPorts: "\(guardWords) \(records) 3>&- || return")
        #expect(try await service.run("start").status == 1)
        #expect(service.log.contains("process \(holder.pid)"))
        #expect(!service.log.contains("switched off"), "\(service.log)")
        kill(holder.pid, SIGKILL)
        _ = try await holder.program.status(within: .seconds(30))
        try await waitUntil("it runs", deadline: .seconds(60)) {
            try await service.running() != nil
        }
        let before = service.log.components(separatedBy: "switched off").count
        let folder = try TemporaryFolder()
        try folder.write("other.py", PortHolder.script)
        let other = try Program(
            ["python3", folder.path + "/other.py", "tcp", "\(holder.port)", "good"])
        try await waitUntil("another has the port", deadline: .seconds(30)) {
            other.text.hasSuffix("\n")
        }
        kill(try await service.mustRun().process, SIGKILL)
        try await waitUntil("it is switched off", deadline: .seconds(30)) {
            service.log.components(separatedBy: "switched off").count > before
        }
        #expect(try await service.run("stop").status == 0)
    }
}
