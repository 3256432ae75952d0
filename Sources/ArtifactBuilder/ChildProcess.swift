import Subprocess

/// A program that runs to its end while its lines are heard. Cancelling the task ends it: by
/// SIGINT to its process id, which SwiftPM and our scripts pass on, then SIGTERM, then SIGKILL.
public struct ChildProcess: Sendable {
    /// How a program ended, and what it said.
    public struct Outcome: Sendable {
        /// `0`, or what `status` of a shell would say: `exit 1`, `signal 9`.
        public var status: String
        /// Its exit code; nil where a signal ended it.
        public var exitCode: Int32?
        /// Whether it exited with 0.
        public var isSuccess: Bool
        /// Its standard output, where that was collected.
        public var output: String
        /// Its last lines that were heard.
        public var tail: [String]
    }

    /// What becomes of standard output.
    public enum Output: Sendable {
        /// It is in the outcome as a whole.
        case collected
        /// It is heard by lines, together with standard error.
        case heard
    }

    /// Why there is no outcome.
    public enum Failure: Error, Equatable {
        /// It took longer than its limit, and was ended.
        case timedOut
        /// The task was cancelled, and the program ended.
        case cancelled
        /// It could not be started; the system's words.
        case notRun(String)
    }

    /// Bytes of standard output that are collected.
    static let outputLimit = 16 << 20
    /// Lines kept for an error message.
    static let tailLimit = 40
    /// Time between the signals that end it.
    static let signalInterval = Duration.seconds(5)

    /// Absolute path.
    public var executable: String
    /// Without the program's own name.
    public var arguments: [String]
    /// Set beside the inherited environment.
    public var environment: [String: String]
    /// Where it runs.
    public var folder: String
    /// Time to its end.
    public var limit: Duration

    /// A program that was not started yet. Its standard input is empty.
    public init(
        executable: String, arguments: [String], environment: [String: String] = [:],
        folder: String, limit: Duration
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.folder = folder
        self.limit = limit
    }

    /// Runs it and calls `hear` with each line of standard error, and of standard output unless
    /// that is collected. Control characters are dropped from lines.
    public func run(
        _ output: Output, hear: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(Failure) -> Outcome {
        do {
            return try await withThrowingTaskGroup(of: Outcome?.self) { group in
                group.addTask {
                    switch output {
                    case .collected: try await runCollecting(hear)
                    case .heard: try await runHearing(hear)
                    }
                }
                group.addTask {
                    try await Task.sleep(for: limit)
                    return nil
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let outcome = first else {
                    throw Failure.timedOut
                }
                return outcome
            }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Task.isCancelled ? .cancelled : .notRun(String(describing: error))
        }
    }

    private var configuration: Configuration {
        var options = PlatformOptions()
        options.teardownSequence = [
            .send(signal: .interrupt, allowedDurationToNextStep: Self.signalInterval),
            .send(signal: .terminate, allowedDurationToNextStep: Self.signalInterval),
        ]
        var changes: [Environment.Key: String?] = [:]
        for (name, value) in environment {
            guard let key = Environment.Key(rawValue: name) else { continue }
            changes[key] = value
        }
        return Configuration(
            executable: .path(.init(executable)), arguments: Arguments(arguments),
            environment: .inherit.updating(changes), workingDirectory: .init(folder),
            platformOptions: options)
    }

    private func runCollecting(_ hear: @Sendable (String) -> Void) async throws -> Outcome {
        let result = try await Subprocess.run(
            configuration, input: .none, output: .string(limit: Self.outputLimit), error: .sequence
        ) { execution in
            try await Self.tail(of: execution.standardError, hear)
        }
        return Outcome(
            result.terminationStatus, output: result.standardOutput, tail: result.closureResult)
    }

    private func runHearing(_ hear: @Sendable (String) -> Void) async throws -> Outcome {
        let result = try await Subprocess.run(
            configuration, input: .none, output: .sequence, error: .combinedWithOutput
        ) { execution in
            try await Self.tail(of: execution.standardOutput, hear)
        }
        return Outcome(result.terminationStatus, output: "", tail: result.closureResult)
    }

    private static func tail(
        of output: SubprocessOutputSequence, _ hear: @Sendable (String) -> Void
    ) async throws -> [String] {
        var splitter = LineSplitter()
        var tail: [String] = []
        func take(_ line: String) {
            hear(line)
            tail.append(line)
            if tail.count > tailLimit { tail.removeFirst() }
        }
        for try await buffer in output {
            buffer.withUnsafeBytes { splitter.lines(adding: $0) }.forEach(take)
        }
        if let line = splitter.finish() { take(line) }
        return tail
    }
}

extension ChildProcess.Outcome {
    fileprivate init(_ status: TerminationStatus, output: String, tail: [String]) {
        self.status =
            switch status {
            case .exited(let code): code == 0 ? "0" : "exit \(code)"
            case .signaled(let signal): "signal \(signal)"
            }
        exitCode = if case .exited(let code) = status { code } else { nil }
        isSuccess = status.isSuccess
        self.output = output
        self.tail = tail
    }
}
