import Testing

/// Breaks deploys off at every point at which their host has just made something last, in several
/// ways, and sees that each host comes up whole, and that the next deploy leaves no trace. Several
/// hosts share the work: most of it is waiting.
struct CrashMatrix {
    /// How a deploy is broken off.
    enum Fault: String {
        case powerCut = "power cut"
        case clientKilled = "client killed"
        case linkCut = "link cut"
        case scriptKilled = "script killed"
    }

    /// Which way the host was going.
    enum Way {
        /// Through the steps to the end.
        case forth
        /// Back, because nobody confirmed.
        case back
    }

    /// One deploy that is to be broken off.
    struct Crash: CustomStringConvertible {
        var way: Way
        /// The point, from 1.
        var number: Int
        var name: String
        var fault: Fault
        /// Whether the deploy has been confirmed by then.
        var isDecided: Bool
        /// Whether the marker stands and nobody looks at it yet: a script that is killed there has
        /// changed nothing, and the next deploy, or boot, removes the marker.
        var isUnwatched = false

        var description: String {
            "\(way == .forth ? "" : "back: ")\(number) \(name), \(fault.rawValue)"
        }

        /// What the host must come up on; nil where both are right.
        func expected(_ old: String, _ new: String) -> String? {
            switch (way, fault) {
            case (.back, _): old
            case (.forth, .scriptKilled) where isUnwatched: old
            case (.forth, .powerCut): isDecided ? new : old
            case (.forth, .clientKilled), (.forth, .linkCut), (.forth, .scriptKilled): nil
            }
        }
    }

    /// What came of it.
    struct Row {
        var crash: Crash
        /// What ran when the host had come to rest, and after the next deploy.
        var cameUpOn: String
        var afterNext: String
        /// What that deploy left behind.
        var left: String
    }

    /// The deploys that are not begun yet, and what came of the others.
    private actor Work {
        private var open: ArraySlice<Crash>
        private(set) var rows: [Row] = []

        init(_ crashes: [Crash]) { open = crashes[...] }

        func next() -> Crash? { open.popFirst() }
        func add(_ row: Row) { rows.append(row) }
    }

    private(set) var rows: [Row] = []
    private(set) var expected = 0
    let title: String
    private let shards: [CrashShard]

    init(_ title: String, _ shards: [CrashShard]) {
        self.title = title
        self.shards = shards
    }

    /// Every point of a deploy, or every third say, by every one of these faults; also of the way
    /// back, by those.
    mutating func run(_ faults: [Fault], back: [Fault], every stride: Int = 1) async throws {
        let began = ContinuousClock.now
        try await withThrowingTaskGroup { group in
            for shard in shards { group.addTask { try await shard.establish() } }
            try await group.waitForAll()
        }
        let points = try await shards[0].points()
        let confirmed = try #require(points.firstIndex(of: "journal confirmed"), "\(points)")
        let marked = try #require(points.firstIndex(of: "mv .transaction"), "\(points)")
        let watched = try #require(
            points.firstIndex { $0 == "watched" || $0 == "systemctl start fleet-watch.timer" },
            "\(points)")
        var crashes: [Crash] = []
        for (index, name) in points.enumerated() where index % stride == 0 {
            crashes += faults.map {
                Crash(
                    way: .forth, number: index + 1, name: name, fault: $0,
                    isDecided: index >= confirmed, isUnwatched: (marked..<watched) ~= index)
            }
        }
        if !back.isEmpty {
            let pointsBack = try await shards[0].pointsBack()
            for (index, name) in pointsBack.enumerated() where index % stride == 0 {
                crashes += back.map {
                    Crash(way: .back, number: index + 1, name: name, fault: $0, isDecided: false)
                }
            }
        }
        expected = crashes.count
        let work = Work(crashes)
        await withTaskGroup { group in
            for shard in shards {
                group.addTask {
                    while let crash = await work.next() {
                        do {
                            await work.add(try await shard.breakOff(crash))
                        } catch {
                            Issue.record("\(crash): \(error)")
                            return
                        }
                    }
                }
            }
        }
        rows = await work.rows
        printTable(ContinuousClock.now - began)
    }

    /// The rows as a table, for whoever reads the test's output.
    private func printTable(_ duration: Duration) {
        print("\(title): \(rows.count) of \(expected) rows in \(duration.components.seconds) s")
        for row in rows {
            print(
                "  \(row.crash.description.padded(56))\(row.cameUpOn.padded(20))"
                    + "\(row.afterNext.padded(20))\(row.left)")
        }
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
