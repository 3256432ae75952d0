import GeneratorWire
import RemoteOps

/// One connection to a generator's server, through the session to its host.
struct GeneratorClient {
    /// Why there is no answer.
    enum Failure: Error, Equatable {
        /// The way to the server failed.
        case remote(RemoteError)
        /// The server closed before it had answered.
        case closed
        /// It is no gen-server: what it said first.
        case notGenServer(String)
        /// The answer does not end.
        case overlong

        var text: String {
            switch self {
            case .remote(let error): error.message
            case .closed: "the server closed the connection before it had answered"
            case .notGenServer(let line): "no gen-server answers there, but '\(line)'"
            case .overlong: "the answer has no end"
            }
        }

        /// The same in a few words.
        var summary: String {
            switch self {
            case .remote(let error): "\(error.place): \(error.summary)"
            case .closed, .notGenServer, .overlong: text
            }
        }

        /// Whether the user ended it.
        var isCancelled: Bool {
            if case .remote(let error) = self { error.code == .cancelled } else { false }
        }

        /// Whether nothing came in time, on a link that may be whole.
        var isLate: Bool {
            if case .remote(let error) = self { error.code == .commandTimedOut } else { false }
        }

        /// The exit code of a verb that ends with it.
        var exit: FleetExit {
            if case .remote(let error) = self, error.kind == .notPermitted { return .notPermitted }
            return .failed
        }
    }

    /// For connecting and for an answer that is due at once.
    static let timeout = Duration.seconds(10)
    /// Changes kept for `nextChange` while something else is asked.
    static let changesMax = 64

    private let stream: any RemoteStream
    private var reader = ReplyReader()
    private var pending: ArraySlice<UInt8> = []
    private var changes: [StateChange] = []

    /// Connects from the host to its own port and waits for the greeting.
    init(through remote: any RemoteHost, port: Int) async throws(Failure) {
        do {
            stream = try await remote.connect(to: "127.0.0.1", port: port, timeout: Self.timeout)
        } catch {
            throw .remote(error)
        }
        let greeting = try await reply(within: Self.timeout)
        guard greeting == Reply.greeting.lines else {
            await stream.close()
            throw .notGenServer(greeting.first ?? "")
        }
    }

    /// Sends one command and waits for its whole reply, at most `patience`.
    mutating func ask(
        _ command: String, patience: Duration = timeout
    ) async throws(Failure) -> [String] {
        do {
            try await stream.write(Array((command + "\n").utf8), timeout: Self.timeout)
        } catch {
            throw .remote(error)
        }
        let end = ContinuousClock.now + patience
        while true {
            let lines = try await reply(within: end - .now)
            guard let first = lines.first, let change = StateChange(line: first) else {
                return lines
            }
            if changes.count < Self.changesMax { changes.append(change) }
        }
    }

    /// What the server says of itself.
    mutating func status() async throws(Failure) -> GeneratorStatus {
        GeneratorStatus.parse(try await ask("STATUS"))
    }

    /// The next change that a watching connection hears of; nil where there is none in time.
    mutating func nextChange(within time: Duration) async throws(Failure) -> StateChange? {
        if !changes.isEmpty { return changes.removeFirst() }
        do {
            return StateChange(line: try await reply(within: time).first ?? "")
        } catch {
            if error.isLate { return nil }
            throw error
        }
    }

    /// Ends the connection.
    func close() async { await stream.close() }

    private mutating func reply(within time: Duration) async throws(Failure) -> [String] {
        let end = ContinuousClock.now + time
        while true {
            while let byte = pending.popFirst() {
                switch reader.push(byte) {
                case nil: continue
                case .reply(let lines): return lines
                case .overlong: throw .overlong
                }
            }
            do {
                let left = max(.zero, end - .now)
                pending = try await stream.read(upTo: 4096, timeout: left)[...]
            } catch {
                throw .remote(error)
            }
            if pending.isEmpty { throw .closed }
        }
    }

    /// One connection for one STATUS.
    static func status(
        through remote: any RemoteHost, port: Int
    ) async throws(Failure) -> GeneratorStatus {
        var client = try await GeneratorClient(through: remote, port: port)
        let status: GeneratorStatus
        do {
            status = try await client.status()
        } catch {
            await client.close()
            throw error
        }
        await client.close()
        return status
    }
}
