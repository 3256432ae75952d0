import NIOCore
import NIOHTTP1

/// Answers the one request of a connection and closes it.
final class ScrapeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let reply: @Sendable (String) -> MetricsServer.Reply?
    private var request: HTTPRequestHead?

    init(_ reply: @escaping @Sendable (String) -> MetricsServer.Reply?) { self.reply = reply }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): request = head
        case .body: break
        case .end:
            // A second request on the same connection is not answered.
            guard let head = request else { return }
            request = nil
            answer(head, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let reply = reply(to: head)
        let body = ByteBuffer(string: reply.body)
        var headers = HTTPHeaders([
            ("Content-Type", reply.contentType), ("Content-Length", "\(body.readableBytes)"),
            ("Connection", "close"),
        ])
        if reply.status == 405 { headers.add(name: "Allow", value: "GET, HEAD") }
        let response = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status),
            headers: headers)
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        if head.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            channel.close(promise: nil)
        }
    }

    private func reply(to head: HTTPRequestHead) -> MetricsServer.Reply {
        guard head.method == .GET || head.method == .HEAD else {
            return .plain(405, "only GET and HEAD\n")
        }
        let path = head.uri.split(separator: "?", omittingEmptySubsequences: false).first ?? ""
        return reply(String(path)) ?? .plain(404, "nothing here\n")
    }
}

extension MetricsServer.Reply {
    /// An answer for people.
    public static func plain(_ status: Int, _ text: String) -> Self {
        Self(status: status, contentType: "text/plain; charset=utf-8", body: text)
    }
}
