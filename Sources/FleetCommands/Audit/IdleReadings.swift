import RemoteOps

/// Whether a generator is idle, for `audit --fix`: two readings a second apart, asked through the
/// session to its host. Unknown counts as running.
///
/// The server is not held: what is about to be ended is no server of ours, as often as not. A START
/// between the second reading and the last step stays possible, so the steps are few and quick.
enum IdleReadings {
    /// Between the two readings.
    static let pause = Duration.seconds(1)

    /// Nil where the generator is idle and held by nobody else.
    static func reasonToWait(
        _ remote: any RemoteHost, port: Int, owner: String
    ) async -> String? {
        for reading in 1...2 {
            do {
                if reading == 2 { try await Task.sleep(for: pause) }
                let status = try await GeneratorClient.status(through: remote, port: port)
                if let reason = GateJudge.reason(status, owner: owner) { return reason }
            } catch let error as GeneratorClient.Failure {
                return "its state could not be read, and unknown counts as running (\(error.text))"
            } catch {
                return "the look at it was cancelled"
            }
        }
        return nil
    }
}
