import Foundation
import GeneratorWire
import LabSupport
import TestSupport
import Testing

/// Noise and commands with faults, thrown at the real process; a million with FLEET_LONG_TESTS=1.
@Suite(.timeLimit(.minutes(40)))
struct GenServerFuzzTests {
    private static let clients = 4
    private static let isLong = ProcessInfo.processInfo.environment["FLEET_LONG_TESTS"] != nil
    private static let inputs = isLong ? 1_000_000 : 200_000
    /// Lines that are made once, to be drawn from: making each anew takes longer than serving it.
    private static let pool = 20_000
    /// Inputs of a client between two looks at the answers.
    private static let batch = 250
    /// Rounds until the clients leave and others come.
    private static let rounds = 20
    /// What the allocator may keep beyond what the server has kept before.
    private static let slackPages = 64

    private static let commands: [[UInt8]] = [
        "PING", "INPUTS", "STATUS", "START NOWAIT", "STOP", "STOP NOW", "STOP NOWAIT", "RELAY 0A",
        "RELAY 08", "RELAY zz", "HOLD me 600 a reason", "RELEASE me", "LEASE 300", "RESET",
        "VERSION", "HELP", "", " ",
    ].map { Array($0.utf8) }

    @Test func noiseNeitherEndsNorSwellsIt() async throws {
        var random = SeededGenerator.fresh("noiseNeitherEndsNorSwellsIt")
        let server = try await Server()
        let lines = (0..<Self.pool).map { _ in random.input(of: Self.commands) }
        // Once to warm up, once to measure.
        try await Self.pelt(server, lines, &random, inputs: Self.inputs / 20)
        let before = try Self.residentPages(server)
        try await Self.pelt(server, lines, &random, inputs: Self.inputs)
        let after = try Self.residentPages(server)
        print("noiseNeitherEndsNorSwellsIt: \(before) pages before, \(after) after")
        #expect(after <= before + Self.slackPages)
        let client = try await server.client()
        #expect(try await client.ask("PING") == "PONG")
        #expect(try await client.ask("STOP NOW") == "OK: Generator stopped")
        #expect(server.daemon.program.isRunning)
    }

    private static func pelt(
        _ server: Server, _ lines: [[UInt8]], _ random: inout SeededGenerator, inputs: Int
    ) async throws {
        var left = inputs
        while left > 0 {
            var clients: [Client] = []
            for _ in 0..<Self.clients { clients.append(try await server.client()) }
            for round in 0..<Self.rounds {
                for client in clients {
                    var bytes: [UInt8] = []
                    for _ in 0..<batch { bytes += lines[Int(random.next() % UInt64(pool))] }
                    left -= batch
                    var place = 0
                    while place < bytes.count {
                        let end = min(bytes.count, place + 1 + Int(random.next() % 4000))
                        try await client.sendAll(bytes[place..<end])
                        place = end
                    }
                }
                // The answers are read away: an unread reply holds up the input, as it should.
                for client in clients { try await client.sync("\(round)") }
            }
        }
    }

    private static func residentPages(_ server: Server) throws -> Int {
        let path = "/proc/\(server.daemon.program.id)/statm"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        return try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    }
}

extension Client {
    /// Waits until everything that was sent has been served: the answer to a command that nobody
    /// else sends.
    func sync(_ mark: String) async throws {
        try await sendAll(Array("\nMARK\(mark)\n".utf8)[...])
        try await skip(past: "'MARK\(mark)' (try HELP)\n")
    }
}

extension SeededGenerator {
    /// A line that a client may send: a command, one with faults, or noise.
    fileprivate mutating func input(of commands: [[UInt8]]) -> [UInt8] {
        var line = commands[Int(next() % UInt64(commands.count))]
        switch next() % 8 {
        case 0: line = (0..<next() % 60).map { _ in UInt8(truncatingIfNeeded: next()) }
        case 1: line = [UInt8](repeating: 0x41, count: Int(next() % 600))
        case 2, 3:
            if !line.isEmpty { line[Int(next() % UInt64(line.count))] ^= 1 << UInt8(next() % 8) }
        case 4: line += [32] + (0..<next() % 20).map { _ in UInt8(truncatingIfNeeded: next()) }
        default: break
        }
        return line + (next() % 4 == 0 ? [13, 10] : [10])
    }
}
