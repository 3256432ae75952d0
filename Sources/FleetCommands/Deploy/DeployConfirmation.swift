import RemoteOps

/// Tells a host over a new connection that its deploy can stay. A connection that is open already
/// proves nothing: it lives on where no new one would be let in.
struct DeployConfirmation: Sendable {
    /// What came of it.
    enum Outcome: Sendable {
        case confirmed
        /// It is over and was not confirmed; the host's own word for how it ended.
        case ended(String)
        /// The host has neither the deploy nor a note of it.
        case unknown
        /// No connection, or no answer, in the time that the host waits.
        case unreached(RemoteError)
    }

    /// The script looks at two files and syncs a few.
    static let answerDeadline = Duration.seconds(60)
    /// After the time-out the host needs this long to go back and say so.
    static let aftermath = Duration.seconds(60)
    private static let pauseMax = Duration.seconds(2)

    /// How long the host waits before it goes back.
    let timeout: Duration
    /// Runs a script over a connection that shares nothing with the open ones.
    let run:
        @Sendable (RemoteCommand, ByteSource, RunOptions) async throws(RemoteError) ->
            CommandResult

    /// The time-out in whole seconds.
    var seconds: Int { Int(timeout.components.seconds) }

    /// Confirms the deploy of this id; tries again until the host's time has passed.
    func obtain(_ id: String) async -> Outcome {
        let clock = ContinuousClock()
        let end = clock.now + timeout
        var pause = Duration.milliseconds(100)
        while true {
            let failure: RemoteError?
            do throws(RemoteError) {
                switch try await ask(id) {
                case .settled(let outcome): return outcome
                case .wait: failure = nil
                }
            } catch {
                if error.code == .cancelled { return .unreached(error) }
                failure = error
            }
            // Where the host answers, it will soon say how it ended.
            guard clock.now < end + (failure == nil ? Self.aftermath : .zero) else {
                return failure.map(Outcome.unreached) ?? .unknown
            }
            do {
                try await Task.sleep(for: pause)
            } catch {
                return .unreached(failure ?? RemoteError(.cancelled, host: ""))
            }
            pause = min(pause * 2, Self.pauseMax)
        }
    }

    enum Answer {
        case settled(Outcome)
        case wait
    }

    private func ask(_ id: String) async throws(RemoteError) -> Answer {
        Self.answer(
            try await run(
                .script([id], as: .root), .bytes(RemoteScripts.confirm),
                RunOptions(deadline: Self.answerDeadline)))
    }

    /// What the script's line means; a line that makes no sense is asked for again.
    static func answer(_ result: CommandResult) -> Answer {
        let line = String(decoding: result.output.prefix(1_000), as: UTF8.self).printable
        switch line {
        case "confirmed", "outcome done": return .settled(.confirmed)
        case "unknown": return .settled(.unknown)
        default:
            guard line.hasPrefix("outcome ") else { return .wait }
            return .settled(.ended(String(line.dropFirst("outcome ".count))))
        }
    }
}
