import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A small HTTP server for scrapers: one request a connection, GET and HEAD, no bodies. It bounds how
/// many connections there are, what each may send and how long it may last.
public final class MetricsServer: Sendable {
    /// What a client can use up.
    public struct Limits: Sendable {
        /// Connections at once; a further one is closed at once.
        public var connections = 32
        /// Bytes that one connection may send, headers included.
        public var requestBytes = 16 << 10
        /// Time of one connection, from its beginning to the last byte of the answer.
        public var connectionTime = Duration.seconds(10)

        /// The usual limits.
        public init() {}
    }

    /// What is answered.
    public struct Reply: Sendable, Equatable {
        /// The HTTP status.
        public var status: Int
        /// The content's type.
        public var contentType: String
        /// The content.
        public var body: String

        /// An answer from its parts.
        public init(status: Int = 200, contentType: String, body: String) {
            self.status = status
            self.contentType = contentType
            self.body = body
        }
    }

    /// Where it listens: the port of the kernel's choice where 0 was asked for.
    public let port: Int

    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup

    /// Listens and answers from now on.
    ///
    /// - Parameters:
    ///   - host: an address of this machine, or a name of it.
    ///   - reply: the answer to a path; nil where there is nothing. Called on the server's thread,
    ///     so it must not wait for anything.
    /// - Throws: where it cannot listen there.
    public init(
        host: String, port: Int, limits: Limits = Limits(),
        reply: @escaping @Sendable (_ path: String) -> Reply?
    ) async throws(MetricsServerError) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let open = OpenConnections(max: limits.connections)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                guard open.begin() else { return channel.close() }
                channel.closeFuture.whenComplete { _ in open.end() }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(ConnectionBounds(limits))
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(ScrapeHandler(reply))
                }
            }
        do {
            channel = try await bootstrap.bind(host: host, port: port).get()
        } catch {
            // A group that ends badly has ended all the same.
            try? await group.shutdownGracefully()
            throw MetricsServerError(host: host, port: port, reason: "\(error)")
        }
        self.group = group
        self.port = channel.localAddress?.port ?? port
    }

    /// Stops listening and closes every connection.
    public func stop() async {
        // What is closed already, or cannot be, is gone with the group.
        try? await channel.close()
        try? await group.shutdownGracefully()
    }
}

/// Why the server cannot listen.
public struct MetricsServerError: Error, Sendable, CustomStringConvertible {
    /// Where it was to listen.
    public var host: String
    /// The port that it was to listen on.
    public var port: Int
    /// The system's words.
    public var reason: String

    /// The reason as a sentence without a full stop.
    public var description: String { "cannot listen on \(host) port \(port): \(reason)" }
}

/// Counts the connections that are open.
private final class OpenConnections: Sendable {
    private let max: Int
    private let count = Atomic(0)

    init(max: Int) { self.max = max }

    /// Whether there was room for one more.
    func begin() -> Bool {
        let before = count.wrappingAdd(1, ordering: .relaxed).oldValue
        if before >= max { end() }
        return before < max
    }

    func end() { count.wrappingSubtract(1, ordering: .relaxed) }
}
