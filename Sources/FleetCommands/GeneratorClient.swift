import GeneratorWire
import RemoteOps

/// Talks to gen-server through the session to its host.
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
    }

    /// For connecting and for each piece of the answer.
    static let timeout = Duration.seconds(10)

    private let stream: any RemoteStream
    private var reader = ReplyReader()
    private var pending: ArraySlice<UInt8> = []

    /// Connects from the host to its own port and waits for the greeting.
    init(through remote: any RemoteHost, port: Int) async throws(Failure) {
        do {
            stream = try await remote.connect(to: "127.0.0.1", port: port, timeout: Self.timeout)
        } catch {
            throw .remote(error)
        }
        let greeting = try await reply()
        guard greeting == Reply.greeting.lines else {
            await stream.close()
            throw .notGenServer(greeting.first ?? "")
        }
    }

    /// Sends one command and waits for its whole reply.
    mutating func ask(_ command: String) async throws(Failure) -> [String] {
        do {
            try await stream.write(Array((command + "\n").utf8), timeout: Self.timeout)
        } catch {
            throw .remote(error)
        }
        return try await reply()
    }

    /// Ends the connection.
    func close() async { await stream.close() }

    private mutating func reply() async throws(Failure) -> [String] {
        while true {
            while let byte = pending.popFirst() {
                switch reader.push(byte) {
                case nil: continue
                case .reply(let lines): return lines
                case .overlong: throw .overlong
                }
            }
            do {
                pending = try await stream.read(upTo: 4096, timeout: Self.timeout)[...]
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
        let lines: [String]
        do {
            lines = try await client.ask("STATUS")
        } catch {
            await client.close()
            throw error
        }
        await client.close()
        return GeneratorStatus.parse(lines)
    }
}
