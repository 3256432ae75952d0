import Foundation
import LabSupport
import TestSupport
import Testing

/// The board: its files, its relays, its one server.
final class Board {
    static let folder = "/tmp/gen-server-test"
    static let command =
        "env LD_LIBRARY_PATH=\(folder) \(folder)/gen-server --bus /dev/i2c-0 --lock \(folder)/lock "
        + "--state \(folder)/state --counters \(folder)/counters"
    static let timings = [
        "--unsafe-timings", "--reset", "0.2", "--ignition", "0.4", "--crank", "5", "--coast", "0.6",
        "--warm-up", "0.3", "--stabilise", "0.3", "--cooldown", "0.5", "--rest", "0.05",
    ]

    let lab: Lab
    private var session: Daemon?
    private let port = UInt16.random(in: 20_000...30_000)
    private let logStart: Int

    init() async throws {
        lab = try Lab.required()
        // The server of the test before ends with its session, a moment after it.
        let lab = lab
        try await waitUntil("the board is free", deadline: .seconds(30)) {
            try await lab.sh("olimex", "! kill -0 $(cat \(Self.folder)/lock) 2>/dev/null").status
                == 0
        }
        try await lab.sh("olimex", "rm -f \(Self.folder)/state")
        logStart = try Self.log(lab).count
        try lab.restBoard()
        let marker = try await lab.sh("olimex", "test -x \(Self.folder)/gen-server")
        if marker.status != 0 { try await install() }
    }

    // Where this fails the lab is gone, or the next board, which sets it first, says so.
    deinit { try? lab.setDevice(.working) }

    private static func log(_ lab: Lab) throws -> [Substring] {
        try String(contentsOfFile: lab.runFolder + "/hosts/olimex/i2c.log", encoding: .utf8)
            .split(separator: "\n")
    }

    /// A relay write that the board took.
    struct Write: Equatable {
        /// When, by the emulator's clock.
        var seconds: Double
        /// What.
        var relays: UInt8
    }

    /// The relay writes since this board was made, in their order.
    func timedWrites() throws -> [Write] {
        try Self.log(lab).dropFirst(logStart).compactMap { line in
            let words = line.split(separator: " ")
            guard words.count >= 6, words[3] == "write", words[4] == "0x10",
                let seconds = Double(words[0]), let relays = UInt8(words[5].dropFirst(2), radix: 16)
            else { return nil }
            return Write(seconds: seconds, relays: relays)
        }
    }

    /// Their values.
    func writes() throws -> [UInt8] { try timedWrites().map(\.relays) }

    /// How long each value stayed until the next one, in seconds; the last one has no end.
    func stays() throws -> [(relays: UInt8, seconds: Double)] {
        let writes = try timedWrites()
        return zip(writes, writes.dropFirst()).map { ($0.relays, $1.seconds - $0.seconds) }
    }

    // The emulated bus is there for what comes in by ssh.
    private var sshWords: [String] {
        [
            "sshpass", "-e", "ssh", "-F", lab.sshConfigPath, "-L",
            "127.0.0.1:\(port):127.0.0.1:9999", "-tt", "olimex",
        ]
    }

    func ssh(_ command: String) async throws -> Ended {
        try await spawn(
            sshWords.filter { $0 != "-L" && !$0.hasPrefix("127.") } + [command],
            environment: ["SSHPASS": try lab.password("olimex")])
    }

    private func install() async throws {
        try await Products.install(
            "gen-server", to: Self.folder,
            by: ["sshpass", "-e", "ssh", "-F", lab.sshConfigPath, "olimex"],
            environment: ["SSHPASS": try lab.password("olimex")])
    }

    func start(_ arguments: [String] = []) async throws {
        let command = ([Self.command] + Self.timings + arguments).joined(separator: " ")
        let session = try Daemon(
            path: "/usr/bin/env", sshWords + [command],
            environment: ["SSHPASS": try lab.password("olimex")])
        self.session = session
        try await waitUntil("gen-server listens on the board", deadline: .seconds(30)) {
            try #require(session.program.isRunning, "\(session.output)")
            return session.output.contains("listens on")
        }
    }

    func client() async throws -> Client {
        let client = try Client(port: port)
        #expect(try await client.line() == "GENNY SERVER READY")
        return client
    }

    func signal(_ name: String) async throws {
        try await lab.sh("olimex", "kill -\(name) $(cat \(Self.folder)/lock)")
    }

    /// Runs Python on the Pi, which reaches the server directly.
    func fromThePi(_ script: String, deadline: Duration = .seconds(60)) async throws -> String {
        let address = "203.0.113.2"
        let result = try await lab.sh(
            "pi", "python3 - \(address)", input: script, deadline: deadline)
        try #require(result.status == 0, "\(result.output)")
        return result.output
    }
}

extension Board {
    /// What the server takes of the host.
    struct Resources {
        var descriptors: Int
        var threads: Int
        var residentKiB: Int
    }

    func resources() async throws -> Resources {
        let result = try await lab.sh(
            "olimex",
            """
            pid=$(cat \(Self.folder)/lock)
            ls /proc/$pid/fd | wc -l
            sed -n 's/^Threads:[^0-9]*//p; s/^VmRSS:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/$pid/status
            """)
        let numbers = result.output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        try #require(numbers.count == 3, "\(result.output)")
        return Resources(descriptors: numbers[0], threads: numbers[2], residentKiB: numbers[1])
    }
}
