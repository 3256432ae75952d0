import Foundation
import Health
import MetricsServer
import Synchronization

/// Asks the fleet again and again, one round at a time, and keeps the page for the server.
final class ExporterLoop: Sendable {
    /// Between the end of a round that took too long and the beginning of the next.
    static let pauseMin = Duration.seconds(1)

    private let page: Mutex<ExporterPage>
    private let interval: Duration
    private let round: @Sendable () async -> FleetHealth
    private let record: @Sendable (FleetHealth) -> Bool

    /// - Parameters:
    ///   - round: asks the fleet; ends by its own limits.
    ///   - record: gives a round to the history; false where that failed.
    init(
        interval: Duration, round: @escaping @Sendable () async -> FleetHealth,
        record: @escaping @Sendable (FleetHealth) -> Bool
    ) {
        page = Mutex(ExporterPage(interval: interval))
        self.interval = interval
        self.round = round
        self.record = record
    }

    /// The answer to a path; nil where there is nothing.
    func reply(to path: String) -> MetricsServer.Reply? {
        let page = page.withLock { $0 }
        return page.reply(to: path, now: .now)
    }

    /// Rounds until the task is cancelled.
    func run() async {
        let clock = ContinuousClock()
        while !Task.isCancelled {
            let start = clock.now
            let health = await round()
            // What was cut short says nothing of the fleet.
            if Task.isCancelled { return }
            let end = clock.now
            let isRecorded = record(health)
            page.withLock {
                $0.finish(health, at: end, duration: end - start, isRecorded: isRecorded)
            }
            let next = max(start + interval, clock.now + Self.pauseMin)
            // Only cancellation ends a sleep early.
            try? await clock.sleep(until: next)
        }
    }
}
