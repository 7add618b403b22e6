import NIOCore

/// Closes a connection on which nothing has moved for the time that an `IdleStateHandler` in front of it watches:
/// a client that went away without a word or does not read its answer.
final class IdleConnectionCloser: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}

/// Keeps a failed accept (no file descriptor left, for instance) from ending the stream of accepted connections;
/// SwiftNIO itself pauses before it accepts again.
final class AcceptErrorAbsorber: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
