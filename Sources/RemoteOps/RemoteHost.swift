/// The seam between what fleetctl wants done on a host and the transport that does it.
///
/// Implemented by SSHTransport over libssh, and by the tests' recording host.
public protocol RemoteHost: Sendable {
    /// The host's name in the inventory, which errors and logs carry.
    var name: String { get }

    /// Runs one command to its end: one exec channel.
    ///
    /// A non-zero exit is a result, not an error. Throws where the command could not be started,
    /// the link was lost, the deadline passed or the task was cancelled; the error says whether
    /// the command may have run.
    func run(
        _ command: RemoteCommand, input: ByteSource, options: RunOptions
    ) async throws(RemoteError) -> CommandResult

    /// Opens a TCP connection from the host to `address`:`port` (direct-tcpip, RFC 4254, 7.2).
    func connect(
        to address: String, port: Int, timeout: Duration
    ) async throws(RemoteError) -> any RemoteStream

    /// Ends the session. Later calls throw; closing twice does no harm.
    func close() async
}

extension RemoteHost {
    /// Runs a command with nothing on its standard input.
    public func run(_ command: RemoteCommand) async throws(RemoteError) -> CommandResult {
        try await run(command, input: .empty, options: RunOptions())
    }
}

/// Limits and listeners of one command.
public struct RunOptions: Sendable {
    /// Which of the command's streams a chunk came from.
    public enum Channel: Sendable, Equatable { case output, errorOutput }

    /// Time from the request to the command's end.
    public var deadline: Duration = .seconds(60)
    /// Bytes kept of each stream; a command that prints more fails with `outputLimit`.
    public var outputLimit: Int = 4 << 20
    /// Called with each chunk as it arrives, in order, on no particular thread.
    public var onOutput: (@Sendable (Channel, [UInt8]) -> Void)?

    /// The defaults: 60 s, 4 MiB, no listener.
    public init() {}

    /// The defaults with another deadline.
    public init(
        deadline: Duration, onOutput: (@Sendable (Channel, [UInt8]) -> Void)? = nil
    ) {
        self.deadline = deadline
        self.onOutput = onOutput
    }
}

/// A TCP connection carried by a host's session.
public protocol RemoteStream: Sendable {
    /// The next bytes, at most `count`; empty at the end of the stream.
    func read(upTo count: Int, timeout: Duration) async throws(RemoteError) -> [UInt8]
    /// Writes all of `bytes`.
    func write(_ bytes: [UInt8], timeout: Duration) async throws(RemoteError)
    /// Closes both directions.
    func close() async
}

/// Bytes for a command's standard input, produced as fast as the link takes them.
public struct ByteSource: Sendable {
    /// The next chunk, nil at the end. Never called twice at once.
    public let next: @Sendable () async throws -> [UInt8]?

    /// A source that asks `next` for each chunk.
    public init(next: @escaping @Sendable () async throws -> [UInt8]?) {
        self.next = next
    }

    /// No bytes at all: the command sees end of file.
    public static let empty = ByteSource { nil }

    /// These bytes, in one chunk.
    public static func bytes(_ bytes: [UInt8]) -> ByteSource {
        let once = Once(bytes)
        return ByteSource { await once.take() }
    }

    private actor Once {
        private var bytes: [UInt8]?
        init(_ bytes: [UInt8]) { self.bytes = bytes }
        func take() -> [UInt8]? {
            defer { bytes = nil }
            return bytes
        }
    }
}
