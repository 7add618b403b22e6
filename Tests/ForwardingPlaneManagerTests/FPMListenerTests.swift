import Addressing
import ForwardingPlaneManager
import NIOCore
import NIOPosix
import Testing

@Suite struct FPMListenerTests {
    /// What a listener told, on its event loop.
    private final class Heard {
        var events: [String] = []
        var messages: [EngineMessage] = []

        func note(_ event: FPMListener.Event) {
            switch event {
            case .connected: events.append("connected")
            case .said(let said): messages += said
            case .closed(let malformation): events.append("closed" + (malformation.map { ": \($0)" } ?? ""))
            }
        }
    }

    private static func send(_ octets: [UInt8], by channel: any Channel) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: octets))
    }

    @Test func `a second engine takes the place of the first, and one that cannot be read is ended`() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let (listener, heard, listening) = try await loop.submit {
            let heard = Heard()
            let listener = FPMListener(eventLoop: loop) { heard.note($0) }
            return (
                NIOLoopBound(listener, eventLoop: loop), NIOLoopBound(heard, eventLoop: loop), listener.listen(on: 0)
            )
        }.get()
        try await listening.get()
        let port = try await loop.submit { listener.value.port }.get()
        func wait(_ condition: @escaping @Sendable (NIOLoopBound<Heard>) -> Bool) async throws {
            for _ in 0..<2000 {
                if try await loop.submit({ condition(heard) }).get() { return }
                try await Task.sleep(for: .milliseconds(5))
            }
            Issue.record("it did not happen")
        }
        func connect() async throws -> any Channel {
            try await ClientBootstrap(group: loop).connect(host: "127.0.0.1", port: Int(try #require(port))).get()
        }
        let first = try await connect()
        try await Self.send(CapturedOctets.isis.flatMap(\.self), by: first)
        try await wait { $0.value.messages.count == CapturedOctets.isis.count }
        let second = try await connect()
        try await wait { $0.value.events == ["connected", "closed", "connected"] }
        try await first.closeFuture.get()
        try await Self.send(CapturedOctets.replacement + [9, 9, 9, 9], by: second)
        try await wait { $0.value.events.last == "closed: version 9 of the protocol" }
        try await wait { $0.value.messages.count == CapturedOctets.isis.count + 2 }
        try await second.closeFuture.get()
        try await loop.submit { listener.value.stop() }.get()
    }
}
