import MQTTWire
import NIOCore
import NIOPosix

/// Publishes retained messages to an MQTT broker and waits until it has taken them over. Without
/// TLS: the password and the messages are readable on the way.
public struct MQTTPublisher: Sendable {
    /// Messages on the way at once.
    static let inFlightMax = 16
    /// Most messages of one connection: each has an identifier of its own.
    public static let messagesMax = 0xFFFF

    private let host: String
    private let port: Int
    private let connect: MQTTConnect
    private let timeout: Duration

    /// - Parameter timeout: for all of it, from the connection to the last message.
    public init(host: String, port: Int, connect: MQTTConnect, timeout: Duration = .seconds(30)) {
        self.host = host
        self.port = port
        self.connect = connect
        self.timeout = timeout
    }

    /// Publishes all messages.
    ///
    /// - Throws: where the broker is not there, refuses, or does not take over every message in
    ///   time. Some may have been published then.
    public func publish(_ messages: [MQTTMessage]) async throws(MQTTFailure) {
        guard messages.count <= Self.messagesMax else { throw failure(.tooMany) }
        // What cannot be said is found before anything is.
        for message in messages { _ = try bytes(.publish(message, identifier: 1)) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let result = await attempt(messages, group)
        // A group that ends badly has ended all the same.
        try? await group.shutdownGracefully()
        try result.get()
    }

    private func attempt(
        _ messages: [MQTTMessage], _ group: MultiThreadedEventLoopGroup
    ) async -> Result<Void, MQTTFailure> {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        do {
            let channel = try await ClientBootstrap(group: group)
                .connectTimeout(TimeAmount(timeout))
                .connect(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                            wrappingChannelSynchronously: channel)
                    }
                }
            let socket = channel.channel
            let bell = socket.eventLoop.scheduleTask(deadline: deadline) {
                socket.close(promise: nil)
            }
            defer { bell.cancel() }
            try await channel.executeThenClose { inbound, outbound in
                var talk = Talk(inbound: inbound.makeAsyncIterator(), outbound: outbound)
                try await talk.run(connect, messages)
            }
            return .success(())
        } catch let fault as MQTTFailure.Reason {
            let isLate = NIODeadline.now() >= deadline
            return .failure(failure(isLate && fault == .ended ? .late : fault))
        } catch let fault as MQTTFault {
            return .failure(failure(.fault(fault)))
        } catch {
            return .failure(failure(NIODeadline.now() >= deadline ? .late : .system("\(error)")))
        }
    }

    private func bytes(_ packet: MQTTPacket) throws(MQTTFailure) -> [UInt8] {
        do throws(MQTTFault) {
            return try packet.bytes()
        } catch {
            throw failure(.fault(error))
        }
    }

    private func failure(_ reason: MQTTFailure.Reason) -> MQTTFailure {
        MQTTFailure(host: host, port: port, reason: reason)
    }
}

/// The conversation of one connection.
private struct Talk {
    var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var reader = MQTTReader()

    init(
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.inbound = inbound
        self.outbound = outbound
    }

    mutating func run(_ connect: MQTTConnect, _ messages: [MQTTMessage]) async throws {
        try await send(.connect(connect))
        guard case .connected(let code)? = try await replies().first else {
            throw MQTTFailure.Reason.fault(.nonsense)
        }
        guard code == 0 else { throw MQTTFailure.Reason.refused(code) }
        var waiting: Set<UInt16> = []
        for (index, message) in messages.enumerated() {
            while waiting.count >= MQTTPublisher.inFlightMax { try await settle(&waiting) }
            let identifier = UInt16(index + 1)
            waiting.insert(identifier)
            try await send(.publish(message, identifier: identifier))
        }
        while !waiting.isEmpty { try await settle(&waiting) }
        try await send(.disconnect)
    }

    private func send(_ packet: MQTTPacket) async throws {
        try await outbound.write(ByteBuffer(bytes: packet.bytes()))
    }

    /// Takes the next acknowledgements in.
    private mutating func settle(_ waiting: inout Set<UInt16>) async throws {
        for reply in try await replies() {
            guard case .acknowledged(let identifier) = reply,
                waiting.remove(identifier) != nil
            else { throw MQTTFailure.Reason.fault(.nonsense) }
        }
    }

    /// What the broker says next, one packet at least.
    private mutating func replies() async throws -> [MQTTReply] {
        while let buffer = try await inbound.next() {
            let replies = try reader.read(buffer.readableBytesView)
            if !replies.isEmpty { return replies }
        }
        throw MQTTFailure.Reason.ended
    }
}
