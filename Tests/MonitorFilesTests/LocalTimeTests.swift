// Local time as the C library tells it.
import Foundation
import Platform
import TestSupport
import Testing

@Suite struct LocalTimeTests {
    /// As `date` tells it, at moments on both sides of a change of clocks and in years with
    /// one or two digits in month and day.
    @Test(arguments: [0, 1_769_860_800, 1_774_746_000, 1_793_498_400, 2_000_000_000, 4_102_444_800])
    func itIsWhatDateSays(moment: Int64) async throws {
        let time = LocalTime(unixSeconds: moment)
        let said = try await Shell.run(["date", "-d", "@\(moment)", "+%Y%m%d %Y-%m-%dT%H:%M:%S"])
        #expect(said.text == time.dateText + " " + time.timestampText + "\n")
        #expect(time.minuteOfDay == time.hour * 60 + time.minute)
        #expect(time.unixSeconds == moment)
    }

    @Test func nowIsNow() {
        let now = SystemClock.local().unixSeconds
        #expect(abs(now - Int64(Date().timeIntervalSince1970)) <= 2)
    }
}
