import GeneratorWire
import RemoteOps

/// The gate `generator-idle` in its first form: two readings a second apart that both show an idle
/// generator, asked through the session to the host. Unknown is closed.
///
/// It does not hold the server idle: a START between the second reading and the restart is still
/// possible. The server's HOLD will close that window.
enum GeneratorGate {
    /// Between the two readings.
    static let pause = Duration.seconds(1)

    /// Nil where the generator is idle, else why the gate is closed.
    static func reasonToWait(_ remote: any RemoteHost, port: Int) async -> String? {
        for reading in 1...2 {
            do {
                if reading == 2 { try await Task.sleep(for: pause) }
                let status = try await GeneratorClient.status(through: remote, port: port)
                if !status.showsIdle { return reason(status) }
            } catch let error as GeneratorClient.Failure {
                return "its state could not be read, and unknown counts as running (\(error.text))"
            } catch {
                return "the look at it was cancelled"
            }
        }
        return nil
    }

    /// What is not as it must be.
    static func reason(_ status: GeneratorStatus) -> String {
        if status.startInProgress == .value(true) { return "a start is in progress" }
        switch status.engine {
        case .running: return "the engine runs"
        case .cranking: return "the starter is engaged"
        case .unknown: return "its inputs cannot be read, and unknown counts as running"
        case .standing: break
        }
        if let relays = status.relays.known, !relays.isEmpty { return "relays are on" }
        return "its answer is not that of an idle generator"
    }
}
