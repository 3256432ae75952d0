import Foundation
import LabSupport
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3)))
struct MonitorTests {
    /// Options that make it say each round what it sees.
    private static func watching(_ line: String, _ server: UInt16?, _ others: String...) -> [String]
    {
        ["--inverter-port", line, "--verbose", "--manual-folder", "/nowhere"] + others
            + (server.map { ["--generator-host", "127.0.0.1", "--generator-port", "\($0)"] } ?? [])
    }

    @Test func withoutInverterAndGeneratorEverythingIsUnknown() async throws {
        let monitor = try Daemon(
            "pigenny-monitor",
            Self.watching("/dev/ttyNone", 1, "--poll", "0.2"))
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
            Self.watching(inverter.path, server.port, "--poll", "0.3"))
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
        let monitor = try Daemon(
            "pigenny-monitor", Self.watching(inverter.path, nil, "--poll", "0.2"))
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
            "pigenny-monitor", Self.watching("/dev/ttyNone", nil, "--poll", "60"),
            environment: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "600000"])
        var said = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        // Between the polls the loop still goes round, three times in a watchdog's interval.
        try await waitUntil("READY, STATUS and WATCHDOG; so far \(said)", deadline: .seconds(30)) {
            let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 { said += String(decoding: buffer[..<count], as: UTF8.self) + "\n" }
            return said.contains("READY=1")
                && said.contains("STATUS=IDLE: no start: state of charge unknown")
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
        (["--poll", "0"], "bad value '0' for --poll: give seconds from 0.001 to 3600"),
        (
            ["--generator-port", "0"],
            "bad value '0' for --generator-port: give a whole number from 1 to 65535"
        ),
        (
            ["--inverter-slave", "248"],
            "bad value '248' for --inverter-slave: give a whole number from 1 to 247"
        ),
        (["--start"], "unknown option --start"), (["--soc-start"], "--soc-start needs a value"),
        (
            ["--inverter-port", "COM1"],
            "bad value 'COM1' for --inverter-port: give an absolute path"
        ),
        (
            ["--quiet-hours=24:00-07:00"],
            "bad value '24:00-07:00' for --quiet-hours: give hours as 22:00-07:00, or off"
        ),
        (["--soc-start", "80", "--soc-stop", "80"], "soc-stop must be above soc-start"),
        (["--config", "/nowhere"], "cannot read /nowhere"),
    ])
    func aBadOptionIsOneClearLine(_ arguments: [String], _ text: String) async throws {
        let result = try await spawn([try Products.path("pigenny-monitor")] + arguments)
        #expect(result.status == 64)
        #expect(result.errorText == "pigenny-monitor: \(text); see --help\n")
    }

    @Test func aBadConfigurationIsToldWholeWithItsLines() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "monitor.conf", "# site\nsoc-start = 30\nsoc-stopp = 70\nrun-max = yes\n")
        let result = try await spawn([
            try Products.path("pigenny-monitor"), "--config", folder.path + "/monitor.conf",
        ])
        #expect(result.status == 64)
        #expect(result.errorText.contains("monitor.conf:3: "))
        #expect(result.errorText.contains("soc-stop"))
        #expect(
            result.errorText.contains(
                "monitor.conf:4: bad value 'yes' for run-max: give seconds from 1 to 86400"))
    }

    @Test func everySettingIsInTheHelp() async throws {
        let result = try await spawn([try Products.path("pigenny-monitor"), "--help"])
        #expect(result.status == 0)
        let source = try String(
            contentsOfFile: Products.sources + "/pigenny-monitor/OptionTable.swift",
            encoding: .utf8)
        let names = source.split(separator: "\n").filter { $0.contains("case \"") }
            .map { $0.split(separator: "\"")[1] }
        #expect(names.count > 40)
        for name in names where !["stop-on-exit", "verbose"].contains(name) {
            #expect(result.text.contains("--\(name) "), "\(name)")
        }
    }
}
