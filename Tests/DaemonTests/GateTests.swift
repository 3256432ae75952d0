import Foundation
import TestSupport
import Testing

/// When the gate is closed: every state of a server, in both shells, and that a server which it
/// lets nobody restart is left as it was.
@Suite struct GateTests {
    /// A server whose answers are files.
    private static func scripted(_ files: [String: String]) async throws -> GateStage {
        let answers = try TemporaryFolder()
        for (name, text) in files { try answers.write(name, text) }
        try answers.write("scripted.py", ScriptedServer.script)
        let stage = try await GateStage(["python3", answers.path + "/scripted.py", answers.path])
        try FileManager.default.createSymbolicLink(
            atPath: stage.folder.path + "/answers", withDestinationPath: answers.path)
        Self.kept.append(answers)
        return stage
    }

    /// Folders live as long as the tests: the servers read them.
    private static let kept = Kept()

    private final class Kept: @unchecked Sendable {
        private let lock = NSLock()
        private var folders: [TemporaryFolder] = []
        func append(_ folder: TemporaryFolder) { lock.withLock { folders.append(folder) } }
    }

    private static func expectUntouched(
        _ stage: GateStage, _ run: GateScript.Run, _ reason: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(!run.isOpen, "\(reason): \(run.text)", sourceLocation: sourceLocation)
        #expect(run.text.contains("gate closed gs "), "\(run.text)", sourceLocation: sourceLocation)
        #expect(
            run.text.contains(reason), "\(reason) is not in \(run.text)",
            sourceLocation: sourceLocation)
        #expect(stage.server.isRunning, sourceLocation: sourceLocation)
        #expect(stage.state != "T", "it is frozen", sourceLocation: sourceLocation)
    }

    // MARK: gen-server

    /// Everything that gen-server says of itself, and whether it may be restarted then.
    static let states: [(String, Bool)] = [
        ("OFF", true), ("FAILED", true), ("HELD", true), ("PREPARING", false),
        ("IGNITION", false), ("CRANKING", false), ("GLOW_CRANKING", false), ("VERIFYING", false),
        ("WARMING_UP", false), ("STABILISING", false), ("CHARGING", false),
        ("RUNNING_WITHOUT_CHARGER", false), ("COOLING_DOWN", false), ("STOPPING", false),
        ("ADOPTING", false), ("MANUAL", false), ("SOMETHING_NEW", false),
    ]

    /// What may stand in one line of an otherwise idle STATUS, and what the refusal says.
    static let lines: [(String, String?, String)] = [
        ("INPUTS", "ERROR", "unknown counts as running"),
        ("INPUTS", nil, "unknown counts as running"),
        ("INPUTS", "IN1=1 IN2=1 IN3=0 IN4=0 raw=3", "the engine runs"),
        ("INPUTS", "IN1=0 IN2=1 IN3=0 IN4=1 raw=10", "the starter is engaged"),
        ("INPUTS", "IN1=0 IN2=0 IN3=0 IN4=0 raw=3", "unknown counts as running"),
        ("INPUTS", "IN1=0 IN2=0 IN3=0 IN4=0 raw=-1", "unknown counts as running"),
        ("RELAYS", "IGN+CHARGER (0x0A)", "relays are on"),
        ("RELAYS", "UNKNOWN (at most 0x0A)", "which relays are on is unknown"),
        ("RELAYS", nil, "which relays are on is unknown"),
        ("RUNNING", "YES", "does not say that the engine stands"),
        ("RUNNING", nil, "does not say that the engine stands"),
        ("START_IN_PROGRESS", "YES", "a start is in progress"),
        ("START_IN_PROGRESS", nil, "whether a start is in progress is unknown"),
    ]

    @Test(arguments: Shell.shells)
    func aServerOfOursIsHeldInEveryStateInWhichItRests(shell: [String]) async throws {
        let stage = try await Self.scripted(["HOLD": "OK: Held for 600 s\n"])
        for (state, isOpen) in Self.states {
            // Where it is granted the scripted server has to show it from the beginning.
            let hold = isOpen ? "me@here 600 fleetctl deploy of 12ab" : "none"
            try stage.folder.write(
                "answers/STATUS",
                ScriptedServer.status(ScriptedServer.own, ["STATE": state, "HOLD": hold]))
            let held = stage.log.components(separatedBy: "< HOLD").count
            let run = try await stage.close(shell)
            #expect(run.isOpen == isOpen, "\(state): \(run.text)")
            let holds = stage.log.components(separatedBy: "< HOLD").count - held
            #expect(holds == (isOpen ? 1 : 0), "\(state)")
            if !isOpen { Self.expectUntouched(stage, run, "it is not idle: \(state)") }
        }
    }

    @Test(arguments: Shell.shells)
    func whatIsNotKnownOrNotOffKeepsTheGateClosed(shell: [String]) async throws {
        let stage = try await Self.scripted(["HOLD": "OK: Held for 600 s\n"])
        for base in [ScriptedServer.own, ScriptedServer.legacy] {
            for (key, value, reason) in Self.lines {
                try stage.folder.write(
                    "answers/STATUS", ScriptedServer.status(base, [key: value]))
                let run = try await stage.close(shell)
                Self.expectUntouched(stage, run, reason)
            }
            // A line that is there twice says nothing.
            let twice = ScriptedServer.status(base).replacing(
                "END", with: "RELAYS: OFF (0x00)\nEND")
            try stage.folder.write("answers/STATUS", twice)
            Self.expectUntouched(stage, try await stage.close(shell), "which relays are on")
        }
        #expect(!stage.log.contains("HOLD"))
    }

    /// Whose hold, what the server says to HOLD, and what the refusal says.
    @Test(arguments: Shell.shells)
    func aHoldThatIsNotOursOrNotGrantedKeepsItClosed(shell: [String]) async throws {
        let stage = try await Self.scripted([:])
        let rows = [
            ("you@there 90 oil change", "", "held by you@there for 90 s more: oil change"),
            ("me@herewith 90 x", "", "held by me@herewith"),
            ("none", "ERROR: Not now\n", "Not now"), ("none", "", "unknown counts as running"),
            ("none", "OK\n", "refuses to be held"),
            ("none", "OK: Held for 600 s\n", "does not keep the hold"),
        ]
        for (hold, answer, reason) in rows {
            try stage.folder.write(
                "answers/STATUS", ScriptedServer.status(ScriptedServer.own, ["HOLD": hold]))
            try stage.folder.write("answers/HOLD", answer)
            Self.expectUntouched(stage, try await stage.close(shell), reason)
        }
        for (changes, reason) in [
            (["PROTOCOL": "1"], "its protocol is unknown: 1"),
            (["PROTOCOL": nil], "its answer is not understood"),
            (["HOLD": nil], "whether it is held is unknown"),
        ] as [([String: String?], String)] {
            try stage.folder.write(
                "answers/STATUS", ScriptedServer.status(ScriptedServer.own, changes))
            Self.expectUntouched(stage, try await stage.close(shell), reason)
        }
    }

    @Test(arguments: Shell.shells)
    func aHoldThatTheOwnerHadBeforeIsThereAfterwards(shell: [String]) async throws {
        let stage = try await Self.scripted(["HOLD": "OK: Held\n"])
        for (hold, last) in [
            ("none", "< RELEASE me@here"), ("me@here 3000 oil change", "< HOLD me@here "),
            ("me@here 3000 fleetctl deploy of 77", "< RELEASE me@here"),
        ] {
            try stage.folder.write("answers/HOLD", "OK: Held for 600 s\n")
            try stage.folder.write(
                "answers/STATUS", ScriptedServer.status(ScriptedServer.own, ["HOLD": hold]))
            if hold == "none" {
                try stage.folder.write("answers/STATUS1", ScriptedServer.status(ScriptedServer.own))
                try stage.folder.write(
                    "answers/STATUS",
                    ScriptedServer.status(ScriptedServer.own, ["HOLD": "me@here 600 x"]))
            }
            let run = try await stage.close(shell, then: "gates_open")
            #expect(run.isOpen, "\(run.text)")
            let said = stage.log.split(separator: "\n").last.map(String.init) ?? ""
            #expect(said.hasPrefix(last), "\(said)")
            #expect(said.hasSuffix("oil change") == hold.hasSuffix("oil change"), "\(said)")
        }
    }

    @Test(arguments: Shell.shells)
    func whoSaysNothingIsUnknown(shell: [String]) async throws {
        let stage = try await Self.scripted(["silent": ""])
        Self.expectUntouched(stage, try await stage.close(shell), "unknown counts as running")
        let forced = try await stage.close(shell, mode: "force")
        #expect(forced.isOpen)
        #expect(forced.text.contains("gate forced gs its state could not be read"))
    }

    @Test(arguments: Shell.shells)
    func withoutAServerItIsOpenUnlessSomethingWasLeftOn(shell: [String]) async throws {
        let stage = try await Self.scripted([:])
        kill(stage.server.id, SIGKILL)
        _ = try await stage.server.status(within: .seconds(10))
        #expect(try await stage.close(shell).isOpen)
        try stage.folder.write("run/fleet/gs/dirty", "")
        let dirty = try await stage.close(shell)
        #expect(dirty.text.contains("what it left on may be on still"), "\(dirty)")
        try FileManager.default.removeItem(atPath: stage.folder.path + "/run/fleet/gs/dirty")
        try stage.folder.write("run/gen-server-dev-i2c-0.state", "format=1\nphase=charging\n")
        let running = try await stage.close(shell)
        #expect(running.text.contains("the engine ran when it ended"), "\(running)")
    }

    @Test(arguments: Shell.shells)
    func aStrangersServerIsNotTouched(shell: [String]) async throws {
        let stage = try await Self.scripted([
            "STATUS": ScriptedServer.status(ScriptedServer.legacy)
        ])
        try stage.folder.write("run/fleet/gs/process", "1 1\n")
        Self.expectUntouched(stage, try await stage.close(shell), "is not gs's")
    }

    @Test(arguments: Shell.shells)
    func aHoldWhoseHolderDiedEndsByItself(shell: [String]) async throws {
        let stage = try await GateStage(
            [
                try Products.path("gen-server"), "--bus", "sim", "--host", "127.0.0.1", "--port",
                "PORT",
            ] + Server.quick)
        try await waitUntil("it can be held", deadline: .seconds(20)) {
            try await stage.close(shell, seconds: 3, then: "kill -KILL $$").text.contains(
                "closed\n")
        }
        #expect(stage.log.hasSuffix("state OFF -> HELD\n"), "\(stage.log)")
        try await waitUntil("nobody holds it", deadline: .seconds(10)) {
            stage.log.hasSuffix("state HELD -> OFF\n")
        }
    }

    // MARK: The legacy server

    @Test(arguments: Shell.shells)
    func anIdleLegacyServerIsFrozenAndKilledOnlyWhenItsEndHasCome(shell: [String]) async throws {
        let stage = try await Self.scripted([
            "STATUS": ScriptedServer.status(ScriptedServer.legacy)
        ])
        let frozen = try await stage.close(
            shell, then: "sed 's/.*) //' /proc/\(stage.server.id)/stat | cut -c 1; gates_open")
        #expect(frozen.text.contains("closed\nT\n"), "\(frozen.text)")
        #expect(stage.state != "T" && stage.server.isRunning)
        let killed = try await stage.close(shell, then: "gate_stopping gs; gates_open")
        #expect(killed.isOpen, "\(killed.text)")
        #expect(try await stage.server.status(within: .seconds(10)) == 128 + SIGKILL)
    }

    @Test(arguments: Shell.shells)
    func aClientOfALegacyServerKeepsTheGateClosed(shell: [String]) async throws {
        let stage = try await Self.scripted([
            "STATUS": ScriptedServer.status(ScriptedServer.legacy)
        ])
        let client = try Client(port: stage.port)
        let run = try await stage.close(shell)
        Self.expectUntouched(stage, run, "another client is connected, 127.0.0.1")
        withExtendedLifetime(client) {}
    }

    /// A start that begins with one of the readings, each of which still shows an idle generator,
    /// by a client that is gone: there is no connection and no word of it, only a thread.
    @Test(arguments: Shell.shells)
    func aStartThatSlipsInBehindAReadingIsSeen(shell: [String]) async throws {
        let stage = try await Self.scripted([
            "STATUS": ScriptedServer.status(ScriptedServer.legacy), "start-at-2": "",
        ])
        let run = try await stage.close(shell)
        #expect(stage.log.contains("relays 08"))
        Self.expectUntouched(stage, run, "somebody else has begun to talk to it")
    }

    @Test(arguments: Shell.shells)
    func whatChangesBetweenTheReadingsIsSeen(shell: [String]) async throws {
        let stage = try await Self.scripted([
            "STATUS": ScriptedServer.status(ScriptedServer.legacy),
            "STATUS2": ScriptedServer.status(
                ScriptedServer.legacy, ["RELAYS": "IGN (0x08)"]),
        ])
        Self.expectUntouched(stage, try await stage.close(shell), "relays are on: IGN (0x08)")
    }

    /// The script is killed while the server is frozen: somebody lets it go on.
    @Test(arguments: Shell.shells)
    func aFrozenServerIsLetGoWhenTheDeployDies(shell: [String]) async throws {
        let stage = try await Self.scripted([
            "STATUS": ScriptedServer.status(ScriptedServer.legacy)
        ])
        let run = try await stage.close(shell, then: "kill -KILL $$")
        #expect(run.text.contains("closed"))
        try await waitUntil("it goes on", deadline: .seconds(10)) { stage.state != "T" }
        #expect(stage.server.isRunning)
    }
}
