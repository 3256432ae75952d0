import Foundation
import GeneratorWire
import LabSupport
import TestSupport
import Testing

/// Noise and commands with faults, thrown at the real process.
@Suite(.timeLimit(.minutes(3)))
struct GenServerFuzzTests {
    private static let clients = 4
    private static let inputs = 40_000
    /// Inputs between two looks at the answers.
    private static let batch = 50
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
        // Once to warm up, once to measure.
        try await Self.pelt(server, &random, inputs: Self.inputs / 4)
        let before = try Self.residentPages(server)
        try await Self.pelt(server, &random, inputs: Self.inputs)
        let after = try Self.residentPages(server)
        print("noiseNeitherEndsNorSwellsIt: \(before) pages before, \(after) after")
        #expect(after <= before + Self.slackPages)
        let client = try await server.client()
        #expect(try await client.ask("PING") == "PONG")
        #expect(try await client.ask("STOP NOW") == "OK: Generator stopped")
        #expect(server.daemon.program.isRunning)
    }

    private static func pelt(
        _ server: Server, _ random: inout SeededGenerator, inputs: Int
    ) async throws {
        var left = inputs
        while left > 0 {
            var clients: [Client] = []
            for _ in 0..<Self.clients { clients.append(try await server.client()) }
            for round in 0..<20 {
                for client in clients {
                    var bytes: [UInt8] = []
                    for _ in 0..<batch { bytes += random.input(of: commands) }
                    left -= batch
                    while !bytes.isEmpty {
                        let count = min(bytes.count, 1 + Int(random.next() % 400))
                        client.send(Array(bytes.prefix(count)))
                        bytes.removeFirst(count)
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
        send("\nMARK\(mark)\n")
        while try await !line().contains("'MARK\(mark)'") {}
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
