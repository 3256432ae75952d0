import Foundation

/// Times as the report shows them: in one time zone, by the calendar that everybody uses there.
/// Foundation's formatters look into the locale; a report is the same on every machine.
public struct ReportClock: Sendable {
    /// The time zone of all times.
    public let timeZone: TimeZone

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    static let day = 86_400

    /// A clock for a time zone.
    public init(_ timeZone: TimeZone) { self.timeZone = timeZone }

    /// A day of the calendar.
    struct Day: Equatable {
        var year: Int
        var month: Int
        var day: Int
    }

    /// `2026-11-21 20:31`.
    func text(_ seconds: Double) -> String {
        let local = local(seconds)
        let day = Self.civil(days: Self.floorDivide(local, Self.day))
        return "\(day.year)-\(Self.two(day.month))-\(Self.two(day.day)) " + timeOfDay(local)
    }

    /// The same.
    func text(_ date: Date) -> String { text(date.timeIntervalSince1970) }

    /// `20261121`, as the names of the monitor's files have it.
    public func dateDigits(_ seconds: Double) -> String {
        String(text(seconds).prefix(10).filter { $0 != "-" })
    }

    /// `14:05`, of local seconds.
    func timeOfDay(_ local: Int) -> String {
        let second = local - Self.floorDivide(local, Self.day) * Self.day
        return Self.two(second / 3600) + ":" + Self.two(second / 60 % 60)
    }

    /// `21 Nov`, of local seconds.
    func dayText(_ local: Int) -> String {
        let day = Self.civil(days: Self.floorDivide(local, Self.day))
        return "\(day.day) \(Self.months[day.month - 1])"
    }

    /// `Nov 2026`, of local seconds.
    func monthText(_ local: Int) -> String {
        let day = Self.civil(days: Self.floorDivide(local, Self.day))
        return "\(Self.months[day.month - 1]) \(day.year)"
    }

    /// How far the zone's clocks are ahead of UTC then: `UTC`, `UTC+01:00`.
    func offsetText(_ date: Date) -> String {
        let offset = timeZone.secondsFromGMT(for: date)
        guard offset != 0 else { return "UTC" }
        let minutes = abs(offset) / 60
        return "UTC" + (offset < 0 ? "-" : "+") + Self.two(minutes / 60) + ":"
            + Self.two(minutes % 60)
    }

    /// Seconds since 1970 as the zone's clocks count them. Times beyond what a calendar is for are
    /// its ends.
    func local(_ seconds: Double) -> Int {
        // To the end of the year 9999.
        let bounded = seconds.isFinite ? min(max(seconds, 0), 253_402_300_799) : 0
        let date = Date(timeIntervalSince1970: bounded)
        return Int(bounded.rounded(.down)) + timeZone.secondsFromGMT(for: date)
    }

    /// The time at which the zone's clocks show these seconds. Of an hour that comes twice the
    /// first, of one that is left out the one after.
    func universal(_ local: Int) -> Double {
        let guess = Double(local - timeZone.secondsFromGMT(for: Self.date(local)))
        return Double(
            local - timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: guess)))
    }

    private static func date(_ seconds: Int) -> Date {
        Date(timeIntervalSince1970: Double(seconds))
    }

    /// The time of a stamp such as `2026-01-31T12:00:00`; nil where it is none.
    func seconds(stamp: String) -> Double? {
        let digits = Array(stamp.utf8.prefix(19))
        guard digits.count == 19 else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            Int(String(decoding: digits[range], as: UTF8.self))
        }
        guard let year = number(0..<4), let month = number(5..<7), (1...12).contains(month),
            let day = number(8..<10), (1...31).contains(day), let hour = number(11..<13),
            let minute = number(14..<16), let second = number(17..<19)
        else { return nil }
        let days = Self.days(of: Day(year: year, month: month, day: day))
        return universal(days * Self.day + hour * 3600 + minute * 60 + second)
    }

    // MARK: Calendar

    /// The day so many days after 1970-01-01 (H. Hinnant, chrono-compatible low-level date
    /// algorithms, `civil_from_days`).
    static func civil(days: Int) -> Day {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let ofEra = shifted - era * 146_097
        let year = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let month = (5 * ofYear + 2) / 153
        let day = ofYear - (153 * month + 2) / 5 + 1
        let isNextYear = month >= 10
        return Day(
            year: year + era * 400 + (isNextYear ? 1 : 0),
            month: isNextYear ? month - 9 : month + 3, day: day)
    }

    /// Days from 1970-01-01 to a day (`days_from_civil`).
    static func days(of day: Day) -> Int {
        let year = day.month <= 2 ? day.year - 1 : day.year
        let era = floorDivide(year, 400)
        let ofEra = year - era * 400
        let ofYear = (153 * (day.month + (day.month > 2 ? -3 : 9)) + 2) / 5 + day.day - 1
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }

    static func floorDivide(_ value: Int, _ divisor: Int) -> Int {
        value >= 0 ? value / divisor : -((divisor - 1 - value) / divisor)
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// A time that passed, in its two largest units at most: `3 d 4 h`, `12 min`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e10 else { return "very long" }
        let total = max(0, Int(seconds))
        let units = [(total / day, "d"), (total / 3600 % 24, "h"), (total / 60 % 60, "min")]
        let parts = units.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }
        return parts.isEmpty ? "\(total) s" : parts.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }
}
