import Foundation
import Glibc
import TestSupport
import Testing

/// A START against a restart behind the gate, at any moment: either it was first, and the server is
/// left to it, or it never reaches a relay of the server that is replaced. Twenty races a server;
/// with FLEET_LONG_TESTS=1 two hundred.
@Suite(.timeLimit(.minutes(30))) struct GateRaceTests {
    private static let lanes = 4
    private static let races =
        ProcessInfo.processInfo.environment["FLEET_LONG_TESTS"] == nil ? 20 : 200

    /// What a race came to.
    enum Outcome: Hashable {
        case startWasFirst, restartWasFirst
        /// The start was first, failed by itself, and the server had come to rest when it was held.
        case startHadFailed
    }

    /// Ends the old server as the steps of a deploy do, and says so; the test starts the new one.
    private static let restart = """
        gate_stopping gs || exit 1
        read -r pid _ <"$1/run/fleet/gs/process"
        kill -TERM "$pid" 2>/dev/null
        """

    @Test func aStartNeverDiesWithOurServer() async throws {
        try await race(
            "own", delayMax: 1_200,
            server: { folder in
                [
                    try Products.path("gen-server"), "--bus", "sim", "--host", "127.0.0.1",
                    "--port",
                    "PORT", "--state", folder + "/state",
                ] + Server.quick
            }, start: "START NOWAIT", began: "-> PREPARING")
    }

    @Test func aStartNeverDiesWithTheLegacyServer() async throws {
        try await race(
            "legacy", delayMax: 3_500,
            server: { folder in
                ["python3", folder + "/legacy.py", "legacy", "PORT"]
            }, start: "START", began: "relays 09")
    }

    private func race(
        _ name: String, delayMax: Int, server: @Sendable @escaping (String) throws -> [String],
        start: String, began: String
    ) async throws {
        var random = SeededGenerator.fresh(name)
        let delays = (0..<Self.races).map { _ in Int.random(in: 0...delayMax, using: &random) }
        var counts: [Outcome: Int] = [:]
        try await withThrowingTaskGroup(of: [Outcome].self) { group in
            for lane in 0..<Self.lanes {
                let own = delays.enumerated().filter { $0.offset % Self.lanes == lane }
                group.addTask {
                    var outcomes: [Outcome] = []
                    for (number, delay) in own {
                        let race = "\(name), race \(number), START after \(delay) ms"
                        outcomes.append(
                            try await Self.one(
                                race, Shell.shells[number % Shell.shells.count], delay, server,
                                start: start, began: began))
                    }
                    return outcomes
                }
            }
            for try await outcomes in group {
                for outcome in outcomes { counts[outcome, default: 0] += 1 }
            }
        }
        print("\(name): \(counts) of \(Self.races)")
        #expect(counts.values.reduce(0, +) == Self.races)
    }

    /// One race beside a server of its own.
    private static func one(
        _ race: String, _ shell: [String], _ delay: Int,
        _ server: (String) throws -> [String], start: String, began: String
    ) async throws -> Outcome {
        let scratch = try TemporaryFolder()
        try scratch.write("legacy.py", LegacyServer.script)
        let stage = try await GateStage(try server(scratch.path))
        try await waitUntil("it knows its inputs", deadline: .seconds(20)) {
            try await idle(stage.port)
        }
        let old = stage.server
        let script = stage.script
        async let run = script.close(shell, then: restart)
        try await Task.sleep(for: .milliseconds(delay))
        let caller = Caller(port: stage.port, saying: start)
        let end = try await run
        let hasBegun = old.text.contains(began) || old.errorText.contains(began)
        if end.isOpen {
            _ = try await old.status(within: .seconds(20))
            let log = old.text + old.errorText
            guard log.contains(began) else { return .restartWasFirst }
            let after = log.components(separatedBy: began).last ?? ""
            let states = after.split(separator: "\n").compactMap { line in
                line.contains(" -> ") ? line.split(separator: " ").last : nil
            }
            #expect(
                states.starts(with: ["STOPPING", "OFF", "HELD"]),
                "\(race): it died starting: \(log)")
            return .startHadFailed
        }
        // Refused: by a start that was first, which goes on undisturbed, or by a client that is
        // about to say it.
        try await waitUntil("\(race): the start goes on", deadline: .seconds(10)) {
            (old.text + old.errorText).contains(began)
        }
        #expect(old.isRunning, "\(race): began \(hasBegun): \(end.text)")
        #expect(stage.state != "T", "\(race): it is frozen")
        withExtendedLifetime(caller) {}
        return .startWasFirst
    }

    /// Says one thing to a server that may be gone by then, and waits for no answer.
    private final class Caller {
        private let socket = Glibc.socket(
            AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)

        init(port: UInt16, saying text: String) {
            var address = sockaddr_in.loopback(port)
            guard address.withPointer({ connect(socket, $0, $1) }) == 0 else { return }
            let bytes = Array((text + "\n").utf8)
            // A server that is gone takes no START: that race is lost, as it should be.
            _ = Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        }

        deinit { close(socket) }
    }

    /// Whether the server says that nothing runs.
    private static func idle(_ port: UInt16) async throws -> Bool {
        let client = try Client(port: port)
        _ = try await client.line()
        client.send("STATUS\n")
        let lines = try await client.lines(until: "END")
        // Two readings a second apart are what ours wants before it believes its inputs.
        let uptime = lines.first { $0.hasPrefix("SERVER_UPTIME: ") }
            .flatMap { Int($0.dropFirst(15)) }
        return lines.contains("RUNNING: NO") && (uptime ?? 3) >= 2
    }
}
