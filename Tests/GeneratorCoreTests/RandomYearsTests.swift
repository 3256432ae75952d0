import GeneratorCore
import TestSupport
import Testing

/// Years of everything at once.
struct RandomYearsTests {
    private static let lives = 10

    /// What came to pass.
    private struct Toll: Sendable {
        var events = 0
        var cranks = 0
        var runs = 0
        var restarts = 0
        var broken: String?
    }

    @Test func tenYearsOfFaults() async throws {
        let toll = try await onThread { Self.live() }
        print(
            "tenYearsOfFaults: \(Self.lives) simulated years, \(toll.events) events,",
            "\(toll.cranks) cranks, \(toll.runs) runs, \(toll.restarts) restarts")
        #expect(toll.broken == nil)
        #expect(Self.lives >= 10 && toll.runs > 100)
    }

    private static func live() -> Toll {
        var random = SeededGenerator.fresh("tenYearsOfFaults")
        var toll = Toll()
        for life in 0..<lives {
            var timings = Timings()
            if life % 3 == 1 { timings.crankDisconnect = .never }
            if life % 4 == 2 { timings.warmUp = .seconds(300) }
            var world = SimulatedYears(timings, random: SeededGenerator(seed: random.next()))
            world.run(until: SimulatedYears.year)
            world.end()
            toll.events += world.events
            toll.cranks += world.cranks
            toll.runs += world.runs
            toll.restarts += world.restarts
            if let broken = world.monitor.broken {
                toll.broken = "life \(life) at \(world.now) ms: \(broken)"
                return toll
            }
        }
        return toll
    }
}
