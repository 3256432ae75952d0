import Foundation
import LabSupport
import TestSupport
import Testing

/// The monitor beside a real gen-server on its simulated bus, or the legacy server's stand-in, and
/// an inverter on a pseudo-terminal.
@Suite(.timeLimit(.minutes(5))) struct MonitorControlTests {
    /// The monitor with everything short, its folders, and the inverter.
    final class Site {
        let folder: TemporaryFolder
        let inverter: SimulatedInverter
        let port: UInt16
        private(set) var monitor: Daemon

        static let quick = [
            "--poll", "0.2", "--start-hold", "0.3", "--stop-hold", "0", "--run-min", "0", "--rest",
            "1", "--pause-after-stop", "2", "--failure-wait", "1", "--stop-retry", "2",
        ]

        init(port: UInt16, soc: UInt16, _ options: [String] = []) throws {
            folder = try TemporaryFolder()
            inverter = try SimulatedInverter(losesFirst: 1)
            inverter.stateOfCharge = soc
            self.port = port
            for name in ["log", "manual"] {
                try FileManager.default.createDirectory(
                    atPath: folder.path + "/" + name, withIntermediateDirectories: true)
            }
            monitor = try Self.start(folder, inverter, port, options)
        }

        private static func start(
            _ folder: TemporaryFolder, _ inverter: SimulatedInverter, _ port: UInt16,
            _ options: [String]
        ) throws -> Daemon {
            try Daemon(
                "pigenny-monitor",
                [
                    "--inverter-port", inverter.path, "--generator-host", "127.0.0.1",
                    "--generator-port", "\(port)", "--manual-folder", folder.path + "/manual",
                    "--log-dir", folder.path + "/log", "--log-interval", "1", "--state-file",
                    folder.path + "/state", "--status-file", folder.path + "/status",
                ] + quick + options)
        }

        func restart(_ options: [String] = []) throws {
            // What the process before wrote says nothing of the next one.
            if folder.has("status") {
                try FileManager.default.removeItem(atPath: folder.path + "/status")
            }
            monitor = try Self.start(folder, inverter, port, options)
        }

        func status(_ key: String) -> String? {
            // Replaced whole, or not there yet.
            guard let text = try? folder.read("status") else { return nil }
            return text.split(separator: "\n").first { $0.hasPrefix(key + "=") }
                .map { String($0.dropFirst(key.count + 1)) }
        }

        func reach(_ state: String, _ deadline: Duration = .seconds(40)) async throws {
            try await waitUntil(
                "the monitor is \(state)", deadline: deadline
            ) {
                try #require(monitor.program.isRunning, "\(monitor.output)")
                return status("state") == state
            }
        }

        /// As a battery does it: step by step.
        func move(soc goal: UInt16) async throws {
            while inverter.stateOfCharge != goal {
                let now = inverter.stateOfCharge
                inverter.stateOfCharge = now < goal ? min(goal, now + 3) : max(goal, now - 3)
                let wanted = "soc=\(inverter.stateOfCharge)%"
                try await waitUntil("the monitor sees \(wanted)", deadline: .seconds(20)) {
                    status("report")?.contains(wanted) == true
                }
            }
        }

        func wish(_ name: String) throws { try folder.write("manual/pigenny_\(name)", "") }

        func unwish(_ name: String) throws {
            try FileManager.default.removeItem(
                atPath: folder.path + "/manual/pigenny_\(name)")
        }
    }

    @Test func aLowBatteryIsChargedAndTheRunEnds() async throws {
        let server = try await Server()
        let site = try Site(port: server.port, soc: 41)
        try await waitUntil("a battery that has enough", deadline: .seconds(20)) {
            site.status("decision") == "wait-enough"
        }
        try await site.move(soc: 38)
        try await site.reach("RUNNING")
        #expect(try await server.status("STATE") == "CHARGING")
        #expect(site.status("run_reason") == "soc 38 40")
        try await waitUntil("a lease", deadline: .seconds(10)) {
            try await server.status("LEASE") != "none"
        }
        try await site.move(soc: 80)
        try await site.reach("IDLE")
        #expect(try await server.status("STATE") == "OFF")
        try await waitUntil("no lease", deadline: .seconds(10)) {
            try await server.status("LEASE") == "none"
        }
        let log = site.monitor.output
        #expect(log.contains("STARTING: starting: state of charge 38 % below 40 %"), "\(log)")
        #expect(log.contains("STOPPING: stopping: state of charge 80 % has reached 80 %"), "\(log)")
        #expect(log.contains("Olimex health: threads="))
        #expect(site.inverter.problems == [])
    }

    @Test func theDailyFileHasItsHeaderOnceAndTheValues() async throws {
        let server = try await Server()
        let site = try Site(port: server.port, soc: 44)
        let files = {
            try FileManager.default.contentsOfDirectory(atPath: site.folder.path + "/log")
        }
        let rows = {
            try files().flatMap {
                try site.folder.read("log/\($0)").split(separator: "\n").map(String.init)
            }
        }
        try await waitUntil("two rows", deadline: .seconds(20)) { try rows().count >= 3 }
        site.monitor.signal(SIGKILL)
        try site.restart()
        try await waitUntil("more rows", deadline: .seconds(20)) { try rows().count >= 6 }
        #expect(try rows().filter { $0.hasPrefix("timestamp,") }.count == (try files().count))
        let last = try #require(try rows().last)
        #expect(last.contains(",44,94,52.1,") && last.hasSuffix(",IDLE,0"), "\(last)")
    }

    @Test func whenItDiesTheServerEndsTheRunAndWhenItComesBackItGoesOn() async throws {
        let server = try await Server()
        let site = try Site(port: server.port, soc: 35, ["--lease", "10"])
        try await site.reach("RUNNING")
        try await waitUntil("a lease", deadline: .seconds(10)) {
            try await server.status("LEASE") != "none"
        }
        site.monitor.signal(SIGKILL)
        try site.restart(["--lease", "10"])
        try await site.reach("RUNNING")
        #expect(site.status("run_reason") == "soc 35 40")
        #expect(site.monitor.output.contains("begins in RUNNING"))
        #expect(try await server.status("STATE") == "CHARGING")
        site.monitor.signal(SIGKILL)
        try await waitUntil("the server ends the run", deadline: .seconds(40)) {
            try await server.status("STATE") == "OFF"
        }
        #expect(try await server.status("LAST_ERROR")?.contains("Lease was not renewed") == true)
    }

    @Test func toldToEndItLeavesTheGeneratorAsTheOperatorChose() async throws {
        let server = try await Server()
        let site = try Site(port: server.port, soc: 35)
        try await site.reach("RUNNING")
        try await waitUntil("a lease", deadline: .seconds(10)) {
            try await server.status("LEASE") != "none"
        }
        site.monitor.signal(SIGTERM)
        #expect(try await site.monitor.status() == 0)
        #expect(try await server.status("STATE") == "CHARGING")
        #expect(try await server.status("LEASE") == "none")
        try site.restart(["--stop-on-exit"])
        try await site.reach("RUNNING")
        site.monitor.signal(SIGTERM)
        #expect(try await site.monitor.status() == 0)
        try await server.reach("OFF")
    }

    @Test func aServerThatDiesInMidRunIsAnAlarmAndTheRunIsTakenUpAgain() async throws {
        let server = try await Server()
        let site = try Site(port: server.port, soc: 35)
        try await site.reach("RUNNING")
        server.daemon.signal(SIGKILL)
        try await waitUntil("it notices", deadline: .seconds(20)) {
            site.monitor.output.contains("generator unknown: ")
        }
        #expect(site.status("state") == "RUNNING")
        let again = try await Server(
            Server.quick + ["--port", "\(server.port)", "--host", "127.0.0.1"])
        try await waitUntil("the alarm", deadline: .seconds(30)) {
            site.monitor.output.contains("ALARM engine-stopped")
        }
        try await waitUntil("it charges again", deadline: .seconds(40)) {
            try await again.status("STATE") == "CHARGING"
        }
    }

    @Test func operatorsHaveTheirWillByTheirFiles() async throws {
        let server = try await Server()
        let site = try Site(port: server.port, soc: 90)
        try site.wish("force_charge")
        try await site.reach("RUNNING")
        #expect(site.status("manual") == "on")
        try site.unwish("force_charge")
        try await site.reach("IDLE")
        try await site.move(soc: 39)
        try await site.reach("RUNNING")
        try site.wish("force_stop")
        try await waitUntil("the generator stands", deadline: .seconds(30)) {
            try await server.status("STATE") == "OFF"
        }
        #expect(!site.folder.has("manual/pigenny_force_stop"))
        try await site.reach("RUNNING")
        let log = site.monitor.output
        #expect(log.contains("stopping: the manual run is over"), "\(log)")
        #expect(log.contains("stopping: stopped by force-stop"), "\(log)")
        #expect(log.contains("stopped by an operator"), "\(log)")
    }

    @Test func startsThatFailEndInErrorAndARestartByAnOperatorTriesAgain() async throws {
        let server = try await Server(Server.quick + ["--sim-catch", "never"])
        let site = try Site(port: server.port, soc: 35)
        try await site.reach("ERROR")
        #expect(site.status("alarms") == "start-failed starts-exhausted")
        let starts = {
            server.daemon.output.components(separatedBy: "-> PREPARING").count - 1
        }
        #expect(starts() == 3)
        site.monitor.signal(SIGKILL)
        try site.restart()
        try await waitUntil("it is still in ERROR", deadline: .seconds(20)) {
            site.monitor.output.contains("begins in ERROR") && site.status("state") == "ERROR"
        }
        site.monitor.signal(SIGTERM)
        #expect(try await site.monitor.status() == 0)
        try site.restart()
        try await waitUntil("one more start", deadline: .seconds(30)) { starts() == 4 }
    }

    @Test func withTheLegacyServerItNeverWaitsBehindAStop() async throws {
        let legacy = try Legacy()
        let site = try Site(port: try await legacy.port(), soc: 35)
        try await waitUntil("START", deadline: .seconds(20)) { legacy.heard.contains("START") }
        // While START is under way, STATUS is asked on another connection.
        try await site.reach("RUNNING")
        #expect(site.status("report")?.contains("relays=IGN+CHARGER") == true)
        try site.wish("force_stop")
        try await waitUntil("STOP", deadline: .seconds(20)) { legacy.heard.contains("STOP") }
        let asked = legacy.heard.filter { $0 == "STATUS" }.count
        try await waitUntil("STATUS beside STOP", deadline: .seconds(20)) {
            legacy.heard.filter { $0 == "STATUS" }.count > asked
        }
        #expect(site.status("state") == "STOPPING")
        try await waitUntil("it stands", deadline: .seconds(20)) {
            site.monitor.output.contains("STOPPING -> IDLE")
        }
        // Nothing that the legacy server does not know was ever said to it.
        #expect(Set(legacy.heard).isSubset(of: ["STATUS", "START", "STOP"]), "\(legacy.heard)")
    }

    @Test func aLookAtTheInverterAndAtTheServer() async throws {
        let inverter = try SimulatedInverter(losesFirst: 1)
        let server = try await Server()
        let program = try Products.path("pigenny-monitor")
        let battery = try await spawn([
            program, "--test-inverter", "--inverter-port", inverter.path,
        ])
        #expect(battery.status == 0, "\(battery.errorText)")
        #expect(battery.text.contains("soc=44% battery=52.1V"))
        #expect(battery.text.contains("faults: none; warnings: W016 no grid"))
        let generator = try await spawn([
            program, "--test-generator", "--generator-host", "127.0.0.1", "--generator-port",
            "\(server.port)",
        ])
        #expect(generator.status == 0, "\(generator.errorText)")
        #expect(generator.text.contains("RELAYS: OFF (0x00)"))
        #expect(generator.text.contains("the generator stands"))
        for arguments in [
            ["--test-inverter", "--inverter-port", "/dev/ttyNone"],
            ["--test-generator", "--generator-host", "127.0.0.1", "--generator-port", "1"],
            ["--test-generator"],
        ] {
            let ended = try await spawn([program] + arguments)
            #expect(ended.status == 1)
            #expect(!ended.errorText.isEmpty && ended.text.isEmpty)
        }
    }
}

/// The legacy server's stand-in.
final class Legacy {
    private let program: Program
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("legacy.py", LegacyServer.script)
        program = try Program(["python3", folder.path + "/legacy.py", "legacy", "0"])
    }

    func port() async throws -> UInt16 {
        let program = program
        try await waitUntil("the stand-in listens", deadline: .seconds(20)) {
            program.text.contains("listens on")
        }
        let text = program.text.components(separatedBy: "listens on 127.0.0.1:").last ?? ""
        return try #require(UInt16(text.prefix { $0.isNumber }), "\(program.errorText)")
    }

    /// The commands that it heard.
    var heard: [String] {
        program.text.split(separator: "\n").filter { $0.hasPrefix("< ") }
            .map { String($0.dropFirst(2)) }
    }
}
