import GeneratorCore
import Platform

/// The engine's service hours and starts, kept over reboots. Flash wears: it is written when a run
/// ends and now and then within a long one.
struct CounterFile {
    private static var interval: Duration { .seconds(900) }
    private static var limit: Int { 256 }

    private let path: String
    private var saved = ServiceCounters()

    init(path: String) { self.path = path }

    /// The counters; zero where there is no file yet, or none that can be read.
    mutating func read() -> ServiceCounters {
        let values = KeyValueText(TextFile.read(path, limit: Self.limit) ?? [])
        let range: ClosedRange<Int64> = 0...Int64(Int32.max)
        saved = ServiceCounters(
            runTime: .seconds(values.number("run_seconds", in: range) ?? 0),
            starts: Int(values.number("starts", in: range) ?? 0))
        return saved
    }

    /// Writes what has been added; `atEnd` also where it is little.
    mutating func write(_ counters: ServiceCounters, atEnd: Bool) throws(PosixError) {
        let added = counters.runTime - saved.runTime
        let isMore = added >= .seconds(1) || counters.starts != saved.starts
        guard added >= Self.interval || atEnd && isMore else { return }
        // Also after a failure: what cannot be written is not tried at every turn.
        saved = counters
        if let slash = path.utf8.lastIndex(of: 0x2F), slash > path.startIndex {
            try TextFile.makeFolder(String(path[..<slash]))
        }
        let text =
            "run_seconds=\(counters.runTime.components.seconds)\nstarts=\(counters.starts)\n"
        try TextFile.replace(path, with: Array(text.utf8), .durable)
    }
}
