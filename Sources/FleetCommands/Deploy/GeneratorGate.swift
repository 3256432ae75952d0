import GeneratorWire
import Inventory
import RemoteOps

/// The gate `generator-idle` in its first form: two readings a second apart that both show an idle
/// generator, asked through the session to the host. Unknown is closed.
///
/// It does not hold the server idle: a START between the second reading and the restart is still
/// possible. The server's HOLD closes that window.
enum GeneratorGate {
    /// Between the two readings.
    static let pause = Duration.seconds(1)
    /// For connecting and for each answer.
    static let timeout = Duration.seconds(10)

    /// Nil where the generator is idle, else why the gate is closed.
    static func reasonToWait(_ remote: any RemoteHost, port: Int) async -> String? {
        for reading in 1...2 {
            do {
                if reading == 2 { try await Task.sleep(for: pause) }
                let status = try await GeneratorClient.status(through: remote, port: port)
                if let reason = reasonToWait(status) { return reason }
            } catch let error as RemoteError {
                return "its state could not be read (\(error.message))"
            } catch {
                return "its state could not be read (\(error))"
            }
        }
        return nil
    }
}
