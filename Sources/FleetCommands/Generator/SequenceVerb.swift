import GeneratorWire

/// What `start` and `stop` have in common: send once, follow, say how it ended.
struct SequenceVerb: Sendable {
    /// How it ended, as printed and as JSON.
    struct Result: Sendable, Encodable, Equatable {
        /// The end in a word, for programs.
        enum Outcome: String, Sendable, Encodable {
            /// As it should: charging, or off.
            case done
            /// Begun, and not waited for.
            case begun
            /// Refused; nothing has changed.
            case refused
            /// Ended otherwise.
            case failed
            /// How it ended, or whether it began, is not known.
            case unknown
            /// Left alone by Ctrl-C.
            case left
        }

        var host: String
        var service: String
        var outcome: Outcome
        var detail: String
        var seconds: Int?
        /// Nil for success.
        var exit: FleetExit?

        private enum CodingKeys: CodingKey { case host, service, outcome, detail, seconds }
    }

    /// Longest wait for a legacy server's answer, which comes at the end of its sequence.
    static let legacyPatience = Duration.seconds(600)
    /// How long after STATUS has shown a failure the answer that explains it may come.
    static let answerGrace = Duration.seconds(3)

    let goal: SequenceJudge.Goal
    let link: GeneratorLink
    let progress: SequenceProgress

    /// `start`, or `stop`.
    private var name: String { goal == .charging ? "start" : "stop" }
    private var follow: SequenceFollow { SequenceFollow(link: link, progress: progress) }

    /// Sends the command, which the server answers at once, and follows it.
    func run(_ command: String, from before: GeneratorStatus, waits: Bool) async -> Result {
        let begin = ContinuousClock.now
        let sent: SequenceJudge.Sent
        switch await send(command) {
        case .success(let answer):
            if let refusal = refusal(answer, before) { return refusal }
            if !waits { return result(.begun, answer.text(name)) }
            sent = .accepted
        case .failure:
            if Task.isCancelled {
                return result(
                    .left, "whether the \(name) has reached the server is not known", .interrupted)
            }
            sent = .unsure
        }
        let end = await follow.run(SequenceJudge(goal, sent, before: before))
        return result(end, after: .now - begin)
    }

    /// A START is sent once: on a link that broke it may have arrived, and STATUS tells. A STOP
    /// is sent until it is answered: twice does no harm, not at all does.
    private func send(
        _ command: String
    ) async -> Swift.Result<GeneratorAnswer, GeneratorClient.Failure> {
        let end = ContinuousClock.now + SequenceFollow.outageMax
        while true {
            do throws(GeneratorClient.Failure) {
                return .success(GeneratorAnswer(try await link.ask(command)))
            } catch {
                if Task.isCancelled || error.exit == .notPermitted { return .failure(error) }
                progress.outage(error)
                await link.mend(error)
                if goal == .charging || .now > end { return .failure(error) }
                guard await SequenceFollow.pauses(for: SequenceFollow.pause) else {
                    return .failure(error)
                }
            }
        }
    }

    // MARK: The legacy server

    /// Sends the command to a legacy server, which answers when its sequence has ended, and looks
    /// at its STATUS over another connection meanwhile.
    func runLegacy(_ command: String, from before: GeneratorStatus, waits: Bool) async -> Result {
        guard waits else {
            return result(
                .refused,
                "the server there is the older one, which answers at the end only; "
                    + "leave out --no-wait, and Ctrl-C once the \(name) is under way", .failed)
        }
        let begin = ContinuousClock.now
        return await withTaskGroup(of: LegacyEvent.self) { group in
            group.addTask { .answer(await answer(command)) }
            group.addTask {
                .followed(await follow.run(SequenceJudge(goal, .accepted, before: before)))
            }
            defer { group.cancelAll() }
            var seen: SequenceFollow.End?
            while let event = await group.next() {
                switch event {
                case .answer(nil): if let seen { return result(seen, after: .now - begin) }
                case .answer(.refused(let reason)?):
                    return result(.failed("\(reason)"), after: .now - begin)
                case .answer(let answer?):
                    return refusal(answer, before) ?? result(.reached, after: .now - begin)
                case .followed(.failed(let reason)):
                    // The answer that says why is on its way.
                    seen = .failed(reason)
                    group.addTask {
                        _ = await SequenceFollow.pauses(for: Self.answerGrace)
                        return .answer(nil)
                    }
                case .followed(let end): return result(end, after: .now - begin)
                }
            }
            return result(.unknown, "the server has not answered", .failed)
        }
    }

    /// Stops a legacy server's engine, which cancels no start.
    func stopLegacy(_ before: GeneratorStatus, at once: Bool, waits: Bool) async -> Result {
        let starts = before.startInProgress != .value(false)
        if !once {
            guard !starts else {
                return result(
                    .refused,
                    "a start is, or may be, under way, which the older server there "
                        + "cannot cancel; stop it when it has ended, or with --now", .deferred)
            }
            return await runLegacy("STOP", from: before, waits: waits)
        }
        switch await send("RELAY 00") {
        case .success(.done):
            let warning =
                starts
                ? "; a start was under way, and the older server there goes on with it: LOOK "
                    + "whether it switches relays on again" : ""
            return result(.done, "relays off" + warning)
        case .success(let answer): return result(.failed, answer.text(name), answer.exit)
        case .failure(let failure):
            return result(
                .unknown, "whether the relays are off is not known: \(failure.summary)",
                failure.exit)
        }
    }

    private enum LegacyEvent: Sendable {
        /// Nil where the connection broke before it came, or where it is late.
        case answer(GeneratorAnswer?)
        case followed(SequenceFollow.End)
    }

    private func answer(_ command: String) async -> GeneratorAnswer? {
        do throws(GeneratorClient.Failure) {
            var client = try await link.open()
            let lines = try await client.ask(command, patience: Self.legacyPatience)
            await client.close()
            return GeneratorAnswer(lines)
        } catch {
            return nil
        }
    }

    // MARK: What came of it

    /// The result where the answer is no yes; nil where the sequence has begun.
    private func refusal(_ answer: GeneratorAnswer, _ before: GeneratorStatus) -> Result? {
        switch answer {
        case .done: return nil
        case .alreadyRunning where goal == .charging && before.stateWords == "charging":
            return result(.done, "it is charging already; nothing was done")
        case .refused(let reason) where before.latched.known.flatMap({ $0 }) != nil:
            return result(
                .refused,
                "\(name) was refused: \(reason). When the cause is gone: "
                    + "fleetctl generator reset", .failed)
        case .busy, .refused, .alreadyRunning, .unknownCommand, .strange:
            return result(.refused, answer.text(name), answer.exit)
        }
    }

    private func result(_ end: SequenceFollow.End, after time: Duration) -> Result {
        let seconds = time.components.seconds
        let look = "look with: fleetctl generator status"
        switch end {
        case .reached:
            let state = goal == .charging ? "charging" : "off"
            return result(.done, "\(state) after \(spoken(seconds))", seconds: seconds)
        case .failed(let reason):
            return result(.failed, "the \(name) failed: \(reason)", .failed, seconds: seconds)
        case .lost(let failure, let last):
            return result(
                .unknown,
                "the server can no longer be asked (\(failure.summary)), last seen: "
                    + "\(last ?? "not at all"); the \(name) may go on there; \(look)",
                failure.exit, seconds: seconds)
        case .stuck(let last):
            return result(
                .unknown, "the \(name) does not come to an end, last seen: \(last); \(look)",
                .failed, seconds: seconds)
        case .left(let last):
            let other =
                goal == .charging
                ? "; stop it with: fleetctl generator stop" : ""
            return result(
                .left,
                "left alone: the \(name) goes on there (\(last ?? "not seen yet")); "
                    + look + other, .interrupted, seconds: seconds)
        }
    }

    private func result(
        _ outcome: Result.Outcome, _ detail: String, _ exit: FleetExit? = nil,
        seconds: Int64? = nil
    ) -> Result {
        Result(
            host: link.server.host.name.text, service: link.server.service.name.text,
            outcome: outcome, detail: detail.printable, seconds: seconds.map(Int.init), exit: exit)
    }
}

extension Console {
    /// Prints a sequence's end and ends the verb with its code.
    func conclude(_ result: SequenceVerb.Result, _ format: OutputFormat) throws {
        switch format {
        case .json: try json(result)
        case .table:
            let line = "\(result.host): \(result.detail)"
            if result.exit == nil { self.result(line) } else { error(line) }
        }
        if let exit = result.exit { throw exit.error }
    }
}

/// Runs a start or a stop so that Ctrl-C leaves it to itself, and ends the verb with its code.
func withSequence(
    _ goal: SequenceJudge.Goal, _ link: GeneratorLink, _ console: Console, _ format: OutputFormat,
    _ body:
        @escaping @Sendable (SequenceVerb, GeneratorStatus) async -> SequenceVerb.Result
) async throws {
    let host = link.server.host.name.text
    let progress = SequenceProgress(host, console)
    let verb = SequenceVerb(goal: goal, link: link, progress: progress)
    let ending = await Interruption.watching {
        () async -> Result<SequenceVerb.Result, GeneratorClient.Failure> in
        do throws(GeneratorClient.Failure) {
            return .success(await body(verb, try await link.status()))
        } catch {
            return .failure(error)
        }
    }
    progress.clear()
    switch ending {
    case .interrupted(.failure):
        console.error("\(host): interrupted before anything was sent")
        throw FleetExit.interrupted.error
    case .finished(let result), .interrupted(let result):
        try console.conclude(try result.get(), format)
    }
}
