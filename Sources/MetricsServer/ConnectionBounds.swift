import NIOCore

/// Closes a connection that lasts too long or sends too much. First in the pipeline, so that nothing
/// behind it keeps more.
final class ConnectionBounds: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let time: TimeAmount
    private var bytesLeft: Int
    private var end: Scheduled<Void>?

    init(_ limits: MetricsServer.Limits) {
        time = TimeAmount(limits.connectionTime)
        bytesLeft = limits.requestBytes
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        end = context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytesLeft -= unwrapInboundIn(data).readableBytes
        guard bytesLeft >= 0 else {
            context.close(promise: nil)
            return
        }
        context.fireChannelRead(data)
    }
}
