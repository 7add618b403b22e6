import NIOCore
import NIOHTTP1

/// Answers the one request of a connection, and closes it.
final class MetricsRequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    static let path = "/metrics"

    private let text: RenderedMetrics
    private let onRequest: () -> Void
    private var isAnswered = false

    init(_ text: RenderedMetrics, onRequest: @escaping () -> Void) {
        self.text = text
        self.onRequest = onRequest
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isAnswered, case .head(let head) = unwrapInboundIn(data) else { return }
        isAnswered = true
        onRequest()
        let channel = context.channel
        guard head.method == .GET || head.method == .HEAD else {
            return Self.refuse(.methodNotAllowed, "metrics are asked for with GET\n", on: channel)
        }
        // What stands behind a question mark says nothing here.
        guard head.uri.prefix(while: { $0 != "?" }) == Self.path[...] else {
            return Self.refuse(.notFound, "metrics are at \(Self.path)\n", on: channel)
        }
        Self.give(text, isBodyWanted: head.method == .GET, on: channel)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private static func give(_ text: RenderedMetrics, isBodyWanted: Bool, on channel: any Channel) {
        Task {
            let body = await text.text()
            answer(.ok, MetricsText.contentType, body, isBodyWanted, on: channel)
        }
    }

    private static func refuse(_ status: HTTPResponseStatus, _ text: String, on channel: any Channel) {
        answer(status, "text/plain; charset=utf-8", ByteBuffer(string: text), true, on: channel)
    }

    private static func answer(
        _ status: HTTPResponseStatus, _ contentType: String, _ body: ByteBuffer, _ isBodyWanted: Bool,
        on channel: any Channel
    ) {
        let headers: HTTPHeaders = [
            "content-type": contentType, "content-length": "\(body.readableBytes)", "connection": "close",
            "allow": "GET, HEAD",
        ]
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        if isBodyWanted { channel.write(HTTPServerResponsePart.body(.byteBuffer(body)), promise: nil) }
        channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in channel.close(promise: nil) }
    }
}
