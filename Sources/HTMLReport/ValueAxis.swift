import Foundation

/// The left edge of a chart: from where to where, and which values are marked.
struct ValueAxis: Equatable {
    /// About so many marks.
    private static let aim = 4.0

    /// From where to where; never empty.
    let range: ClosedRange<Double>
    /// The values that are marked, each a round number.
    let ticks: [Double]
    private let decimals: Int

    /// An axis for values from … to; `fixed` is shown at least.
    init(_ values: ClosedRange<Double>?, fixed: ClosedRange<Double>?) {
        let bounds = [values, fixed].compactMap { $0 }
        let low = bounds.map(\.lowerBound).min() ?? 0
        let high = bounds.map(\.upperBound).max() ?? 1
        // A line of one value gets some room; half a percent, so that small and great ones do.
        let room = high > low ? 0 : max(abs(high) * 0.005, 0.5)
        let step = Self.step((high + room - (low - room)) / Self.aim)
        let first = ((low - room) / step).rounded(.down)
        let last = max(((high + room) / step).rounded(.up), first + 1)
        range = first * step...last * step
        ticks = (0...min(Int(last - first), 20)).map { (first + Double($0)) * step }
        decimals = max(0, min(6, Int((-log10(step)).rounded(.up))))
    }

    /// 1, 2 or 5 times a power of ten, the next above.
    private static func step(_ rough: Double) -> Double {
        guard rough.isFinite, rough > 1e-9 else { return 1e-9 }
        let power = pow(10, log10(rough).rounded(.down))
        let share = rough / power
        return power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10)
    }

    /// A value of this axis as text, with as many decimals as the marks need, or `more`.
    func text(_ value: Double, more: Int = 0) -> String {
        NumberText.decimal(value, decimals + more)
    }
}

/// Numbers as text, the same on every machine.
enum NumberText {
    /// A number with so many decimals, and blanks between the thousands.
    static func decimal(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return value < 0 ? "-∞" : "∞" }
        let text = String(format: "%.\(decimals)f", abs(value))
        let parts = text.split(separator: ".")
        var grouped = ""
        for (index, digit) in parts[0].enumerated() {
            // U+2009 THIN SPACE; four digits stay together.
            let left = parts[0].count - index
            if index > 0, left % 3 == 0, parts[0].count > 4 { grouped += "\u{2009}" }
            grouped.append(digit)
        }
        let isZero = !text.contains { $0 != "0" && $0 != "." }
        return (value < 0 && !isZero ? "−" : "") + grouped
            + (parts.count > 1 ? "." + parts[1] : "")
    }

    /// A coordinate with at most one decimal.
    static func coordinate(_ value: Double) -> String { tenths(Int((value * 10).rounded())) }

    /// So many tenths: `1.5`, `-.3`, as short as SVG allows.
    static func tenths(_ count: Int) -> String {
        let sign = count < 0 ? "-" : ""
        let (whole, rest) = (abs(count) / 10, abs(count) % 10)
        if rest == 0 { return "\(sign)\(whole)" }
        return whole == 0 ? "\(sign).\(rest)" : "\(sign)\(whole).\(rest)"
    }
}
