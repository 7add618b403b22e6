import ControlProtocol
import ControlProtocolSamples
import Foundation
import NIOPosix
import Synchronization
import Testing

@Suite("Control server")
struct ControlServerTests {
    private static let status = #"{"jsonrpc":"2.0","id":1,"method":"show.status"}"#

    @Test("every method is answered", arguments: Samples.exchanges)
    func methods(_ sample: SampleExchange) async throws {
        try await ServerFixture.withServer { fixture in
            func ask<Request: ControlRequest>(_ request: Request) throws {
                let answer = try ControlClient(socketPath: fixture.path).send(request)
                #expect(answer == sample.answer as? Request.Answer)
            }
            try ask(sample.request)
        }
    }

    @Test("only owner and group may use the socket, and it is removed at the end")
    func permissions() async throws {
        let path = try await ServerFixture.withServer { fixture in
            var status = stat()
            #expect(lstat(fixture.path, &status) == 0)
            #expect(status.st_mode & 0o7777 == 0o660)
            let files = try FileManager.default.contentsOfDirectory(atPath: fixture.folder)
            #expect(files == ["stile.sock"])
            return fixture.path
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("a socket that a dead process left is replaced; the old owner does not remove the new one")
    func staleSocket() async throws {
        let folder = try ServerFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/stile.sock"
        let group = MultiThreadedEventLoopGroup.singleton
        let first = try await ControlServer.start(socketPath: path, group: group) { _, _ in
            .failure(ControlError(.refused, "first"))
        }
        let second = try await ControlServer.start(socketPath: path, group: group) { _, _ in
            .failure(ControlError(.refused, "second"))
        }
        await first.close()
        let outcome = await ServerFixture.onThread { try ControlClient(socketPath: path).send(ShowPorts()) }
        #expect(throws: ControlClientError.refusal(ControlError(.refused, "second"))) { try outcome.get() }
        await second.close()
    }

    @Test("a file that is no socket is left alone")
    func occupiedPath() async throws {
        let folder = try ServerFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/stile.sock"
        try Data("mine".utf8).write(to: URL(filePath: path))
        await #expect(throws: ControlServerError.self) {
            try await ControlServer.start(socketPath: path, group: MultiThreadedEventLoopGroup.singleton) { _, _ in
                .failure(ControlError(.refused, ""))
            }
        }
        #expect(try Data(contentsOf: URL(filePath: path)) == Data("mine".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["stile.sock"])
    }

    @Test("requests that come together are answered in order, malformed ones too")
    func pipelining() async throws {
        try await ServerFixture.withServer { fixture in
            let connection = try RawConnection(fixture.path)
            connection.send(
                line: #"{"jsonrpc":"2.0","id":"a","method":"show.ports"}"# + "\nnonsense\n"
                    + #"{"jsonrpc":"2.0","method":"show.ports"}"# + "\n" + Self.status)
            #expect(connection.receiveLine()?.contains(#""id":"a""#) == true)
            let error = connection.receiveLine()
            #expect(error?.contains(#""code":-32700"#) == true && error?.contains(#""id":null"#) == true)
            // The notification in between has no answer.
            #expect(connection.receiveLine()?.contains("stile.show.status/1") == true)
        }
    }

    @Test("a request that is too long costs its client that request only")
    func tooLong() async throws {
        var limits = ControlServer.Limits()
        limits.requestBytes = 1000
        try await ServerFixture.withServer(limits: limits) { fixture in
            let connection = try RawConnection(fixture.path)
            connection.send(line: String(repeating: "x", count: 100_000))
            #expect(connection.receiveLine()?.contains(#""code":-32600"#) == true)
            connection.send(line: Self.status)
            #expect(connection.receiveLine()?.contains("stile.show.status/1") == true)
        }
    }

    @Test("a client may close its sending side and still gets its answer")
    func halfClose() async throws {
        try await ServerFixture.withServer { fixture in
            let connection = try RawConnection(fixture.path)
            connection.send(line: Self.status)
            connection.finishSending()
            #expect(connection.receiveLine()?.contains("stile.show.status/1") == true)
            #expect(connection.receiveLine() == nil)
        }
    }

    @Test("an answer of many megabytes arrives whole")
    func bigAnswer() async throws {
        let rows = Self.manyRoutes(20_000)
        let handler: ControlServer.Handler = { _, _ in .success(rows) }
        try await ServerFixture.withServer(handler: handler) { fixture in
            let request = ShowBGPRoutes(family: .vpnv4, view: .imported)
            let answer = try ControlClient(socketPath: fixture.path).send(request)
            #expect(answer == rows)
        }
    }

    @Test("clients that leave in the middle of an answer, or never read it, hinder nobody")
    func rudeClients() async throws {
        let rows = Self.manyRoutes(5_000)
        let handler: ControlServer.Handler = { request, _ in
            request is ShowStatus ? .success(Samples.status) : .success(rows)
        }
        try await ServerFixture.withServer(handler: handler) { fixture in
            let routes =
                #"{"jsonrpc":"2.0","id":1,"method":"show.bgp.routes","params":{"family":"vpnv4","view":"received"}}"#
            var silent: [RawConnection] = []
            for index in 0..<20 {
                let connection = try RawConnection(fixture.path)
                for _ in 0..<3 { connection.send(line: routes) }
                if index % 2 == 0 {
                    #expect(connection.receiveSome() > 0)  // and gone
                } else {
                    silent.append(connection)
                }
            }
            let answer = try ControlClient(socketPath: fixture.path).send(ShowStatus())
            #expect(answer == Samples.status)
            #expect(silent.count == 10)
        }
    }

    @Test("one client too many is told so while the others wait for answers")
    func tooManyClients() async throws {
        var limits = ControlServer.Limits()
        limits.connections = 2
        let begun = DispatchSemaphore(value: 0)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let gate = Gate(released)
        let handler: ControlServer.Handler = { _, _ in
            begun.signal()
            await gate.wait()
            return .success(Samples.status)
        }
        try await ServerFixture.withServer(limits: limits, handler: handler) { fixture in
            let busy = [try RawConnection(fixture.path), try RawConnection(fixture.path)]
            for connection in busy { connection.send(line: Self.status) }
            for _ in busy { begun.wait() }
            let third = try RawConnection(fixture.path)
            #expect(third.receiveLine()?.contains("too many clients") == true)
            #expect(third.receiveLine() == nil)
            release.finish()
            for connection in busy { #expect(connection.receiveLine() != nil) }
        }
    }

    @Test("clients that only hold their connections shut nobody out")
    func idleClientsMakeRoom() async throws {
        var limits = ControlServer.Limits()
        limits.connections = 3
        try await ServerFixture.withServer(limits: limits) { fixture in
            let idle = try (0..<3).map { _ in
                let connection = try RawConnection(fixture.path)
                connection.send(line: Self.status)
                #expect(connection.receiveLine() != nil)
                return connection
            }
            // The first has been idle for the longest, until it asks again.
            idle[0].send(line: Self.status)
            #expect(idle[0].receiveLine() != nil)
            let operators = try RawConnection(fixture.path)
            operators.send(line: Self.status)
            #expect(operators.receiveLine()?.contains("\"result\"") == true)
            #expect(idle[1].receiveLine() == nil)
            for connection in [idle[0], idle[2]] {
                connection.send(line: Self.status)
                #expect(connection.receiveLine() != nil)
            }
        }
    }

    @Test("a connection on which nothing moves is closed")
    func idle() async throws {
        var limits = ControlServer.Limits()
        limits.idleSeconds = 1
        try await ServerFixture.withServer(limits: limits) { fixture in
            let line = try RawConnection(fixture.path).receiveLine()
            #expect(line == nil)
        }
    }

    @Test("a client for which something is kept may think, and what is kept goes with it")
    func kept() async throws {
        var limits = ControlServer.Limits()
        limits.idleSeconds = 1
        limits.connections = 1
        let hasEnded = Atomic<Bool>(false)
        let handler: ControlServer.Handler = { request, caller in
            caller.session?.keep { hasEnded.store(true, ordering: .relaxed) }
            return Samples.answer(to: request)
        }
        try await ServerFixture.withServer(limits: limits, handler: handler) { fixture in
            do {
                let connection = try ControlClient(socketPath: fixture.path).connect()
                _ = try connection.send(ShowStatus())
                // Nobody takes its place, though it has been idle for longer than others may be.
                usleep(2_500_000)
                #expect(throws: ControlClientError.self) {
                    try ControlClient(socketPath: fixture.path).send(ShowStatus())
                }
                #expect(try connection.send(ShowStatus()) == Samples.status)
                let isEarly = hasEnded.load(ordering: .relaxed)
                #expect(!isEarly)
            }
            for _ in 0..<100 where !hasEnded.load(ordering: .relaxed) { usleep(50_000) }
            let isGone = hasEnded.load(ordering: .relaxed)
            #expect(isGone)
        }
    }

    @Test("many clients at once")
    func manyClients() async throws {
        try await ServerFixture.withServer { fixture in
            DispatchQueue.concurrentPerform(iterations: 40) { _ in
                let answer = try? ControlClient(socketPath: fixture.path).send(ShowLabels())
                #expect(answer == Samples.labels)
            }
        }
    }

    private static func manyRoutes(_ count: Int) -> BGPRoutesResult {
        let route = Samples.bgpRoutes.routes
        return BGPRoutesResult(family: .vpnv4, view: .imported, routes: (0..<count).flatMap { _ in route })
    }
}

/// Lets everybody through once its stream has ended.
private actor Gate {
    private let opening: Task<Void, Never>

    init(_ stream: AsyncStream<Void>) { opening = Task { for await _ in stream {} } }

    func wait() async { await opening.value }
}
