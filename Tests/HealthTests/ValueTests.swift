import Foundation
import Health
import Testing

@Suite struct ValueTests {
    @Test func unknownIsWorseThanWellAndBetterThanWrong() {
        #expect(HealthLevel.allCases.sorted() == [.ok, .unknown, .warning, .critical])
        #expect(HealthLevel.worst([.ok, .warning, .unknown]) == .warning)
        #expect(HealthLevel.worst([]) == .ok)
    }

    @Test func anUnknownValueKeepsItsReason() {
        let unknown = Measured<Int>.unknown("there is no vcgencmd")
        #expect(unknown.value == nil)
        #expect(unknown.map { $0 + 1 }.reason == "there is no vcgencmd")
        let known = Measured.known(4)
        #expect(
            known.flatMap(or: "it is even") { $0.isMultiple(of: 2) ? nil : $0 }.reason
                == "it is even")
        #expect(known.map { $0 * 2 } == .known(8))
    }

    @Test func theGravestVerdictComesFirstAndHostsKeepTheirOrder() {
        func host(_ name: String, _ levels: [HealthLevel]) -> HostHealth {
            HostHealth(
                host: name, answer: .answered, takenAt: .distantPast, seconds: 1,
                verdicts: levels.map { Verdict("load", host: name, $0, "\($0)") })
        }
        let fleet = FleetHealth(
            fleet: "lab", takenAt: .distantPast,
            hosts: [host("b", [.ok, .warning]), host("a", [.critical, .warning]), host("c", [])])
        #expect(fleet.level == .critical)
        #expect(
            fleet.verdicts.map { "\($0.host) \($0.level)" }
                == ["a critical", "b warning", "a warning", "b ok"])
    }
}
