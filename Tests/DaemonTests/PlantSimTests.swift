import Foundation
import LabSupport
import TestSupport
import Testing

/// plant-sim as an inverter for the real monitor.
@Suite(.timeLimit(.minutes(3)))
struct PlantSimTests {
    /// A plant-sim without a lab, told lines by a pipe.
    private final class Simulator {
        let program: Program
        let line: String
        private let folder: TemporaryFolder
        private let input: FileHandle
        private var answered = 1

        init(_ arguments: [String]) async throws {
            folder = try TemporaryFolder()
            line = folder.path + "/ttyInverter"
            let pipe = folder.path + "/in"
            try #require(mkfifo(pipe, 0o600) == 0)
            let simulator = try Products.path("plant-sim")
            program = try Program(
                ["sh", "-c", "in=$1; shift; exec \"$@\" <\"$in\"", "sh", pipe, simulator]
                    + ["--line", line] + arguments)
            // Both ways, so that neither end waits for the other to open it.
            let descriptor = open(pipe, O_RDWR | O_CLOEXEC)
            try #require(descriptor >= 0)
            input = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            let started = program
            try await waitUntil("plant-sim is ready", deadline: .seconds(30)) {
                started.text.contains("ready ") || !started.isRunning
            }
            try #require(program.isRunning, "\(program.errorText)")
        }

        @discardableResult
        func tell(_ words: String) async throws -> String {
            try input.write(contentsOf: Data((words + "\n").utf8))
            answered += 1
            try await waitUntil("an answer to \(words)", deadline: .seconds(30)) {
                program.text.count { $0 == "\n" } >= answered
            }
            return String(program.text.split(separator: "\n")[answered - 1])
        }

        func status(_ key: String) async throws -> String {
            let pairs = try await tell("status").split(separator: " ")
            let pair = try #require(pairs.first { $0.hasPrefix(key + "=") })
            return String(pair.dropFirst(key.count + 1))
        }
    }

    private func monitor(_ line: String) throws -> Daemon {
        try Daemon("pigenny-monitor", ["--inverter-port", line, "--poll", "0.2", "--verbose"])
    }

    private func see(_ text: String, _ monitor: Daemon) async throws {
        let seen = monitor.output.count
        try await waitUntil("the monitor says \(text)", deadline: .seconds(60)) {
            monitor.output.dropFirst(seen).contains(text)
        }
    }

    @Test func theMonitorReadsThePlant() async throws {
        let simulator = try await Simulator([
            "--soc", "44", "--load", "1416", "--sun", "0", "--speed", "0",
        ])
        let monitor = try monitor(simulator.line)
        try await see("soc=44% battery=52.1V current=-14.3A pv=0W load=1416W", monitor)
        #expect(try await simulator.status("lost") == "1")
        #expect(try await simulator.status("refused") == "0")
        try await simulator.tell("soc 71")
        try await see("soc=71%", monitor)
        try await simulator.tell("load 300")
        try await simulator.tell("sun 900")
        try await see("pv=900W load=300W", monitor)
        try await simulator.tell("fault bogus-soc 3")
        try await see("soc=3%", monitor)
        try await simulator.tell("fault no-answer")
        try await see("soc=unknown", monitor)
        try await simulator.tell("clear")
        try await see("soc=71%", monitor)
        try await simulator.tell("fault exception 4")
        try await see("soc=unknown", monitor)
        try await simulator.tell("clear")
        try await see("inverter answers again", monitor)
        // Its end takes the link along.
        #expect(try await simulator.tell("quit") == "ok")
        #expect(try await simulator.program.status(within: .seconds(30)) == 0)
        #expect(access(simulator.line, F_OK) != 0)
    }

    @Test func relaysMoveTheEngineAndTheEngineCharges() async throws {
        let simulator = try await Simulator([
            "--soc", "40", "--load", "500", "--sun", "0", "--speed", "100",
        ])
        try await simulator.tell("relays 9")
        try await waitUntil("it catches", deadline: .seconds(30)) {
            try await simulator.status("inputs") == "11"
        }
        try await simulator.tell("relays A")
        try await waitUntil("it charges", deadline: .seconds(30)) {
            try await simulator.status("charger") == "95.0"
        }
        let monitor = try monitor(simulator.line)
        try await see("soc=43%", monitor)
        try await simulator.tell("fault fuel-out")
        #expect(try await simulator.status("engine") == "standing")
        #expect(try await simulator.status("fuel") == "0.0")
        #expect(try await simulator.status("faults") == "fuel-out")
    }

    @Test func aRecordingIsPlayed() async throws {
        let recording = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/inverter").path
        let simulator = try await Simulator([
            "--play", recording + "/data_dec27b.csv", "--speed", "600",
        ])
        let monitor = try monitor(simulator.line)
        // A row a second; the site's charge begins after a dozen of them.
        try await see("soc=27% battery=51.5V", monitor)
        try await see("soc=35% battery=53.7V", monitor)
    }

    @Test(arguments: [
        "fault", "fault bogus-soc", "fault bogus-soc 256", "fault frozen 1", "soc 101", "load -1",
        "time 24:00", "relays 10", "speed 1e9", "clear x", "x", "",
    ])
    func whatItCannotDoIsSaidInOneLine(_ words: String) async throws {
        let simulator = try await Simulator(["--soc", "50", "--speed", "0"])
        #expect(try await simulator.tell(words).hasPrefix("error: "))
        #expect(try await simulator.status("soc") == "50.0")
    }

    @Test(arguments: [
        ["--line", "/nowhere/x"], ["--line", "/tmp/x", "--board", "/nowhere/x"],
        ["--line", "/tmp/x", "--play", "/nowhere/x"], ["--line", "/tmp/x", "--soc", "101"],
        ["--line", "/tmp/x", "--fault", "x"], [],
    ])
    func aBadOptionEndsIt(_ arguments: [String]) async throws {
        let ended = try await spawn([try Products.path("plant-sim")] + arguments)
        #expect(ended.status != 0 && ended.text == "")
        #expect(!ended.errorText.isEmpty && !ended.errorText.contains("PosixError"))
    }
}

/// The loop closed over two hosts: relays on the board, the inverter at pi's serial line.
@Suite(.lab, .faultsLab, .serialized, .timeLimit(.minutes(5)))
struct PlantSimLabTests {
    private static let folder = "/tmp/plant-monitor"

    private func charge(_ lab: Lab) async throws -> String {
        try await lab.sh(
            "pi", "journalctl -u plant-monitor -o cat -n 20 | grep -o 'soc=.*' | tail -n 1"
        )
        .output
    }

    private func wait(_ lab: Lab, _ range: ClosedRange<Int>) async throws {
        try await waitUntil("the monitor on pi sees \(range) %", deadline: .seconds(90)) {
            let digits = try await charge(lab).dropFirst(4).prefix { $0.isNumber }
            return Int(digits).map(range.contains) ?? false
        }
    }

    @Test func theMonitorOnPiSeesWhatTheRelaysOfTheBoardDo() async throws {
        let lab = try Lab.required()
        try await Products.install(
            "pigenny-monitor", to: Self.folder, by: [lab.script, "sh", "pi", "sh", "-c"])
        try lab.restBoard()
        let plant = try await lab.plantSim(
            try Products.path("plant-sim"),
            ["--soc", "50", "--load", "3000", "--sun", "0", "--speed", "300"])
        try await lab.sh(
            "pi",
            """
            systemd-run -q --unit plant-monitor -E LD_LIBRARY_PATH=\(Self.folder) \
                \(Self.folder)/pigenny-monitor --inverter-port /dev/ttySC1 --poll 0.5 --verbose
            """)
        do {
            try await wait(lab, 40...48)
            try lab.setRelays(0x09)
            try await waitUntil("the engine catches", deadline: .seconds(30)) {
                try await plant.status()["inputs"] == "11"
            }
            try lab.setRelays(0x0A)
            try await wait(lab, 52...60)
            #expect(try await charge(lab).contains("current=1"))
            try lab.setRelays(0)
            try await wait(lab, 30...50)
            #expect(try await plant.status()["engine"] == "standing")
            try await plant.tell("fault no-answer")
            try await waitUntil("unknown", deadline: .seconds(60)) {
                try await charge(lab).hasPrefix("soc=unknown")
            }
        } catch {
            try await restore(lab, plant)
            throw error
        }
        try await restore(lab, plant)
    }

    /// The lab's own inverter, which stands at 44 %, is back for the tests after this one.
    private func restore(_ lab: Lab, _ plant: LabPlantSim) async throws {
        try await plant.end()
        try lab.restBoard()
        try await wait(lab, 44...44)
        try await lab.sh("pi", "systemctl stop plant-monitor; rm -rf \(Self.folder)")
    }
}
