import Foundation

/// The time in which nobody controlled the relays: from the end of the old server to the first
/// answer of the new one, as the host measured it.
struct UncontrolledTime: Sendable, Equatable {
    var service: String
    var duration: Duration

    /// The time in words, for the talk and the history.
    var text: String {
        "nobody controlled the relays for \(String(format: "%.2f", duration.seconds)) s "
            + "(\(service))"
    }
}
