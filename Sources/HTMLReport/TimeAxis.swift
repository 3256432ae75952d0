/// The lower edge of a chart: which times are marked, and how. Marks stand at whole hours, midnights,
/// firsts of a month and of a year by the local clock.
struct TimeAxis {
    /// A mark.
    struct Tick: Equatable {
        var time: Double
        var text: String
    }

    private enum Step {
        case seconds(Int)
        case days(Int)
        case months(Int)

        /// About how long it is.
        var seconds: Double {
            switch self {
            case .seconds(let count): Double(count)
            case .days(let count): Double(count * 86_400)
            case .months(let count): Double(count) * 30.44 * 86_400
            }
        }
    }

    /// Most marks: their texts stand side by side.
    private static let ticksMax = 6.0

    private static let steps: [Step] =
        [60, 300, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200].map(Step.seconds)
        + [1, 2, 4, 7, 14].map(Step.days) + [1, 2, 3, 6, 12, 24, 60, 120, 1200].map(Step.months)

    let ticks: [Tick]

    init(_ span: TimeSpan, _ clock: ReportClock) {
        let step =
            Self.steps.first { span.seconds / $0.seconds <= Self.ticksMax } ?? .months(24_000)
        let from = clock.local(span.from)
        let to = clock.local(span.to)
        ticks = Self.marks(step, from, to).map { local in
            Tick(time: clock.universal(local), text: Self.text(local, step, clock))
        }
        .filter { $0.time >= span.from && $0.time <= span.to }
    }

    /// The marks from a little before the span to its end, in local seconds.
    private static func marks(_ step: Step, _ from: Int, _ to: Int) -> [Int] {
        let day = ReportClock.day
        switch step {
        case .seconds(let count): return multiples(of: count, from, to)
        // 1970-01-05 was a Monday: weeks begin where people begin them.
        case .days(let count):
            let offset = count % 7 == 0 ? 4 * day : 0
            return multiples(of: count * day, from - offset, to - offset).map { $0 + offset }
        case .months(let count):
            let first = ReportClock.civil(days: ReportClock.floorDivide(from, day))
            let last = ReportClock.civil(days: ReportClock.floorDivide(to, day))
            let begin = (first.year * 12 + first.month - 1) / count * count
            return stride(from: begin, through: last.year * 12 + last.month - 1, by: count).map {
                let month = ReportClock.Day(year: $0 / 12, month: $0 % 12 + 1, day: 1)
                return ReportClock.days(of: month) * day
            }
        }
    }

    private static func multiples(of count: Int, _ from: Int, _ to: Int) -> [Int] {
        Array(stride(from: ReportClock.floorDivide(from, count) * count, through: to, by: count))
    }

    private static func text(_ local: Int, _ step: Step, _ clock: ReportClock) -> String {
        switch step {
        case .seconds:
            let isMidnight = local % ReportClock.day == 0
            return isMidnight ? clock.dayText(local) : clock.timeOfDay(local)
        case .days: return clock.dayText(local)
        case .months(let count):
            let text = clock.monthText(local)
            return count % 12 == 0 ? String(text.suffix(4)) : text
        }
    }
}
