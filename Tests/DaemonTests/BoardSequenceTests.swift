import Foundation
import LabSupport
import TestSupport
import Testing

/// Whole sequences on the emulated board: the order, the values and the durations of the relay
/// writes are read from the emulator's log, which knows nothing of gen-server.
@Suite(.lab, .faultsLab, .serialized, .timeLimit(.minutes(10)))
struct BoardSequenceTests {
    /// How late a loaded machine may be. Nothing is ever early.
    static let lateness = 0.6

    private func expect(
        _ stay: (relays: UInt8, seconds: Double), _ relays: UInt8, _ seconds: Double,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(stay.relays == relays, sourceLocation: sourceLocation)
        // The emulator stamps a write when it is done, the server counts from when it asked.
        #expect(
            stay.seconds > seconds - 0.05 && stay.seconds < seconds + Self.lateness,
            "\(stay)", sourceLocation: sourceLocation)
    }

    @Test func aStartAndAStopKeepTheirTimes() async throws {
        let board = try await Board()
        try await board.start()
        let plant = board.lab.plant()
        defer { plant.cancel() }
        let client = try await board.client()
        #expect(try await client.ask("START") == "OK: Generator started and charger enabled")
        #expect(try await client.ask("INPUTS") == "IN1=1 IN2=1 IN3=0 IN4=0 raw=3")
        #expect(
            try await client.ask("STOP").wholeMatch(
                of: /OK: Generator stopped \(after \d s cooldown\)/) != nil)
        let stays = try board.stays()
        try #require(stays.count == 6, "\(stays)")
        expect(stays[1], 0x08, 0.4)  // ignition
        expect(stays[2], 0x09, 0.8)  // until the engine catches, and half a second more
        expect(stays[3], 0x08, 1.2)  // coast, warm-up, stabilisation
        #expect(stays[4].relays == 0x0A)
        expect(stays[5], 0x08, 0.5)  // cooldown
        #expect(try board.writes().last == 0)
    }

    @Test func aFailedStartCranksOnceAndNoLongerThanAllowed() async throws {
        let board = try await Board()
        try await board.start(["--crank", "1", "--glow-crank", "0.5"])
        let plant = board.lab.plant(.dead)
        defer { plant.cancel() }
        let client = try await board.client()
        #expect(try await client.ask("START") == "ERROR: Generator failed to start (status=2)")
        let stays = try board.stays()
        try #require(stays.count == 5, "\(stays)")
        expect(stays[2], 0x09, 1)
        expect(stays[3], 0x0D, 0.5)
        expect(stays[4], 0x08, 0.6)
        #expect(try board.writes() == [0, 0x08, 0x09, 0x0D, 0x08, 0])
        // It takes a person to crank again, also in a new process.
        let latched = "ERROR: No start before RESET, since: Engine did not start"
        #expect(try await client.ask("START") == latched)
        try await board.signal("TERM")
        try await client.waitUntilClosed()
        try await board.start()
        let again = try await board.client()
        #expect(try await again.ask("START") == latched)
        #expect(try await again.ask("RESET") == "OK: Reset")
        again.send("START\n")
        try await waitUntil("it cranks again", deadline: .seconds(30)) {
            try board.lab.relays() & 1 == 1
        }
    }

    @Test(arguments: [
        ("PREPARING", ["--reset", "9"], LabEngine.catches),
        ("IGNITION", ["--ignition", "9"], .catches),
        ("CRANKING", ["--crank", "9"], .dead),
        ("GLOW_CRANKING", ["--crank", "0.2", "--glow-crank", "5"], .dead),
        ("VERIFYING", ["--coast", "9"], .catches), ("WARMING_UP", ["--warm-up", "9"], .catches),
        ("STABILISING", ["--stabilise", "9"], .catches),
    ])
    func stopEndsEveryPhaseForGood(
        _ state: String, _ options: [String], _ engine: LabEngine
    ) async throws {
        let board = try await Board()
        try await board.start(options)
        let plant = board.lab.plant(engine)
        defer { plant.cancel() }
        let starter = try await board.client()
        starter.send("START\n")
        let stopper = try await board.client()
        try await waitUntil(state, deadline: .seconds(30)) {
            stopper.send("STATUS\n")
            return try await stopper.lines(until: "END").contains("STATE: \(state)")
        }
        #expect(try await stopper.ask("STOP") == "OK: Generator stopped")
        #expect(try await starter.line() == "ERROR: Cancelled by STOP")
        let written = try board.writes()
        #expect(written.last == 0 && !written.contains(0x0A))
        // All that follows, however long, is nothing: the machine has no deadline left.
        stopper.send("STATUS\n")
        let lines = try await stopper.lines(until: "END")
        #expect(lines.contains("STATE: OFF") && lines.contains("STATE_LEFT: none"))
        #expect(try board.writes() == written)
    }

    @Test func idleAndVanishedClientsKeepNoStopOut() async throws {
        let board = try await Board()
        try await board.start(["--cooldown", "1"])
        let plant = board.lab.plant()
        defer { plant.cancel() }
        let client = try await board.client()
        #expect(try await client.ask("START") == "OK: Generator started and charger enabled")
        var idle: [Client] = []
        for _ in 0..<6 { idle.append(try await board.client()) }
        // TCP_REPAIR: the kernel forgets the connection and tells nobody, as a dead link would.
        let vanished = try await board.fromThePi(
            """
            import socket, sys
            for _ in range(20):
                s = socket.create_connection((sys.argv[1], 9999), 10)
                s.recv(100)
                s.setsockopt(socket.IPPROTO_TCP, 19, 1)
                s.close()
            print("gone")
            """)
        #expect(vanished == "gone\n")
        let late = try await board.client()
        #expect(try await late.ask("STOP").hasPrefix("OK: Generator stopped (after "))
        #expect(try board.lab.relays() == 0)
        // Keepalive finds out about those who vanished.
        try await waitUntil("the vanished are let go", deadline: .seconds(90)) {
            late.send("STATUS\n")
            return try await late.lines(until: "END").contains {
                $0.hasPrefix("THREADS: ") && (Int($0.dropFirst(9)) ?? 99) <= 8
            }
        }
    }

    @Test func tenThousandConnectionsLeaveNothingBehind() async throws {
        let board = try await Board()
        try await board.start()
        let client = try await board.client()
        let before = try await board.resources()
        let served = try await board.fromThePi(
            """
            import socket, sys
            served = 0
            for _ in range(10000):
                s = socket.create_connection((sys.argv[1], 9999), 10)
                f = s.makefile("rb")
                assert f.readline() == b"GENNY SERVER READY\\n"
                s.sendall(b"PING\\n")
                served += f.readline() == b"PONG\\n"
                f.close()
                s.close()
            print(served)
            """, deadline: .seconds(300))
        #expect(served == "10000\n")
        try await waitUntil("all are let go") {
            client.send("STATUS\n")
            return try await client.lines(until: "END").contains("THREADS: 1")
        }
        let after = try await board.resources()
        #expect(after.descriptors == before.descriptors)
        #expect(after.threads == 1)
        #expect(after.residentKiB - before.residentKiB < 256, "\(before) \(after)")
        client.send("STATUS\n")
        #expect(try await client.lines(until: "END").contains("CONNECTIONS: 10001"))
    }

    @Test func aHoldOutlivesTheProcessAndNobodyStarts() async throws {
        let board = try await Board()
        try await board.start()
        let client = try await board.client()
        try await waitUntil("the hold is granted") {
            try await client.ask("HOLD laptop 600 an update") == "OK: Held for 600 s"
        }
        try await board.signal("KILL")
        try await client.waitUntilClosed()
        try await board.start()
        let again = try await board.client()
        let refusal = try await again.ask("START")
        #expect(
            refusal.wholeMatch(of: /ERROR: Held by laptop for (5\d\d|600) s more: an update/)
                != nil,
            "\(refusal)")
        #expect(try await again.ask("RELEASE other").hasPrefix("ERROR: Held by laptop"))
        #expect(try await again.ask("RELEASE laptop") == "OK: Released")
        #expect(try board.writes().allSatisfy { $0 == 0 })
    }

    @Test func aRunningEngineIsTakenOverWhereThatIsAskedFor() async throws {
        let board = try await Board()
        try await board.start(["--adopt"])
        let plant = board.lab.plant()
        defer { plant.cancel() }
        let client = try await board.client()
        #expect(try await client.ask("START") == "OK: Generator started and charger enabled")
        let before = try board.writes()
        try await board.signal("KILL")
        try await client.waitUntilClosed()
        #expect(try board.lab.relays() == 0x0A)
        try await board.start(["--adopt"])
        let again = try await board.client()
        try await waitUntil("it is taken over") {
            again.send("STATUS\n")
            return try await again.lines(until: "END").contains("STATE: CHARGING")
        }
        // The charger never opened.
        #expect(try board.writes() == before + [0x0A])
        try await board.signal("KILL")
        try await again.waitUntilClosed()
        // Without the option the relays go off, as the site expects.
        try await board.start()
        #expect(try board.lab.relays() == 0)
    }
}
