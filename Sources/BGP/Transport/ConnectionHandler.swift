import NIOCore

/// One TCP connection in NIO's pipeline: cuts what comes in into messages for its neighbor.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let identifier: ConnectionIdentifier
    let origin: ConnectionOrigin
    /// `nil` once the session has closed the connection: what still comes in is thrown away.
    private var endpoint: NeighborEndpoint?
    private var received = ByteBuffer()

    init(identifier: ConnectionIdentifier, origin: ConnectionOrigin, endpoint: NeighborEndpoint) {
        self.identifier = identifier
        self.origin = origin
        self.endpoint = endpoint
    }

    func detach() { endpoint = nil }

    func channelActive(context: ChannelHandlerContext) {
        endpoint?.connected(self, channel: context.channel)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        endpoint?.closed(identifier)
        endpoint = nil
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard endpoint != nil else { return }
        var octets = unwrapInboundIn(data)
        received.writeBuffer(&octets)
        do throws(NotificationMessage) {
            while let message = try nextMessage() { endpoint?.received(message, on: identifier) }
        } catch {
            // Nothing behind an unreadable header can be trusted to be one.
            endpoint?.unreadable(identifier, error)
            endpoint = nil
        }
        received.discardReadBytes()
    }

    /// At most one message waits here: an unfinished one of no more than 65535 octets, besides one read.
    private func nextMessage() throws(NotificationMessage) -> [UInt8]? {
        guard endpoint != nil,
            let front = received.getBytes(at: received.readerIndex, length: MessageHeader.octets),
            let header = try MessageHeader(
                front[...], longestMessageOctets: MessageHeader.longestExtendedMessageOctets)
        else { return nil }
        return received.readBytes(length: header.messageOctets)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        endpoint?.writabilityChanged(identifier, writable: context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
