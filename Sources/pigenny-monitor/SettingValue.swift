import ChargePolicy
import Platform

/// The value of a setting as it was given. What it should have been is noted where it is not that.
struct SettingValue {
    /// As given.
    let text: String
    /// What it should have been; nil where all was well so far.
    private(set) var problem: String?

    init(_ text: String) { self.text = text }

    mutating func seconds(_ range: ClosedRange<Int64>) -> Duration? {
        if let milliseconds = OptionValue.milliseconds(text),
            range.lowerBound * 1000 <= milliseconds, milliseconds <= range.upperBound * 1000
        {
            return .milliseconds(milliseconds)
        }
        problem = "seconds from \(range.lowerBound) to \(range.upperBound)"
        return nil
    }

    /// A pause of at least a millisecond.
    mutating func pause(upTo most: Int64) -> Duration? {
        if let milliseconds = OptionValue.milliseconds(text), milliseconds >= 1,
            milliseconds <= most * 1000
        {
            return .milliseconds(milliseconds)
        }
        problem = "seconds from 0.001 to \(most)"
        return nil
    }

    mutating func whole(_ range: ClosedRange<Int>) -> Int? {
        if let number = Int(text), range.contains(number) { return number }
        problem = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return nil
    }

    /// Volts with up to three decimals, in millivolts.
    mutating func millivolts() -> Int? {
        if let thousandths = OptionValue.milliseconds(text), (40_000...60_000).contains(thousandths)
        {
            return Int(thousandths)
        }
        problem = "volts from 40 to 60, or off"
        return nil
    }

    mutating func days(upTo most: Int) -> Duration? {
        guard let days = whole(1...most) else {
            problem = "days from 1 to \(most), or off"
            return nil
        }
        return .seconds(days * 86_400)
    }

    mutating func yesNo() -> Bool? {
        if text == "yes" { return true }
        if text == "no" { return false }
        problem = "yes or no"
        return nil
    }

    /// An absolute path.
    mutating func path() -> String? {
        if text.utf8.first == 0x2F { return text }
        problem = "an absolute path"
        return nil
    }

    /// `22:00-07:00`.
    mutating func window() -> DayWindow? {
        let ends = text.utf8.split(separator: 0x2D, omittingEmptySubsequences: false)
        if ends.count == 2, let from = Self.minute(ends[0]), let to = Self.minute(ends[1]),
            let window = DayWindow(from: from, to: to)
        {
            return window
        }
        problem = "hours as 22:00-07:00, or off"
        return nil
    }

    /// Whether it switches the setting off.
    var isOff: Bool { text == "off" }

    private static func minute(_ text: Substring.UTF8View) -> Int? {
        let parts = text.split(separator: 0x3A, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].count == 2, parts[1].count == 2,
            let hour = number(parts[0]), let minute = number(parts[1]), hour < 24, minute < 60
        else { return nil }
        return hour * 60 + minute
    }

    private static func number(_ text: Substring.UTF8View) -> Int? {
        guard text.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(String(decoding: text, as: UTF8.self))
    }
}
