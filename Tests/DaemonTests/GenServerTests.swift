import Foundation
import LabSupport
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3)))
struct GenServerTests {
    @Test func theProtocolByteForByte() async throws {
        let server = try await Server()
        let client = try await server.client()
        for (command, reply) in [
            ("PING", "PONG"), ("ping\r", "PONG"), ("\nPING", "PONG"),
            ("INPUTS", "IN1=0 IN2=0 IN3=0 IN4=0 raw=0"),
            (" ", "ERROR: Empty command"),
            ("X", "ERROR: Unknown command 'X' (try HELP)"),
            ("RELAY", "ERROR: RELAY requires hex value (e.g., RELAY 0A)"),
            ("RELAY 10", "ERROR: Relay value must be 0x00-0x0F"),
            ("RELAY xy", "ERROR: Invalid hex value"),
            ("RELAY 08", "OK: Relays set to 0x08 (IGN)"),
            ("INPUTS", "IN1=0 IN2=1 IN3=0 IN4=0 raw=2"),
            ("RELAY 00", "OK: Relays set to 0x00 (OFF)"),
            ("START", "OK: Generator started and charger enabled"),
            ("START", "ERROR: Generator already running"),
            ("INPUTS", "IN1=1 IN2=1 IN3=0 IN4=0 raw=3"),
            ("RELAY 0A", "OK: Relays set to 0x0A (IGN+CHARGER)"),
            ("STOP", "OK: Generator stopped (after 0 s cooldown)"),
            ("QUIT", "BYE"),
        ] {
            let answer = try await client.ask(command)
            #expect(answer == reply, "\(command)")
        }
        try await client.waitUntilClosed()
    }

    @Test func statusHasTheLegacyLinesFirst() async throws {
        let server = try await Server()
        let client = try await server.client()
        client.send("STATUS\n")
        let lines = try await client.lines(until: "END")
        let keys = lines.dropLast().map { $0.split(separator: ":")[0] }
        #expect(
            keys == [
                "INPUTS", "RELAYS", "RUNNING", "START_IN_PROGRESS", "I2C", "THREADS", "UPTIME",
                "MEMORY", "DISK", "STATE", "STATE_SECONDS", "STATE_LEFT", "ENGINE", "HOLD", "LEASE",
                "VERSION", "PROTOCOL", "SERVER_UPTIME", "CONNECTIONS", "RUN_SECONDS",
                "SERVICE_HOURS", "STARTS", "LATCHED", "LAST_ERROR", "BOOT_ID",
            ])
        #expect(lines[1] == "RELAYS: OFF (0x00)")
        #expect(lines[4] == "I2C: SIMULATED")
        #expect(lines[5] == "THREADS: 1")
        #expect(lines[6].wholeMatch(of: /UPTIME: \d+h\d+m/) != nil)
        #expect(lines[7].wholeMatch(of: /MEMORY: \d+%/) != nil)
        #expect(lines[8].wholeMatch(of: /DISK: [\d.]+[GM] free \(\d+% used\)/) != nil)
        client.send("HELP\n")
        let help = try await client.lines(until: "END")
        #expect(help.first == "Commands:")
    }

    @Test func commandsMayArriveInAnyPieces() async throws {
        let server = try await Server()
        let client = try await server.client()
        for byte in Array("PING\r\nPING\n".utf8) { client.send([byte]) }
        #expect(try await client.line() == "PONG")
        #expect(try await client.line() == "PONG")
        client.send(String(repeating: "STATUS\n", count: 200))
        for _ in 0..<200 { _ = try await client.lines(until: "END") }
        client.send(Array(repeating: 0x41, count: 5000) + [10])
        #expect(try await client.line() == "ERROR: Line longer than 256 bytes")
        client.send([0, 1, 2, 0xFF, 0x1B, 10])
        #expect(try await client.line() == "ERROR: Unknown command '?????' (try HELP)")
        #expect(try await client.ask("PING") == "PONG")
    }

    @Test(arguments: [
        ("PREPARING", ["--reset", "10"]), ("IGNITION", ["--ignition", "10"]),
        ("CRANKING", ["--sim-catch", "never", "--crank", "10"]),
        ("GLOW_CRANKING", ["--sim-catch", "never", "--crank", "0.1", "--glow-crank", "5"]),
        ("VERIFYING", ["--coast", "10"]), ("WARMING_UP", ["--warm-up", "10"]),
        ("STABILISING", ["--stabilise", "10"]),
    ])
    func stopEndsAStartInEveryPhase(_ state: String, _ timings: [String]) async throws {
        let server = try await Server(Server.quick + timings)
        let starter = try await server.client()
        starter.send("START\n")
        try await server.reach(state)
        let stopper = try await server.client()
        #expect(try await stopper.ask("STOP") == "OK: Generator stopped")
        #expect(try await starter.line() == "ERROR: Cancelled by STOP")
        #expect(try await server.status("RELAYS") == "OFF (0x00)")
        #expect(try await server.status("STATE") == "OFF")
        #expect(server.daemon.output.contains("\(state) -> STOPPING"))
    }

    @Test func stopUnderLoadCoolsDownWhileOthersAreServed() async throws {
        let server = try await Server(Server.quick + ["--cooldown", "180"])
        let client = try await server.client()
        #expect(try await client.ask("START") == "OK: Generator started and charger enabled")
        client.send("STOP\n")
        try await server.reach("COOLING_DOWN")
        #expect(try await server.status("RELAYS") == "IGN (0x08)")
        let other = try await server.client()
        let reply = try await other.ask("STOP")
        #expect(reply.wholeMatch(of: /OK: Stop in progress, 1\d\d s of cooldown left/) != nil)
        #expect(try await other.ask("RELAY 00") == "OK: Relays set to 0x00 (OFF)")
        #expect(
            try await client.line().wholeMatch(
                of: /OK: Generator stopped \(after .* cooldown\)/) != nil)
    }

    @Test func aLateAnswerIsNeverReadAsAnother() async throws {
        let server = try await Server(Server.quick + ["--cooldown", "180"])
        let client = try await server.client()
        #expect(try await client.ask("START") == "OK: Generator started and charger enabled")
        client.send("STOP\n")
        try await server.reach("COOLING_DOWN")
        // The client has lost its patience and goes on.
        #expect(try await client.ask("PING") == "PONG")
        let other = try await server.client()
        #expect(try await other.ask("RELAY 00") == "OK: Relays set to 0x00 (OFF)")
        #expect(try await client.ask("INPUTS").hasPrefix("IN1="))
        #expect(client.isQuiet)
    }

    @Test func aClientThatOnlySendsStillGetsItsAnswer() async throws {
        let server = try await Server()
        let client = try await server.client()
        client.send("START\n")
        client.finish()
        #expect(try await client.line() == "OK: Generator started and charger enabled")
        try await client.waitUntilClosed()
    }

    @Test func beyondTheLimitStopAndStatusAreStillServed() async throws {
        let server = try await Server()
        var idle: [Client] = []
        for _ in 0..<5 { idle.append(try await server.client()) }
        let sixth = try await server.client()
        #expect(try await sixth.ask("PING") == "PONG")
        #expect(
            try await sixth.ask("START")
                == "ERROR: 5 clients already; here only STOP, STATUS, PING and QUIT are served")
        #expect(try await idle[0].ask("START") == "OK: Generator started and charger enabled")
        #expect(try await sixth.ask("STOP") == "OK: Generator stopped (after 0 s cooldown)")
        // A place that comes free is hers.
        #expect(try await idle[1].ask("QUIT") == "BYE")
        try await idle[1].waitUntilClosed()
        #expect(try await sixth.ask("INPUTS").hasPrefix("IN1="))
    }

    @Test func anyNumberOfSilentClientsKeepsNoStopOut() async throws {
        let server = try await Server()
        var silent: [Client] = []
        for _ in 0..<40 { silent.append(try await server.client()) }
        let client = try await server.client()
        #expect(try await client.ask("STOP") == "OK: Generator stopped")
        #expect(try await server.status("THREADS") == "13")
    }

    @Test func aSilentClientIsLetGo() async throws {
        let server = try await Server(Server.quick + ["--idle-timeout", "1"])
        let client = try Client(port: server.port)
        try await client.waitUntilClosed()
    }

    @Test func manyConnectionsOneAfterAnotherLeaveNothing() async throws {
        let server = try await Server()
        func open() throws -> Int {
            try FileManager.default.contentsOfDirectory(
                atPath: "/proc/\(server.daemon.program.id)/fd"
            ).count
        }
        let before = try open()
        for _ in 0..<300 {
            let client = try await server.client()
            #expect(try await client.ask("PING") == "PONG")
        }
        try await waitUntil("all are let go", deadline: .seconds(30)) { try open() == before }
    }
}
