/// Durations as the inventory writes them: `10s`, `2m`, `1h30m`.
public enum DurationText {
    /// Digits before a unit: no duration here comes near a million hours.
    static let digitLimit = 6

    /// The units, in the order in which they are written.
    private static let units: [(letter: Character, seconds: Int)] = [
        ("h", 3600), ("m", 60), ("s", 1),
    ]

    /// The duration that `text` means; nil where it means none. Each unit at most once, hours
    /// before minutes before seconds.
    public static func parse(_ text: String) -> Duration? {
        var rest = Substring(text)
        var seconds = 0
        var remaining = units[...]
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            guard (1...digitLimit).contains(digits.count), let number = Int(digits),
                let letter = rest.popFirst(),
                let unit = remaining.firstIndex(where: { $0.letter == letter })
            else { return nil }
            seconds += number * remaining[unit].seconds
            remaining = remaining[(unit + 1)...]
        }
        return .seconds(seconds)
    }

    /// A duration as it is written, whole seconds, such as `1h30m`; `0s` for none.
    public static func format(_ duration: Duration) -> String {
        var seconds = duration.components.seconds
        var text = ""
        for unit in units {
            let count = seconds / Int64(unit.seconds)
            if count != 0 { text += "\(count)\(unit.letter)" }
            seconds -= count * Int64(unit.seconds)
        }
        return text.isEmpty ? "0s" : text
    }
}
