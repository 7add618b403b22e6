import NIOCore

/// Closes a connection on which nothing has moved for the time that an `IdleStateHandler` in front of it watches:
/// a client that went away without a word or does not read its answer. Something may be kept for a client that only thinks.
final class IdleConnectionCloser: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let session: ControlSession

    init(_ session: ControlSession) { self.session = session }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent, !session.isKept {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}

/// Starts what serves a connection when the connection becomes active: the first word may be ours, that there are too
/// many clients.
final class ConnectionStarter: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let start: (any Channel) throws -> Void

    init(_ start: @escaping (any Channel) throws -> Void) { self.start = start }

    func channelActive(context: ChannelHandlerContext) {
        do {
            try start(context.channel)
            context.fireChannelActive()
        } catch {
            context.close(promise: nil)
        }
    }
}

/// Keeps a failed accept (no file descriptor left, for instance) from ending the stream of accepted connections;
/// SwiftNIO itself pauses before it accepts again.
final class AcceptErrorAbsorber: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
