import Foundation
import LabSupport
import TestSupport
import Testing

/// What the monitor makes of a line and an inverter that are not as they should be.
@Suite(.timeLimit(.minutes(5)))
struct InverterLineTests {
    private func monitor(_ path: String) async throws -> Daemon {
        let monitor = try Daemon(
            "pigenny-monitor", ["--inverter-port", path, "--poll", "0.2", "--verbose"])
        try await see("soc=44%", monitor)
        return monitor
    }

    /// Waits until the monitor says it, after what it had said by the mark or now.
    private func see(_ text: String, _ monitor: Daemon, after mark: Int? = nil) async throws {
        let seen = mark ?? monitor.output.utf8.count
        try await waitUntil("the monitor says '\(text)'", deadline: .seconds(60)) {
            monitor.output.utf8.dropFirst(seen).split(separator: 10).contains {
                String(decoding: $0, as: UTF8.self).contains(text)
            }
        }
    }

    @Test(arguments: [
        (UInt8(2), "refused, exception 2 (no such registers)"),
        (4, "refused, exception 4 (reading failed)"), (6, "refused, exception 6 (busy)"),
    ])
    func refusalsAreToldApart(_ code: UInt8, _ text: String) async throws {
        let inverter = try SimulatedInverter(losesFirst: 1)
        let monitor = try await monitor(inverter.path)
        inverter.mood = .refusing(code, times: .max)
        try await see(text, monitor)
        inverter.mood = .well
        try await see("inverter answers again", monitor)
        // The port stayed open: nothing has to be lost.
        #expect(inverter.problems == [])
    }

    @Test(arguments: [SimulatedInverter.Mood.refusing(6, times: 1), .garbled(times: 1)])
    func whatPassesIsAskedForAgainAtOnce(_ mood: SimulatedInverter.Mood) async throws {
        let inverter = try SimulatedInverter(losesFirst: 1)
        let monitor = try await monitor(inverter.path)
        for _ in 0..<3 {
            // One at a time: two in one block are more than it asks again for.
            for wrong in [{ inverter.mood = mood }, { inverter.lose(1) }] {
                wrong()
                try await waitUntil("it has gone wrong", deadline: .seconds(60)) { inverter.isWell }
                try await see("soc=44%", monitor)
            }
        }
        #expect(!monitor.output.contains("unknown:"), "\(monitor.output)")
    }

    @Test(arguments: [
        (SimulatedInverter.Mood.garbled(times: .max), "Invalid CRC"),
        (.other, "Response not from requested slave"), (.short, "Connection timed out"),
    ])
    func answersThatAreNoneAreUnknown(
        _ mood: SimulatedInverter.Mood, _ text: String
    ) async throws {
        let inverter = try SimulatedInverter(losesFirst: 0)
        let monitor = try await monitor(inverter.path)
        inverter.mood = mood
        try await see("inverter unknown: read registers from 0: " + text, monitor)
        try await see("soc=unknown battery=unknown current=unknown", monitor)
        inverter.mood = .well
        try await see("soc=44%", monitor)
        #expect(!monitor.output.contains("soc=0%"))
    }

    @Test func noiseBeforeAnAnswerIsNoAnswer() async throws {
        let inverter = try SimulatedInverter(losesFirst: 0)
        let monitor = try await monitor(inverter.path)
        inverter.mood = .noisy
        try await see("inverter unknown: ", monitor)
        inverter.mood = .well
        try await see("soc=44%", monitor)
    }

    /// A late answer to one block is as long as that block, and no other one is.
    @Test func aLateAnswerIsNotTakenForAnotherBlocks() async throws {
        let inverter = try SimulatedInverter(losesFirst: 0)
        let monitor = try await monitor(inverter.path)
        inverter.mood = .late
        for _ in 0..<3 { try await see("generator=", monitor) }
        for line in monitor.output.split(separator: "\n") where line.contains("current=") {
            #expect(line.contains("current=-14.1A") || line.contains("current=unknown"), "\(line)")
            #expect(line.contains("load=1415W") || line.contains("load=unknown"), "\(line)")
        }
    }

    /// Byte by byte an answer could take half a minute; a round takes four seconds at most.
    @Test(arguments: [SimulatedInverter.Mood.dribbling, .silent])
    func aRoundEndsInTime(_ mood: SimulatedInverter.Mood) async throws {
        let inverter = try SimulatedInverter(losesFirst: 0)
        inverter.mood = mood
        let clock = ContinuousClock()
        let begin = clock.now
        let monitor = try Daemon(
            "pigenny-monitor", ["--inverter-port", inverter.path, "--poll", "60", "--verbose"])
        try await waitUntil("a round", deadline: .seconds(60)) {
            monitor.output.contains("soc=unknown")
        }
        let time = clock.now - begin
        print("aRoundEndsInTime: \(mood) \(time)")
        // Four, and what a loaded machine takes to start a process.
        #expect(time < .seconds(9))
        #expect(monitor.output.contains("Connection timed out"))
    }

    @Test func aDeviceThatIsPulledOutAndComesBackIsReadAgain() async throws {
        let folder = try TemporaryFolder()
        let link = folder.path + "/ttyInverter"
        var inverter: SimulatedInverter? = try SimulatedInverter(losesFirst: 1)
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: try #require(inverter).path)
        let monitor = try await monitor(link)
        let mark = monitor.output.utf8.count
        inverter = nil
        try FileManager.default.removeItem(atPath: link)
        try await see("inverter unknown: read registers from", monitor, after: mark)
        try await see(
            "inverter unknown: open \(link): No such file or directory", monitor, after: mark)
        let second = try SimulatedInverter(losesFirst: 1)
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: second.path)
        try await see("inverter answers again", monitor)
        try await see("soc=44%", monitor)
        #expect(!monitor.output.contains("timed out"))
        #expect(second.problems == [])
    }
}
