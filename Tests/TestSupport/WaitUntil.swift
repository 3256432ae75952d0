// The only place in the tests that polls. Nothing else sleeps to let something happen.

import Testing

/// How often `waitUntil` asks.
private let pollInterval: Duration = .milliseconds(20)

/// Asks again and again until `condition` holds; throws, naming `what`, when the deadline passes.
public func waitUntil(
    _ what: String, deadline: Duration = .seconds(10),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + deadline
    while try await !condition() {
        guard clock.now < end else {
            let place = "\(sourceLocation.fileName):\(sourceLocation.line)"
            throw NotInTime(description: "\(place): not within \(deadline): \(what)")
        }
        try await Task.sleep(for: pollInterval)
    }
}

/// A condition did not come true in time.
public struct NotInTime: Error, CustomStringConvertible {
    /// Where it was waited for, how long, and for what.
    public let description: String
}
