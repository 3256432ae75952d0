import Foundation
import TestSupport
import Testing

/// The ways in which a host asks the server: with bash, or on a board that has only busybox with its
/// nc. Each must end in the same answers.
@Suite struct GateAskTests {
    /// What the gate needs of a host beside a shell.
    private static let tools = [
        "awk", "cat", "cut", "grep", "head", "ls", "mkdir", "mv", "rm", "sed", "sleep", "tr",
    ]

    /// A folder with those tools, and perhaps with one to ask with.
    private static func host(askingWith way: String?) async throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for name in tools { try await link(name, to: name, in: folder) }
        switch way {
        case "bash"?: try await link("bash", to: "bash", in: folder)
        case "nc"?: try await link("nc", to: "busybox", in: folder)
        case nil: break
        default: preconditionFailure("there is no other way")
        }
        return folder
    }

    private static func link(
        _ name: String, to program: String, in folder: TemporaryFolder
    ) async throws {
        let found = try await Shell.run(["sh", "-c", "command -v \(program)"])
        let path = found.text.split(separator: "\n").first.map(String.init)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/" + name, withDestinationPath: try #require(path))
    }

    @Test(arguments: Shell.shells, ["bash", "nc"])
    func aServerOfOursIsHeldAndFreedAgain(shell: [String], way: String) async throws {
        let host = try await Self.host(askingWith: way)
        let stage = try await GateStage(
            [
                try Products.path("gen-server"), "--bus", "sim", "--host", "127.0.0.1", "--port",
                "PORT",
            ] + Server.quick)
        try await waitUntil("it can be held", deadline: .seconds(30)) {
            try await stage.close(shell, tools: host.path, then: "gates_open").isOpen
        }
        #expect(stage.log.contains("state OFF -> HELD"))
        #expect(stage.log.hasSuffix("state HELD -> OFF\n"), "\(stage.log)")
        let client = try Client(port: stage.port)
        _ = try await client.line()
        client.send("START NOWAIT\n")
        #expect(try await client.line().hasPrefix("OK"))
        let refused = try await stage.close(shell, tools: host.path)
        #expect(refused.text.contains("gate closed gs "), "\(refused.text)")
        #expect(stage.server.isRunning)
    }

    @Test(arguments: Shell.shells, ["bash", "nc"])
    func aLegacyServerIsFrozenAndGoesOn(shell: [String], way: String) async throws {
        let host = try await Self.host(askingWith: way)
        let answers = try TemporaryFolder()
        try answers.write("STATUS", ScriptedServer.status(ScriptedServer.legacy))
        let stage = try await Self.scripted(answers)
        let run = try await stage.close(
            shell, tools: host.path,
            then: "sed 's/.*) //' /proc/\(stage.server.id)/stat | cut -c 1; gates_open")
        #expect(run.text.contains("closed\nT\n"), "\(run.text)")
        #expect(stage.state != "T" && stage.server.isRunning)
        withExtendedLifetime(answers) {}
    }

    /// An answer that breaks off, however idle it looks, and one that never ends, are none.
    @Test(arguments: Shell.shells, ["bash", "nc"])
    func aBrokenAnswerIsUnknown(shell: [String], way: String) async throws {
        let host = try await Self.host(askingWith: way)
        let answers = try TemporaryFolder()
        let stage = try await Self.scripted(answers)
        let whole = ScriptedServer.status(ScriptedServer.legacy)
        for text in [
            whole.replacing("END\n", with: ""), whole.replacing("END\n", with: "EN"),
            String(repeating: "I2C: OK\n", count: 2_000) + whole,
            String(repeating: "x", count: 20_000) + "\n" + whole,
        ] {
            try answers.write("STATUS", text)
            let run = try await stage.close(shell, tools: host.path)
            #expect(run.text.contains("unknown counts as running"), "\(run.text)")
            #expect(stage.state != "T" && stage.server.isRunning)
        }
    }

    /// busybox ash brings nc with it.
    @Test func aHostThatCannotAskKeepsTheGateClosed() async throws {
        let host = try await Self.host(askingWith: nil)
        let answers = try TemporaryFolder()
        let stage = try await Self.scripted(answers)
        let run = try await stage.close(["dash"], tools: host.path)
        #expect(run.text.contains("there is neither bash nor nc on the host"), "\(run.text)")
        withExtendedLifetime(answers) {}
    }

    private static func scripted(_ answers: TemporaryFolder) async throws -> GateStage {
        try answers.write("scripted.py", ScriptedServer.script)
        return try await GateStage(["python3", answers.path + "/scripted.py", answers.path])
    }
}
