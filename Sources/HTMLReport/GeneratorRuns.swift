/// When the generator ran, from rows that say at their time whether it does. A time of which no row
/// tells is neither: it is not known.
public struct GeneratorRuns: Sendable, Equatable {
    /// One run as far as it was seen.
    public struct Run: Sendable, Equatable {
        /// From its first row to the first one without it, or to the last one before a gap.
        public var span: TimeSpan
        /// Whether the row before the first one said that the engine stands.
        public var isBeginSeen: Bool
        /// Whether the row after the last one said so.
        public var isEndSeen: Bool
    }

    /// Most runs that are kept; the oldest go.
    public static let runsMax = 10_000
    /// A pause of the rows that is longer says nothing of the time between, in seconds.
    public static let gapMax = 1800.0

    /// The runs, oldest first.
    public private(set) var runs: [Run] = []
    /// The times of which it is known whether the engine ran, oldest first.
    public private(set) var known: [TimeSpan] = []
    private var last: (time: Double, isRunning: Bool)?

    /// Nothing is known yet.
    public init() {}

    /// Whether the same runs are known of the same times.
    public static func == (left: GeneratorRuns, right: GeneratorRuns) -> Bool {
        left.runs == right.runs && left.known == right.known
    }

    /// Takes the next row; times never go back.
    public mutating func add(time: Double, isRunning: Bool?) {
        guard let isRunning else { return }
        let before = last.flatMap { time - $0.time <= Self.gapMax ? $0 : nil }
        last = (time, isRunning)
        guard let before else {
            known.append(TimeSpan(time, time))
            if known.count > Self.runsMax { known.removeFirst() }
            if isRunning { begin(time, isSeen: false) }
            return
        }
        known[known.count - 1].to = max(known[known.count - 1].to, time)
        if before.isRunning, var run = runs.popLast() {
            run.span.to = max(run.span.to, time)
            run.isEndSeen = !isRunning
            runs.append(run)
        } else if isRunning {
            begin(time, isSeen: true)
        }
    }

    private mutating func begin(_ time: Double, isSeen: Bool) {
        runs.append(Run(span: TimeSpan(time, time), isBeginSeen: isSeen, isEndSeen: false))
        if runs.count > Self.runsMax { runs.removeFirst() }
    }

    /// Hours of a time in which the engine ran; nil where nothing is known of that time.
    func hours(in span: TimeSpan) -> Double? {
        guard known.contains(where: { $0.within(span) != nil }) else { return nil }
        return runs.compactMap { $0.span.within(span)?.seconds }.reduce(0, +) / 3600
    }
}
