import Foundation
import LabSupport
import TestSupport
import Testing

/// gen-server on the board of the lab, through the kernel's I2C interface as it is emulated there.
@Suite(.lab, .faultsLab, .serialized, .timeLimit(.minutes(5)))
struct BoardTests {
    @Test func relaysThatWereLeftOnGoOffBeforeItListens() async throws {
        let board = try await Board()
        try board.setRelays(0x0B)
        try await board.start()
        #expect(try board.lab.relays() == 0)
        #expect(try board.writes() == [0])
    }

    @Test func startAndStopDriveTheRelaysInTheirOrder() async throws {
        let board = try await Board()
        try await board.start()
        let plant = try board.plant()
        defer { plant.cancel() }
        let client = try await board.client()
        #expect(try await client.ask("START") == "OK: Generator started and charger enabled")
        #expect(try await client.ask("INPUTS") == "IN1=1 IN2=1 IN3=0 IN4=0 raw=3")
        #expect(
            try await client.ask("STOP").wholeMatch(
                of: /OK: Generator stopped \(after \d s cooldown\)/) != nil)
        let writes = try board.writes()
        #expect(writes == [0, 8, 9, 8, 0x0A, 8, 0])
    }

    @Test func aBoardThatDoesNotAnswerIsUnknownAndNeverCranked() async throws {
        let board = try await Board()
        try await board.start()
        let client = try await board.client()
        try board.setDevice(.failing)
        try await waitUntil("INPUTS is ERROR", deadline: .seconds(30)) {
            try await client.ask("INPUTS") == "ERROR"
        }
        client.send("STATUS\n")
        let lines = try await client.lines(until: "END")
        #expect(lines.contains("INPUTS: ERROR") && lines.contains("RUNNING: NO"))
        #expect(lines.contains("I2C: ERROR"))
        #expect(try await client.ask("START").hasPrefix("ERROR: "))
        try board.setDevice(.working)
        try await waitUntil("the inputs are back", deadline: .seconds(30)) {
            try await client.ask("INPUTS") != "ERROR"
        }
        #expect(try board.writes().allSatisfy { $0 == 0 })
    }

    @Test func aBusThatFailsWhileCrankingIsReleasedAsSoonAsItCan() async throws {
        let board = try await Board()
        try await board.start(["--crank", "10", "--coast", "2"])
        let client = try await board.client()
        client.send("START\n")
        try await waitUntil("it cranks", deadline: .seconds(30)) { try board.lab.relays() == 0x09 }
        try board.setDevice(.failing)
        #expect(
            try await client.line()
                == "ERROR: Inputs could no longer be read; relays are switched off")
        #expect(try board.lab.relays() == 0x09)
        client.send("STATUS\n")
        #expect(try await client.lines(until: "END").contains("RELAYS: UNKNOWN (at most 0x09)"))
        try board.setDevice(.working)
        try await waitUntil("the starter is released", deadline: .seconds(30)) {
            try board.lab.relays() == 0
        }
        #expect(try board.writes().filter { $0 & 1 == 1 }.count == 1)
    }

    @Test func sigtermWhileCrankingSwitchesOff() async throws {
        let board = try await Board()
        try await board.start(["--crank", "10"])
        let client = try await board.client()
        client.send("START\n")
        try await waitUntil("it cranks", deadline: .seconds(30)) { try board.lab.relays() == 0x09 }
        try await board.signal("TERM")
        try await waitUntil("off", deadline: .seconds(30)) { try board.lab.relays() == 0 }
    }

    @Test func afterSigkillRelaysOffClearsWhatIsLatched() async throws {
        let board = try await Board()
        try await board.start(["--crank", "10"])
        let client = try await board.client()
        client.send("START\n")
        try await waitUntil("it cranks", deadline: .seconds(30)) { try board.lab.relays() == 0x09 }
        try await board.signal("KILL")
        try await client.waitUntilClosed()
        #expect(try board.lab.relays() == 0x09)
        let off = try await board.ssh("\(Board.command) --relays-off")
        #expect(off.status == 0)
        #expect(off.text.contains("relays off"))
        #expect(try board.lab.relays() == 0)
        try board.setDevice(.failing)
        let failed = try await board.ssh("\(Board.command) --relays-off")
        #expect(failed.status == 74)
        #expect(failed.text.contains("RELAYS MAY STILL BE ON"))
    }
}

/// The board: its files, its relays, its one server.
final class Board {
    /// What the emulator makes of the device at 0x58.
    enum Device: UInt8 { case failing = 2, working = 4 }

    static let folder = "/tmp/gen-server-test"
    static let command =
        "env LD_LIBRARY_PATH=\(folder) \(folder)/gen-server --bus /dev/i2c-0 --lock \(folder)/lock"
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
        logStart = try Self.log(lab).count
        try setDevice(.working)
        try setRelays(0)
        try lab.setInputs(0)
        let marker = try await lab.sh("olimex", "test -x \(Self.folder)/gen-server")
        if marker.status != 0 { try await install() }
    }

    deinit { try? setDevice(.working) }

    private static func log(_ lab: Lab) throws -> [Substring] {
        try String(contentsOfFile: lab.runFolder + "/hosts/olimex/i2c.log", encoding: .utf8)
            .split(separator: "\n")
    }

    /// The relay writes that the board took since this board was made, in their order.
    func writes() throws -> [UInt8] {
        try Self.log(lab).dropFirst(logStart).compactMap { line in
            let words = line.split(separator: " ")
            guard words.count >= 6, words[3] == "write", words[4] == "0x10" else { return nil }
            return UInt8(words[5].dropFirst(2), radix: 16)
        }
    }

    private func write(_ byte: UInt8, at offset: UInt64) throws {
        let file = try FileHandle(
            forUpdating: URL(fileURLWithPath: lab.runFolder + "/hosts/olimex/i2c"))
        defer { try? file.close() }
        try file.seek(toOffset: offset)
        try file.write(contentsOf: Data([byte]))
    }

    func setDevice(_ device: Device) throws { try write(device.rawValue, at: 0x58) }
    func setRelays(_ relays: UInt8) throws { try write(relays, at: 128 + 0x58 * 256 + 0x10) }

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

    /// The host's own build needs the toolchain's libraries beside it; the boards' builds do not.
    private func install() async throws {
        let product = try Products.path("gen-server")
        let result = try await spawn(
            [
                "sh", "-c",
                """
                set -e
                libraries=$(ldd "$0" | sed -n '/^[[:space:]]*lib[cm][.]/d; s/.* => \\([/][^ ]*\\) .*/\\1/p')
                tar -ch --transform 's,.*/,,' "$0" $libraries 2>/dev/null |
                    sshpass -e ssh -F "$1" olimex 'mkdir -p "\(Self.folder)" && tar -xC "\(Self.folder)"'
                """, product, lab.sshConfigPath,
            ], environment: ["SSHPASS": try lab.password("olimex")], deadline: .seconds(60))
        try #require(result.status == 0, "\(result.errorText)")
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

    /// An engine that catches after 0.3 s of cranking: its inputs follow the relays.
    func plant() throws -> Task<Void, any Error> {
        let lab = lab
        return Task {
            var crankedSince: ContinuousClock.Instant?
            var runs = false
            while !Task.isCancelled {
                let relays = try lab.relays()
                let now = ContinuousClock.now
                crankedSince = relays & 1 == 1 ? crankedSince ?? now : nil
                if let crankedSince, now - crankedSince > .milliseconds(300) { runs = true }
                if relays & 8 == 0 { runs = false }
                let inputs = (runs ? 1 : 0) | (relays & 8 != 0 ? 2 : 0) | (relays & 1 == 1 ? 8 : 0)
                try lab.setInputs(UInt8(inputs))
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }
}
