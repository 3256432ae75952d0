import ArgumentParser
import Inventory

/// A time back from now on a command line: `7d`, `12h`, `1h30m`.
struct HistorySpan: ExpressibleByArgument, CustomStringConvertible {
    /// Ten years: nothing is kept for longer.
    private static let daysMax = 3653

    /// More than 0.
    let seconds: Double
    let description: String

    init?(argument: String) {
        description = argument
        if argument.hasSuffix("d"), argument.first?.isNumber == true,
            let days = Int(argument.dropLast()), (1...Self.daysMax).contains(days)
        {
            seconds = Double(days) * 86_400
        } else if let duration = DurationText.parse(argument), duration > .zero {
            seconds = Double(duration.components.seconds)
        } else {
            return nil
        }
    }
}
