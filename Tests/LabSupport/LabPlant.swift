// An engine behind the emulated board: its inputs follow the relays.

import Foundation

/// What an engine does when it is cranked.
public enum LabEngine: Sendable {
    /// It runs after 0.3 s.
    case catches
    /// Nothing.
    case dead
}

extension Lab {
    private static let catchTime: Duration = .milliseconds(300)
    private static let plantStep: Duration = .milliseconds(10)

    /// Runs the plant at olimex's board until the task is cancelled.
    public func plant(_ engine: LabEngine = .catches) -> Task<Void, any Error> {
        Task {
            var crankedSince: ContinuousClock.Instant?
            var runs = false
            while !Task.isCancelled {
                let relays = try relays()
                let now = ContinuousClock.now
                crankedSince = relays & 1 == 1 ? crankedSince ?? now : nil
                if let crankedSince, now - crankedSince > Self.catchTime {
                    runs = engine == .catches
                }
                if relays & 8 == 0 { runs = false }
                let inputs = (runs ? 1 : 0) | (relays & 8 != 0 ? 2 : 0) | (relays & 1 == 1 ? 8 : 0)
                try setInputs(UInt8(inputs))
                try await Task.sleep(for: Self.plantStep)
            }
        }
    }
}
