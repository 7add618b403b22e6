import NIOCore
import NIOPosix

/// Listens for FRR's zebra (`fpm address 127.0.0.1 port …`) on the host itself, and tells its owner what it says.
///
/// A listener belongs to one event loop: every method is called there, and so is `onEvent`. There is one engine: a connection
/// that comes later takes the place of the one that is there, which may be that of an engine that has died without a word.
public final class FPMListener {
    public enum Event: Sendable {
        case connected
        /// What came in one read.
        case said([EngineMessage])
        /// The connection has ended; with what could not be read, if that is why.
        case closed(FPMMalformation?)
    }

    private let eventLoop: any EventLoop
    private let onEvent: (Event) -> Void
    private var channel: (any Channel)?
    private var connection: (any Channel)?
    /// Raised by each change of what is listened on: what was begun before it is given up.
    private var generation: UInt64 = 0

    public init(eventLoop: any EventLoop, onEvent: @escaping (Event) -> Void) {
        eventLoop.preconditionInEventLoop()
        self.eventLoop = eventLoop
        self.onEvent = onEvent
    }

    /// The port that is listened on; `nil`: none.
    public var port: UInt16? { channel?.localAddress?.port.map { UInt16(clamping: $0) } }

    /// Listens on a port of 127.0.0.1, and on no other any more; 0 for one that the kernel chooses.
    public func listen(on port: UInt16) -> EventLoopFuture<Void> {
        eventLoop.preconditionInEventLoop()
        stop()
        let listener = NIOLoopBound(self, eventLoop: eventLoop)
        let begun = generation
        return ServerBootstrap(group: eventLoop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FPMConnectionHandler(listener.value))
                }
            }
            .bind(host: "127.0.0.1", port: Int(port)).map { channel in
                guard listener.value.generation == begun else { return channel.close(promise: nil) }
                listener.value.channel = channel
            }
    }

    /// Listens no more and ends the connection.
    public func stop() {
        eventLoop.preconditionInEventLoop()
        generation += 1
        channel?.close(promise: nil)
        channel = nil
        endConnection(nil)
    }

    fileprivate func accept(_ new: any Channel) {
        endConnection(nil)
        connection = new
        onEvent(.connected)
    }

    /// What another connection than the present one brings counts for nothing.
    fileprivate func receive(_ messages: [EngineMessage], from channel: any Channel) {
        guard channel === connection else { return }
        onEvent(.said(messages))
    }

    fileprivate func end(_ channel: any Channel, _ malformation: FPMMalformation? = nil) {
        guard channel === connection else { return }
        endConnection(malformation)
    }

    private func endConnection(_ malformation: FPMMalformation?) {
        guard let former = connection else { return }
        connection = nil
        former.close(promise: nil)
        onEvent(.closed(malformation))
    }
}

/// One connection in NIO's pipeline.
private final class FPMConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let listener: FPMListener
    private var stream = FPMStream()

    init(_ listener: FPMListener) { self.listener = listener }

    func channelActive(context: ChannelHandlerContext) {
        listener.accept(context.channel)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        listener.end(context.channel)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        stream.append(unwrapInboundIn(data).readableBytesView)
        var messages: [EngineMessage] = []
        var malformation: FPMMalformation?
        do throws(FPMMalformation) {
            while let next = try stream.next() { messages += next }
        } catch {
            malformation = error
        }
        if !messages.isEmpty { listener.receive(messages, from: context.channel) }
        if let malformation { listener.end(context.channel, malformation) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
