// plant-sim beside the hosts: pi's serial line is its inverter, olimex's relays move its engine.

import Foundation

extension Lab {
    /// Starts the plant. `program` is the built plant-sim, `arguments` what it takes beside --line
    /// and --board. Until it is ended it has pi's /dev/ttySC1 in place of the lab's own server.
    ///
    /// For tests with the trait `.faultsLab`: everybody shares that line and the board.
    public func plantSim(_ program: String, _ arguments: [String] = []) async throws -> LabPlantSim
    {
        let (process, input) = try LabProcess.startTalking(
            [
                program, "--line", try serialLine(), "--board",
                runFolder + "/hosts/olimex/i2c",
            ] + arguments)
        let simulator = LabPlantSim(lab: self, process: process, input: input)
        let line = try await process.line(deadline: LabPlantSim.patience) ?? ""
        guard line.hasPrefix("ready ") else {
            try await simulator.end()
            throw LabError(message: "plant-sim did not start: \(line)")
        }
        return simulator
    }

    /// The inverter's line of the pi that is up now, as it is seen from here.
    fileprivate func serialLine() throws -> String {
        let leader = try String(contentsOfFile: runFolder + "/hosts/pi/leader", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        return "/proc/\(leader)/root/dev/ttySC1"
    }
}

/// A running plant-sim. One test talks to it, one line at a time.
public final class LabPlantSim: Sendable {
    static let patience: Duration = .seconds(30)

    private let lab: Lab
    private let process: LabProcess
    private let input: FileHandle

    init(lab: Lab, process: LabProcess, input: FileHandle) {
        self.lab = lab
        self.process = process
        self.input = input
    }

    deinit { process.interrupt() }

    /// Says a line and returns the answer; throws where it says "error: …" or nothing.
    @discardableResult
    public func tell(_ line: String) async throws -> String {
        try input.write(contentsOf: Data((line + "\n").utf8))
        guard let answer = try await process.line(deadline: Self.patience) else {
            throw LabError(message: "plant-sim does not answer '\(line)'")
        }
        guard !answer.hasPrefix("error: ") else { throw LabError(message: answer) }
        return answer
    }

    /// Plugs the inverter into pi's line anew: after it was unplugged, or after pi was rebooted.
    public func plug() async throws { _ = try await tell("plug \(try lab.serialLine())") }

    /// What it is doing, by the keys of `status`.
    public func status() async throws -> [String: String] {
        let pairs = try await tell("status").split(separator: " ").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// Ends it and gives pi the lab's own inverter back.
    public func end() async throws {
        try await process.end()
        try await lab.verb("serial", "pi")
    }
}
