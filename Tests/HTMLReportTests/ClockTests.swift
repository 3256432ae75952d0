import Foundation
import Testing

@testable import HTMLReport

@Suite struct ClockTests {
    /// Foundation's calendar is the judge, over leap years, centuries and both changes of the clock.
    @Test(arguments: ["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Auckland"])
    func timesAreThoseOfTheCalendar(zone: String) throws {
        let timeZone = try #require(TimeZone(identifier: zone))
        let clock = ReportClock(timeZone)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        for seconds in stride(from: 0, through: 5_000_000_000, by: 7_654_321) {
            let date = Date(timeIntervalSince1970: Double(seconds))
            let parts = calendar.dateComponents(
                [.year, .month, .day, .hour, .minute], from: date)
            let wanted = String(
                format: "%04d-%02d-%02d %02d:%02d", parts.year ?? 0, parts.month ?? 0,
                parts.day ?? 0, parts.hour ?? 0, parts.minute ?? 0)
            #expect(clock.text(date) == wanted)
            let local = clock.local(Double(seconds))
            #expect(clock.local(clock.universal(local)) == local)
        }
    }

    @Test(
        arguments: [
            ("2025-12-27T20:30:16", 1_766_863_816.0), ("1970-01-01T01:00:00", 0),
            ("2025-12-27 20:30:16.5", 1_766_863_816), ("2025-13-27T20:30:16", nil),
            ("2025-12-27T20:30", nil), ("", nil), ("abcd-12-27T20:30:16", nil),
        ] as [(String, Double?)])
    func stampsAreLocal(stamp: String, seconds: Double?) {
        #expect(SampleReport.clock.seconds(stamp: stamp) == seconds)
    }

    @Test(arguments: [
        (59.0, "59 s"), (61, "1 min"), (3660, "1 h 1 min"), (93_600, "1 d 2 h"), (86_400, "1 d"),
        (-5, "0 s"), (.nan, "very long"), (1e300, "very long"), (86_460, "1 d"),
    ])
    func durations(seconds: Double, text: String) {
        #expect(ReportClock.duration(seconds) == text)
    }

    @Test func timesWithoutSenseDoNotTrap() {
        for seconds in [Double.nan, .infinity, -.infinity, 1e300, -1e300] {
            #expect(!SampleReport.clock.text(seconds).isEmpty)
        }
    }
}
