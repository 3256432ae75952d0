// A slow link: Tests/Lab/wire.py in the foreground, for as long as the handle lives.

import Foundation

extension Lab {
    /// Adds delay to a host's link: each round trip takes `roundTrip` longer, give or take `jitter`
    /// each way, and `loss` (0 to 1) of the frames never arrive. Ended by the handle.
    public func wire(
        _ host: String, _ interface: String, roundTrip: Duration, jitter: Duration = .zero,
        loss: Double = 0
    ) async throws -> LabWire {
        let process = try LabProcess.start([
            script, "wire", host, interface, String(roundTrip.milliseconds),
            String(jitter.milliseconds), String(loss),
        ])
        let wire = LabWire(process: process)
        guard try await process.line(deadline: .seconds(10)) == "ready" else {
            try await wire.end()
            throw LabError(message: "the wire at \(host) \(interface) did not start")
        }
        return wire
    }
}

/// A delay on a link; the link is fast again after `end`.
public final class LabWire: Sendable {
    private let process: LabProcess

    init(process: LabProcess) { self.process = process }

    /// Ends the delay and waits until the link is as it was. A second call does nothing.
    public func end() async throws { try await process.end() }

    deinit { process.interrupt() }
}

extension Duration {
    /// With fractions, for command lines.
    var milliseconds: Double {
        Double(components.seconds) * 1e3 + Double(components.attoseconds) / 1e15
    }
}
