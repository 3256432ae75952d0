import Foundation
import LabSupport
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3)))
struct MonitorTests {
    @Test func withoutInverterAndGeneratorEverythingIsUnknown() async throws {
        let monitor = try Daemon(
            "pigenny-monitor",
            ["--port", "/dev/ttyNone", "--generator", "127.0.0.1:1", "--poll", "0.2"])
        try await waitUntil("two rounds", deadline: .seconds(30)) {
            monitor.output.components(separatedBy: "soc=unknown").count > 2
        }
        #expect(
            monitor.output.contains(
                "soc=unknown battery=unknown current=unknown pv=unknown load=unknown "
                    + "generator=unknown relays=unknown"))
        // What is wrong is said once, not every round.
        #expect(monitor.output.components(separatedBy: "inverter unknown:").count == 2)
        #expect(monitor.output.components(separatedBy: "generator unknown:").count == 2)
        monitor.signal(SIGTERM)
        #expect(try await monitor.status() == 0)
    }

    @Test func itReadsTheInverterAndAsksTheServer() async throws {
        let inverter = try SimulatedInverter(losesFirst: 1)
        let server = try await Server()
        let client = try await server.client()
        let monitor = try Daemon(
            "pigenny-monitor",
            [
                "--port", inverter.path, "--generator", "127.0.0.1:\(server.port)", "--poll", "0.3",
            ])
        let known = "soc=44% battery=52.1V current=-14.1A pv=990W load=1415W generator="
        try await waitUntil("a round; so far \(monitor.output)", deadline: .seconds(30)) {
            monitor.output.contains(known + "OFF relays=OFF")
        }
        #expect(try await client.ask("START") == "OK: Generator started and charger enabled")
        try await waitUntil("the generator's state", deadline: .seconds(30)) {
            monitor.output.contains(known + "CHARGING relays=IGN+CHARGER")
        }
        // The server goes: what is known of the inverter stays, the generator is unknown.
        server.daemon.signal(SIGTERM)
        try await waitUntil("the generator is unknown", deadline: .seconds(30)) {
            monitor.output.contains(known + "unknown relays=unknown")
        }
        #expect(inverter.problems == [])
    }

    @Test func anInverterThatFallsSilentIsUnknownAndThenKnownAgain() async throws {
        let inverter = try SimulatedInverter(losesFirst: 0)
        let monitor = try Daemon("pigenny-monitor", ["--port", inverter.path, "--poll", "0.2"])
        try await waitUntil("a round", deadline: .seconds(30)) {
            monitor.output.contains("soc=44%")
        }
        inverter.mood = .silent
        try await waitUntil("unknown", deadline: .seconds(30)) {
            monitor.output.contains("soc=unknown")
        }
        inverter.mood = .well
        try await waitUntil("known again", deadline: .seconds(30)) {
            monitor.output.contains("inverter answers again")
        }
    }

    @Test func itTellsSystemdThatItIsReadyAndAlive() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/n"
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        let monitor = try Daemon(
            "pigenny-monitor", ["--port", "/dev/ttyNone", "--poll", "60"],
            environment: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "600000"])
        var said = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        // Between the polls the loop still goes round, three times in a watchdog's interval.
        try await waitUntil("READY, STATUS and WATCHDOG; so far \(said)", deadline: .seconds(30)) {
            let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 { said += String(decoding: buffer[..<count], as: UTF8.self) + "\n" }
            return said.contains("READY=1") && said.contains("STATUS=soc=unknown")
                && said.components(separatedBy: "WATCHDOG=1").count > 6
        }
        monitor.signal(SIGTERM)
        // Whoever listens goes on listening, as systemd does: a full socket holds sd_notify up.
        try await waitUntil("it ends", deadline: .seconds(30)) {
            _ = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            return !monitor.program.isRunning
        }
        #expect(try await monitor.status() == 0)
    }

    @Test(arguments: [
        (["--poll", "0"], "bad value '0' for --poll"),
        (["--generator", "x"], "bad value 'x' for --generator"),
        (["--slave", "248"], "bad value '248' for --slave"),
        (["--start"], "unknown option --start"),
        (["--port", "COM1"], "bad value 'COM1' for --port"),
    ])
    func aBadOptionIsOneClearLine(_ arguments: [String], _ text: String) async throws {
        let result = try await spawn([try Products.path("pigenny-monitor")] + arguments)
        #expect(result.status == 64)
        #expect(result.errorText == "pigenny-monitor: \(text); see --help\n")
    }

    @Test func helpSaysThatItOnlyObserves() async throws {
        let result = try await spawn([try Products.path("pigenny-monitor"), "--help"])
        #expect(result.status == 0)
        #expect(result.text.contains("never starts or stops the\ngenerator"))
    }
}
