import Addressing
import MetricsExposition
import NIOCore
import NIOPosix
import Testing

/// The server, asked by hand over TCP.
@Suite struct MetricsServerTests {
    private static let up: @Sendable () async -> ByteBuffer = { ByteBuffer(string: "up 1\n") }
    private let eventLoop = MultiThreadedEventLoopGroup.singleton.next()

    /// A server on a port of its own, while `body` runs.
    private func serving(
        limits: MetricsServer.Limits = .init(), _ render: @escaping @Sendable () async -> ByteBuffer,
        _ body: (SocketAddress) async throws -> Void
    ) async throws {
        let eventLoop = eventLoop
        let server = try await eventLoop.submit {
            NIOLoopBound(MetricsServer(eventLoop: eventLoop, limits: limits, render: render), eventLoop: eventLoop)
        }.get()
        try await eventLoop.flatSubmit {
            server.value.listen(on: .ipv4(IPv4Address(rawValue: 0x7F00_0001)), port: 0)
        }.get()
        let address = try await eventLoop.submit { server.value.localAddress }.get()
        try await body(try #require(address))
        try await eventLoop.submit { server.value.stop() }.get()
    }

    /// Everything that comes until the far end closes.
    private func ask(_ address: SocketAddress, _ request: String) async throws -> String {
        let channel = try await ClientBootstrap(group: eventLoop).connect(to: address) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        var text = ""
        do {
            try await channel.executeThenClose { inbound, outbound in
                if !request.isEmpty { try await outbound.write(ByteBuffer(string: request)) }
                for try await part in inbound { text += String(buffer: part) }
            }
        } catch {
            // A connection that is closed or reset before all was said has ended as well.
        }
        return text
    }

    @Test func `metrics are what was rendered, and say what they are`() async throws {
        try await serving(Self.up) { address in
            let answer = try await ask(address, "GET /metrics?x=1 HTTP/1.1\r\nHost: box\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n"))
            #expect(answer.contains("content-length: 5\r\n"))
            #expect(answer.hasSuffix("\r\n\r\nup 1\n"))
            let head = try await ask(address, "HEAD /metrics HTTP/1.1\r\nHost: box\r\n\r\n")
            #expect(head.contains("content-length: 5\r\n") && head.hasSuffix("\r\n\r\n"))
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: box\r\n\r\n", "404 Not Found"),
        ("POST /metrics HTTP/1.1\r\nHost: box\r\nContent-Length: 0\r\n\r\n", "405 Method Not Allowed"),
        ("rubbish\r\n\r\n", "400 Bad Request"),
    ])
    func `what is no request for metrics is refused`(_ request: String, _ status: String) async throws {
        try await serving(Self.up) { address in
            let answer = try await ask(address, request)
            #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n"), "\(answer)")
            #expect(!answer.contains("up 1"))
        }
    }

    @Test func `those who ask at once are given one text`() async throws {
        let count = Count()
        let render: @Sendable () async -> ByteBuffer = {
            let number = await count.next()
            try? await Task.sleep(for: .milliseconds(50))
            return ByteBuffer(string: "renderings \(number)\n")
        }
        try await serving(render) { address in
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await ask(address, "GET /metrics HTTP/1.0\r\n\r\n") }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0.hasSuffix("renderings 1\n") }, "\(answers)")
        }
    }

    @Test func `who asks when the text is old is given another`() async throws {
        var limits = MetricsServer.Limits()
        limits.freshness = .milliseconds(50)
        let count = Count()
        let render: @Sendable () async -> ByteBuffer = { ByteBuffer(string: "renderings \(await count.next())\n") }
        try await serving(limits: limits, render) { address in
            let first = try await ask(address, "GET /metrics HTTP/1.0\r\n\r\n")
            try await Task.sleep(for: .milliseconds(500))
            let second = try await ask(address, "GET /metrics HTTP/1.0\r\n\r\n")
            #expect(first.hasSuffix("renderings 1\n") && second.hasSuffix("renderings 2\n"))
        }
    }

    @Test func `a client that says nothing makes room, and is closed`() async throws {
        var limits = MetricsServer.Limits()
        limits.connections = 1
        limits.requestTime = .milliseconds(300)
        try await serving(limits: limits, Self.up) { address in
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                group.addTask { try await ask(address, "") }
                try await Task.sleep(for: .milliseconds(100))
                group.addTask { try await ask(address, "GET /metrics HTTP/1.0\r\n\r\n") }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0.hasSuffix("up 1\n") } == 1 && answers.contains(""), "\(answers)")
            // Without another the silent one is closed when its time is over.
            #expect(try await ask(address, "") == "")
        }
    }

    @Test func `one that asks and does not read loses its place when its time is over`() async throws {
        var limits = MetricsServer.Limits()
        limits.connections = 1
        limits.connectionTime = .milliseconds(500)
        // More than the sockets hold between them.
        let render: @Sendable () async -> ByteBuffer = { ByteBuffer(repeating: 0x61, count: 32 << 20) }
        try await serving(limits: limits, render) { address in
            let slow = try await ClientBootstrap(group: eventLoop).channelOption(.autoRead, value: false)
                .connect(to: address).get()
            try await slow.writeAndFlush(ByteBuffer(string: "GET /metrics HTTP/1.0\r\n\r\n"))
            try await Task.sleep(for: .milliseconds(200))
            // It has asked, so its place is its own so long.
            #expect(try await ask(address, "HEAD /metrics HTTP/1.0\r\n\r\n") == "")
            try await Task.sleep(for: .milliseconds(600))
            #expect(try await ask(address, "HEAD /metrics HTTP/1.0\r\n\r\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
            try await slow.close()
        }
    }

    private actor Count {
        private var value = 0

        func next() -> Int {
            value += 1
            return value
        }
    }
}
