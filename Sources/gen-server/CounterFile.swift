import GeneratorCore
import Platform

/// The engine's service hours and starts, kept over reboots. Flash wears: it is written when a run
/// ends and now and then within a long one.
struct CounterFile {
    private static var interval: Duration { .seconds(900) }
    private static var limit: Int { 256 }

    private let path: String
    private var saved = ServiceCounters()

    /// Nil counters where there is no file yet, or none that can be read.
    init(path: String) { self.path = path }

    mutating func read() -> ServiceCounters {
        var counters = ServiceCounters()
        for line in (TextFile.read(path, limit: Self.limit) ?? []).split(separator: 0x0A) {
            let parts = line.split(separator: 0x3D, maxSplits: 1)
            guard parts.count == 2, let value = Int64(String(decoding: parts[1], as: UTF8.self)),
                value >= 0, value < 1 << 40
            else { continue }
            switch String(decoding: parts[0], as: UTF8.self) {
            case "run_seconds": counters.runTime = .seconds(value)
            case "starts": counters.starts = Int(clamping: value)
            default: break
            }
        }
        saved = counters
        return counters
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
