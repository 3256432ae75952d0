import ChargePolicy
import Foundation
import TestSupport
import Testing

/// A century of weather, loads, faults and operators: the plant's physics, the real generator core
/// and the policy; see ``LifeRules`` and ``RuleKeeper`` for what must hold.
///
/// A failing year is named with the command that lives it again alone.
struct ChargeYearsTests {
    private static let years = 102

    private struct Toll: Sendable {
        var years = 0
        var starts = 0
        var failures = 0
        var runs = 0
        var deceived = 0
        var wellHours = 0.0
        var lowest = 100.0
        var faults: [LifeFaults.Kind: Int] = [:]
        var broken: String?
    }

    @Test func aHundredYears() async throws {
        let environment = ProcessInfo.processInfo.environment
        let seed = SeededGenerator.seedOfThisRun("aHundredYears")
        let only = environment["FLEET_TEST_YEAR"].flatMap(Int.init)
        let toll = try await onThread {
            Self.live(seed, only.map { $0...$0 } ?? 0...Self.years - 1)
        }
        print(
            "aHundredYears: \(toll.years) years, \(toll.starts) starts, \(toll.runs) runs,",
            "\(toll.failures) failures, \(toll.deceived) starts deceived by the inverter,",
            "\(Int(toll.wellHours)) well hours, lowest charge in them \(Int(toll.lowest)) %")
        print(toll.faults.map { "\($0.key) \($0.value)" }.sorted().joined(separator: ", "))
        #expect(toll.broken == nil)
        guard only == nil, toll.broken == nil else { return }
        #expect(toll.years >= 100 && toll.starts > 20_000 && toll.runs > 20_000)
        #expect(toll.failures > 1_000 && toll.wellHours > 300_000)
        for kind in LifeFaults.Kind.allCases {
            #expect(toll.faults[kind, default: 0] >= 100, "\(kind)")
        }
    }

    private static func live(_ seed: UInt64, _ years: ClosedRange<Int>) -> Toll {
        var toll = Toll()
        for year in years {
            var life = SimulatedLife(
                settings(of: year), year % 3 == 2 ? .legacy : .own,
                seed: seed &+ UInt64(year) &* 0x9E37_79B9_7F4A_7C15)
            let begin = life.now
            life.run(until: begin + SimulatedLife.year)
            life.mend()
            life.run(until: life.now + 12 * 3_600_000)
            toll.years += 1
            toll.starts += life.keeper.starts
            toll.failures += life.keeper.failures
            toll.runs += life.server.runs
            toll.deceived += life.rules.deceived
            toll.wellHours += life.rules.wellHours
            toll.lowest = min(toll.lowest, life.rules.lowest)
            toll.faults.merge(life.rules.toll) { $0 + $1 }
            if let broken = life.broken {
                let state = life.policy.map { "\($0.state)" } ?? "no monitor"
                toll.broken =
                    "year \(year), day \((life.now - begin) / 86_400_000), \(life.now) ms, \(state),"
                    + " generator \(life.server.machine.state): \(broken)\nAgain: FLEET_TEST_SEED="
                    + "\(seed) FLEET_TEST_YEAR=\(year) swift test --filter ChargeYearsTests"
                return toll
            }
        }
        return toll
    }

    private static func settings(of year: Int) -> ChargeSettings {
        var settings = ChargeSettings()
        if year % 4 == 1 { settings.quietHours = DayWindow(from: 1_320, to: 420) }
        if year % 5 == 3 { settings.exerciseEvery = .seconds(7 * 86_400) }
        return settings
    }
}
