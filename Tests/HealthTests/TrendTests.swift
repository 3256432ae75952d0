import Foundation
import Health
import Testing

@Suite struct TrendTests {
    private func points(_ values: [Double], step: Double = 3600) -> [MetricPoint] {
        values.enumerated().map { MetricPoint(time: Double($0.offset) * step, value: $0.element) }
    }

    @Test func aWildPointDoesNotTurnATrend() throws {
        var values = (0..<48).map { 0.5 + Double($0) * 0.001 }
        values[20] = 0.99
        values[30] = 0.01
        let trend = try #require(Trend(points(values), spanMin: 3600))
        #expect(abs(trend.slope * 3600 - 0.001) < 0.0001)
        let left = try #require(trend.time(to: 1))
        #expect(abs(left / 3600 - 455) < 20)
    }

    @Test func tooFewPointsAndTooShortATimeAreNoTrend() {
        #expect(Trend(points([1, 2, 3]), spanMin: 60) == nil)
        #expect(Trend(points([1, 2, 3, 4, 5, 6], step: 1), spanMin: 60) == nil)
        #expect(Trend(points([1, 2, .nan, 3, 4, 5]), spanMin: 60) == nil)
        #expect(Trend([], spanMin: 0) == nil)
    }

    @Test func whatShrinksIsNeverFull() throws {
        let trend = try #require(Trend(points([6, 5, 4, 3, 2, 1]), spanMin: 60))
        #expect(trend.time(to: 10) == nil)
        #expect(trend.rising == 0)
    }

    @Test func aDiskThatFillsUpIsForetold() throws {
        var sample = try Sample()
        // From 10 % to 30 % within 5 days: 18 days are left, 12 at twice the pace.
        sample.remember(
            "disk_used_ratio", ["mount": "/"], days: 5, (0..<60).map { 0.10 + Double($0) / 300 })
        #expect(try sample.troubles() == [])
        sample.remember(
            "disk_used_ratio", ["mount": "/"], days: 2.5, (0..<60).map { 0.10 + Double($0) / 300 })
        #expect(try sample.troubles() == ["disk-trend /"])
        sample.remember(
            "disk_used_ratio", ["mount": "/"], days: 5, Array(repeating: 0.3, count: 60))
        #expect(try sample.troubles() == [])
    }

    @Test func memoryThatGrowsAndDoesNotComeBackIsALeak() throws {
        var sample = try Sample()
        let labels = ["service": "proxy"]
        let growing = (0..<40).map { 10e6 + Double($0) * 0.5e6 }
        sample.remember("service_memory_bytes", labels, days: 1, growing)
        #expect(try sample.troubles() == ["memory-growth"])
        // A saw is none.
        let saw = (0..<40).map { 20e6 + Double($0 % 5) * 5e6 }
        sample.remember("service_memory_bytes", labels, days: 1, saw)
        #expect(try sample.troubles() == [])
        // What grew before the service was started anew does not count.
        sample.remember("service_memory_bytes", labels, days: 1, growing)
        let place = try #require(sample.lines.firstIndex(of: "|Id=proxy.service"))
        sample.lines[place + 11] = "|StateChangeTimestampMonotonic=863000000000"
        #expect(try sample.troubles() == [])
    }

    @Test func clientsThatNeverEndAreALeak() throws {
        var sample = try Sample(host: "olimex")
        sample.replace("|THREADS", with: "|THREADS: 7")
        #expect(try sample.troubles() == [])
        // One an hour, as the older server had it.
        sample.remember(
            "generator_clients", ["service": "gen-server"], days: 0.25, [1, 2, 3, 4, 5, 6])
        let verdict = try sample.health().verdicts.first { $0.level > .ok }
        #expect(verdict?.check == "generator-clients")
        #expect(verdict?.runbook == "thread-or-memory-leak")
    }

    @Test func restartsOfTheLastDayCount() throws {
        var sample = try Sample()
        let place = try #require(sample.lines.firstIndex(of: "|Id=proxy.service"))
        sample.lines[place + 5] = "|NRestarts=4"
        // All of them long ago.
        sample.remember("service_restarts_total", ["service": "proxy"], days: 0.9, [4, 4, 4])
        #expect(try sample.troubles() == [])
        sample.remember("service_restarts_total", ["service": "proxy"], days: 0.9, [0, 1, 2])
        #expect(try sample.troubles() == ["restarts"])
    }

    @Test func theLowestVoltageOfEachDayTellsASag() throws {
        var sample = try Sample()
        func days(_ fall: Double) -> [Double] {
            (0..<60).map { 53 - fall * Double($0 / 10) + Double($0 % 10) * 0.2 }
        }
        sample.remember("battery_volts", days: 6, days(0.5))
        #expect(try sample.troubles() == ["voltage-sag"])
        sample.remember("battery_volts", days: 6, days(0))
        #expect(try sample.troubles() == [])
    }
}
