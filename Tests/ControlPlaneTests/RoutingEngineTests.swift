import Addressing
import Configuration
import ControlPlane
import ForwardingPlaneManager
import Logging
import NIOPosix
import Testing

/// What FRR beside the box says becomes transports, and what becomes of them when it is gone.
@Suite struct RoutingEngineTests {
    private static let interface: InterfaceNumber = 3
    private static let device: UInt32 = 9

    private static func prefix(_ text: String) throws -> IPPrefix { try #require(IPPrefix(text)) }
    private static func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    private static func labels(_ values: UInt32...) -> [MPLSLabel] { values.compactMap { MPLSLabel(rawValue: $0) } }

    private static func leg(_ gateway: String, _ labels: UInt32...) throws -> EngineLeg {
        EngineLeg(
            gateway: try address(gateway), interfaceIndex: device, labels: labels.compactMap(MPLSLabel.init(rawValue:)))
    }

    private static func route(_ prefix: String, _ legs: EngineLeg...) throws -> EngineMessage {
        .route(try self.prefix(prefix), EngineRoute(target: .legs(legs), protocolNumber: 187))
    }

    /// Runs `body` on an event loop with an engine that is listened to by no one, and the ways that it gives.
    private func withEngine(
        holdTime: UInt32 = 180, refreshTime: UInt32 = 120, implicitNull: [IPPrefix] = [],
        _ body: @escaping @Sendable (RoutingEngine, CoreTransports, RoutingEngineSettings) throws -> Void
    ) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        try await loop.submit {
            let transports = CoreTransports()
            let own = try #require(InterfaceAddress("10.98.0.2/24"))
            transports.adopt(CorePlan(links: [CorePlan.Link(interface: Self.interface, address: own)]))
            let engine = RoutingEngine(
                transports: transports, eventLoop: loop, path: "/nonexistent/fpm-routes", logger: Logger(label: "test"))
            var settings = RoutingEngineSettings(port: 0)
            settings.holdTimeSeconds = holdTime
            settings.refreshTimeSeconds = refreshTime
            settings.implicitNull = implicitNull
            engine.follow(settings, [Self.device: Self.interface])
            try body(engine, transports, settings)
            engine.stop()
        }.get()
    }

    @Test func `a route with a label is a transport, one without is a way of the box's own packets`() async throws {
        try await withEngine { engine, transports, _ in
            let (far, near) = (try Self.address("10.0.0.7"), try Self.address("10.0.0.3"))
            engine.receive(.connected)
            engine.receive(
                .said([
                    try Self.route("10.0.0.7/32", Self.leg("10.98.0.1", 16007)),
                    try Self.route("10.0.0.3/32", Self.leg("10.98.0.1")),
                ]))
            let router = NeighborKey(interface: Self.interface, address: try Self.address("10.98.0.1"))
            let transport = transports.transport(to: far)
            #expect(transport?.router == router && transport?.labels == Self.labels(16007))
            #expect(transport?.source == .frr)
            #expect(transports.transport(to: near) == nil)
            #expect(engine.router(towards: near) == router && engine.router(towards: far) == router)
            let unknown = try Self.address("10.0.0.4")
            #expect(engine.router(towards: unknown) == nil)
            engine.receive(.said([.route(try Self.prefix("10.0.0.7/32"), nil)]))
            #expect(transports.transport(to: far) == nil && engine.router(towards: far) == nil)
        }
    }

    @Test func `implicit null is taken where the configuration says so`() async throws {
        let near = try Self.prefix("10.0.0.3/32")
        try await withEngine(implicitNull: [near]) { engine, transports, settings in
            engine.receive(.connected)
            engine.receive(.said([try Self.route("10.0.0.3/32", Self.leg("10.98.0.1"))]))
            #expect(transports.transport(to: near.address)?.labels == [])
            var without = settings
            without.implicitNull = []
            engine.follow(without, [Self.device: Self.interface])
            #expect(transports.transport(to: near.address) == nil)
            engine.follow(settings, [Self.device: Self.interface])
            #expect(transports.transport(to: near.address) != nil)
        }
    }

    @Test func `a way that is in use stays among equals, and other interfaces and labels lead nowhere`() async throws {
        try await withEngine { engine, transports, _ in
            let far = try Self.address("10.0.0.7")
            engine.receive(.connected)
            engine.receive(.said([try Self.route("10.0.0.7/32", Self.leg("10.98.0.5", 20))]))
            engine.receive(
                .said([try Self.route("10.0.0.7/32", Self.leg("10.98.0.1", 30), Self.leg("10.98.0.5", 20))]))
            #expect(transports.transport(to: far)?.labels == Self.labels(20))
            engine.receive(
                .said([try Self.route("10.0.0.7/32", Self.leg("10.98.0.9", 40), Self.leg("10.98.0.1", 30))]))
            #expect(transports.transport(to: far)?.labels == Self.labels(30))
            let elsewhere = EngineLeg(
                gateway: try Self.address("192.168.0.1"), interfaceIndex: 77, labels: try Self.leg("1.1.1.1", 50).labels
            )
            engine.receive(.said([try Self.route("10.0.0.7/32", elsewhere, Self.leg("10.98.0.1", 7))]))
            #expect(transports.transport(to: far) == nil)
        }
    }

    @Test func `routes are kept without a connection and taken over when they are said again`() async throws {
        try await withEngine(holdTime: 3600) { engine, transports, _ in
            let far = try Self.address("10.0.0.7")
            engine.receive(.connected)
            engine.receive(
                .said([
                    try Self.route("10.0.0.7/32", Self.leg("10.98.0.1", 16007)),
                    try Self.route("10.0.0.8/32", Self.leg("10.98.0.1", 16008)),
                ]))
            engine.receive(.closed(.version(9)))
            engine.advance()
            #expect(transports.transport(to: far) != nil && engine.unrepeated.count == 2)
            #expect(engine.counters.malformed == 1)
            engine.receive(.connected)
            #expect(transports.transport(to: far) != nil)
            engine.receive(.said([try Self.route("10.0.0.7/32", Self.leg("10.98.0.1", 17007))]))
            #expect(transports.transport(to: far)?.labels == Self.labels(17007))
            let missing = try Self.prefix("10.0.0.8/32")
            #expect(engine.unrepeated == [missing])
        }
    }

    @Test func `a route that comes before its label waits for it as long as the refresh time`() async throws {
        for seconds in [3600, 0] as [UInt32] {
            try await withEngine(refreshTime: seconds) { engine, transports, _ in
                let far = try Self.address("10.0.0.7")
                engine.receive(.connected)
                engine.receive(.said([try Self.route("10.0.0.7/32", Self.leg("10.98.0.1", 17))]))
                engine.receive(.closed(nil))
                engine.receive(.connected)
                engine.receive(.said([try Self.route("10.0.0.7/32", Self.leg("10.98.0.1"))]))
                #expect(transports.transport(to: far)?.labels == Self.labels(17))
                engine.advance()
                #expect(transports.transport(to: far)?.labels == (seconds > 0 ? Self.labels(17) : nil))
                #expect(engine.router(towards: far) != nil)
                engine.receive(.said([try Self.route("10.0.0.7/32", Self.leg("10.98.0.1", 18))]))
                #expect(transports.transport(to: far)?.labels == Self.labels(18))
                engine.receive(.said([try Self.route("10.0.0.7/32", Self.leg("10.98.0.1"))]))
                #expect(transports.transport(to: far) == nil, "it is said to have lost its label")
            }
        }
    }

    @Test func `what is not said again, and everything of an engine that does not come back, goes in the end`()
        async throws
    {
        try await withEngine(holdTime: 0, refreshTime: 0) { engine, transports, _ in
            let (far, other) = (try Self.address("10.0.0.7"), try Self.address("10.0.0.8"))
            engine.receive(.connected)
            engine.receive(
                .said([
                    try Self.route("10.0.0.7/32", Self.leg("10.98.0.1", 16007)),
                    try Self.route("10.0.0.8/32", Self.leg("10.98.0.1", 16008)),
                ]))
            engine.receive(.closed(nil))
            engine.receive(.connected)
            engine.receive(.said([try Self.route("10.0.0.7/32", Self.leg("10.98.0.1", 16007))]))
            engine.advance()
            #expect(transports.transport(to: far) != nil && transports.transport(to: other) == nil)
            engine.receive(.closed(nil))
            engine.advance()
            #expect(engine.ways.isEmpty && transports.transport(to: far) == nil)
        }
    }

    @Test func `what was saved leads on after a restart, and nothing does once FRR is not listened to`() async throws {
        let text = "10.0.0.3/32 10.98.0.1 3\n10.0.0.7/32 10.98.0.1 3 16007\n2001:db8::7/128 fe80::1 3 16107 0\n"
        let saved = try EngineWays(fileText: text)
        #expect(saved.fileText == text)
        #expect(throws: EngineWays.InvalidLine.self) { try EngineWays(fileText: "10.0.0.7/32 10.98.0.1 3 1048576\n") }
        #expect(throws: EngineWays.InvalidLine.self) { try EngineWays(fileText: "10.0.0.7/32 nowhere 3\n") }
        try await withEngine { engine, transports, settings in
            engine.restore(saved, settings)
            let far = try Self.address("10.0.0.7")
            #expect(transports.transport(to: far)?.labels == Self.labels(16007))
            #expect(engine.unrepeated.count == 3)
            engine.follow(nil, [:])
            #expect(engine.ways.isEmpty && transports.transport(to: far) == nil)
        }
    }
}
