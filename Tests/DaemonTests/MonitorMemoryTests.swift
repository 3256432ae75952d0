import Foundation
import InverterRegisters
import LabSupport
import TestSupport
import Testing

/// The monitor's memory does not grow, whatever it has switched on: it is to run for years. With
/// FLEET_LONG_TESTS=1 over 100,000 polls, which are five weeks at the usual pace.
@Suite(.serialized, .timeLimit(.minutes(30))) struct MonitorMemoryTests {
    private static let isLong = ProcessInfo.processInfo.environment["FLEET_LONG_TESTS"] != nil
    /// When it has all that it needs, and when it is looked at again.
    private static let polls = isLong ? (settled: 1_000, all: 100_000) : (settled: 500, all: 2_500)
    private static let growthMaxKiB = 64
    private static let residentMaxKiB = 6 * 1024
    /// What `fleetctl build` delivers for this machine: Embedded Swift, whose runtime is another.
    private static let delivered =
        Products.sources + "/../.build/fleet/artifacts/amd64/pigenny-monitor/pigenny-monitor"

    @Test func itDoesNotGrowAsItIsBuiltForTests() async throws {
        let grown = try await growth(of: try Products.path("pigenny-monitor"))
        #expect(grown.anonymous <= Self.growthMaxKiB, "\(grown)")
    }

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: delivered),
            "needs 'fleetctl build --inventory Inventory/lab.yaml'"))
    func itDoesNotGrowAsItIsDelivered() async throws {
        let grown = try await growth(of: Self.delivered)
        #expect(grown.anonymous <= Self.growthMaxKiB, "\(grown)")
        #expect(grown.resident <= Self.growthMaxKiB, "\(grown)")
        #expect(grown.end.resident <= Self.residentMaxKiB, "\(grown)")
    }

    /// What a process has of the machine's memory, in KiB (proc_pid_smaps(5)).
    private struct Memory {
        /// Its pages that are in memory, those that it shares included.
        var resident: Int
        /// Those of them that lie in no file: heap and stack. What is read of a program and its
        /// libraries depends on what the kernel had cached.
        var anonymous: Int

        init(of process: pid_t) throws {
            let text = try String(
                contentsOfFile: "/proc/\(process)/smaps_rollup", encoding: .utf8)
            func number(_ key: String) throws -> Int {
                let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(key) })
                return try #require(Int(line.filter(\.isNumber)))
            }
            resident = try number("Rss:")
            anonymous = try number("Anonymous:")
        }
    }

    private struct Growth {
        var start: Memory
        var end: Memory
        var resident: Int { end.resident - start.resident }
        var anonymous: Int { end.anonymous - start.anonymous }
    }

    /// From the settled process to the end, with a server, a battery that changes, and every file.
    private func growth(of path: String) async throws -> Growth {
        let server = try await Server()
        let inverter = try SimulatedInverter(losesFirst: 1)
        let folder = try TemporaryFolder()
        let monitor = try Daemon(
            path: path,
            [
                "--inverter-port", inverter.path, "--generator-host", "127.0.0.1",
                "--generator-port", "\(server.port)", "--manual-folder", folder.path, "--log-dir",
                folder.path, "--log-interval", "1", "--health-interval", "1", "--state-file",
                folder.path + "/state", "--status-file", folder.path + "/status", "--poll", "0.001",
            ])
        try await poll(Self.polls.settled, inverter, monitor)
        let start = try Memory(of: monitor.program.id)
        try await poll(Self.polls.all, inverter, monitor)
        let end = try Memory(of: monitor.program.id)
        // It has done all that while, and neither end had reason to complain.
        #expect(try folder.read("status").contains("report=soc="))
        #expect(monitor.output.contains("Olimex health: threads="))
        #expect(!monitor.output.contains("inverter unknown"), "\(monitor.output)")
        #expect(!monitor.output.contains("generator unknown"), "\(monitor.output)")
        #expect(inverter.problems == [])
        return Growth(start: start, end: end)
    }

    /// Until it has polled so often in all. The charge moves, so that what it tells is not the same.
    private func poll(
        _ count: Int, _ inverter: SimulatedInverter, _ monitor: Daemon
    ) async throws {
        var turns: UInt16 = 0
        try await waitUntil("\(count) polls", deadline: .seconds(1_500)) {
            try #require(monitor.program.isRunning, "\(monitor.output)")
            turns &+= 1
            inverter.stateOfCharge = 60 + turns % 4
            return inverter.answered >= count * RegisterBlock.monitored.count
        }
    }
}
