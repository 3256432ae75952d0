import Foundation
import LabSupport
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3)))
struct GenServerProcessTests {
    private func run(_ arguments: [String]) async throws -> Ended {
        try await spawn([try Products.path("gen-server")] + arguments)
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP, SIGQUIT])
    func aSignalSwitchesTheRelaysOffAndEndsIt(_ signal: Int32) async throws {
        let server = try await Server(Server.quick + ["--warm-up", "30"])
        let client = try await server.client()
        client.send("START\n")
        try await server.reach("WARMING_UP")
        server.daemon.signal(signal)
        #expect(try await server.daemon.status() == 0)
        #expect(server.daemon.output.contains("leaving, relays off"))
        #expect(try await client.line() == "ERROR: Server is shutting down")
    }

    @Test func aPortInUseIsOneClearLine() async throws {
        let server = try await Server()
        let second = try await run(
            ["--bus", "sim", "--host", "127.0.0.1", "--port", "\(server.port)"])
        #expect(second.status == 69)
        #expect(second.text == "")
        #expect(
            second.errorText == "gen-server: port \(server.port) on 127.0.0.1 is in use: another "
                + "server runs; stop it or give --port; relays untouched\n")
        let client = try await server.client()
        #expect(try await client.ask("PING") == "PONG")
    }

    @Test func theSamePortIsToBeHadAgainAtOnce() async throws {
        let server = try await Server()
        let client = try await server.client()
        server.daemon.signal(SIGTERM)
        #expect(try await server.daemon.status() == 0)
        try await client.waitUntilClosed()
        let next = try Daemon(
            "gen-server", ["--bus", "sim", "--host", "127.0.0.1", "--port", "\(server.port)"])
        try await waitUntil("it listens", deadline: .seconds(30)) {
            next.output.contains("listens on")
        }
    }

    @Test(arguments: [
        (["--prot", "1"], "unknown option --prot"), (["--port"], "--port needs a value"),
        (["--port", "65536"], "bad value '65536' for --port"),
        (["--port=x"], "bad value 'x' for --port"), (["stray"], "stray"),
        (["--relays-off=yes"], "--relays-off takes no value"),
        (["--address", "0x80"], "bad value '0x80' for --address"),
        (["--bus", "i2c"], "bad value 'i2c' for --bus"),
        (["--crank", "16"], "--crank 16 is outside 1 to 15 seconds"),
        (["--bus", "sim", "--crank", "16"], "--crank 16 is outside 0.05 to 15 seconds"),
        (["--warm-up", "1"], "--warm-up 1 is outside 10 to 1800 seconds"),
        (["--cooldown", "1e3"], "bad value '1e3' for --cooldown"),
        (["--cooldown", "-5"], "bad value '-5' for --cooldown"),
    ])
    func aBadOptionIsOneClearLine(_ arguments: [String], _ text: String) async throws {
        let result = try await run(arguments)
        #expect(result.status == 64)
        #expect(result.errorText == "gen-server: \(text); see --help; relays untouched\n")
    }

    @Test func aMissingBusIsOneClearLine() async throws {
        let result = try await run(
            ["--bus", "/dev/i2c-99", "--port", "0", "--lock", "/tmp/fleet-test-\(UUID()).lock"])
        #expect(result.status == 69)
        #expect(
            result.errorText
                == "gen-server: no I2C bus: open /dev/i2c-99: No such file or directory; "
                + "check --bus and the driver; relays untouched\n")
    }

    @Test func relaysOffIsLoudWhereItFails() async throws {
        let lock = "/tmp/fleet-test-\(UUID()).lock"
        defer { unlink(lock) }
        let result = try await run(["--relays-off", "--bus", "/dev/i2c-99", "--lock", lock])
        #expect(result.status == 74)
        #expect(result.errorText.contains("RELAYS MAY STILL BE ON"))
        let simulated = try await run(["--relays-off", "--bus", "sim"])
        #expect(simulated.status == 0)
        #expect(simulated.text == "gen-server: relays off (simulated)\n")
    }

    @Test func twoServersNeverShareALock() async throws {
        let lock = "/tmp/fleet-test-\(UUID()).lock"
        defer { unlink(lock) }
        let first = try await Server(["--lock", lock])
        let second = try await run(["--bus", "sim", "--port", "0", "--lock", lock])
        #expect(second.status == 75)
        let process = first.daemon.program.id
        #expect(second.errorText.contains("another gen-server (process \(process)) drives"))
        first.daemon.signal(SIGKILL)
        _ = try await first.daemon.status()
        let third = try await Server(["--lock", lock])
        #expect(try await third.status("STATE") == "OFF")
    }

    @Test func theLogKeepsItsLimit() async throws {
        let folder = try TemporaryFolder()
        let log = folder.path + "/gen.log"
        let full = 1024 * 1024
        try folder.write("gen.log", String(repeating: "x", count: full - 100))
        let server = try Daemon(
            "gen-server", ["--bus", "sim", "--host", "127.0.0.1", "--port", "0", "--log", log])
        func size(_ path: String) -> Int { FileManager.default.contents(atPath: path)?.count ?? -1 }
        try await waitUntil("it listens", deadline: .seconds(30)) {
            size(log + ".1") > 0 && size(log) > 0
        }
        server.signal(SIGTERM)
        #expect(try await server.status() == 0)
        #expect(server.output == "")
        #expect(size(log + ".1") > full - 200 && size(log + ".1") <= full)
        #expect(size(log) > 0 && size(log) < 1024)
        #expect(try folder.read("gen.log").contains("leaving, relays off"))
    }

    @Test func helpAndVersionGoToStandardOutput() async throws {
        let help = try await run(["--help"])
        #expect(help.status == 0 && help.errorText == "")
        for option in ["--host", "--port", "--bus", "--address", "--log", "--relays-off"] {
            #expect(help.text.contains(option))
        }
        #expect(try await run(["--version"]).text == "gen-server 0.1.0\n")
    }
}
