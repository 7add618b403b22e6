import Foundation
import NIOCore
import NIOPosix

/// The daemon's end of the control socket: JSON-RPC 2.0, one document per line, many clients at once.
///
/// The requests of one connection are answered one after the other and in order. A client that does not read its
/// answers is not read from either, so that no client can make the daemon hold more than one answer for it.
public final class ControlServer: Sendable {
    /// Carries out one request of somebody. Called for several connections at once.
    public typealias Handler =
        @Sendable (any ControlRequest, ControlCaller) async -> Result<any ControlResult, ControlError>

    /// Limits on what clients may take of the daemon.
    public struct Limits: Hashable, Sendable {
        /// The longest request, its newline not counted.
        public var requestBytes = RequestDocument.largestBytes
        /// One more takes the place of the one that has been idle for the longest.
        public var connections = 64
        /// A connection on which nothing was read or written for so long is closed.
        public var idleSeconds: Int64 = 600

        public init() {}
    }

    private typealias Answer = ResponseDocument<any ControlResult>
    private typealias Connection = NIOAsyncChannel<ReceivedLine, ByteBuffer>

    public let socketPath: String
    private let file: SocketFile
    private let identity: SocketFile.Identity?
    private let channel: any Channel
    private let connections: ServedConnections

    private init(file: SocketFile, channel: any Channel, connections: ServedConnections) {
        self.file = file
        self.channel = channel
        self.connections = connections
        socketPath = file.path
        identity = file.identity()
    }

    /// Opens the socket with the mode of ``ControlAccess`` and serves it until ``close()``. A socket that is there already is replaced:
    /// that no other daemon serves it is for the caller to make sure.
    /// - Throws: ``ControlServerError`` when the path is taken by another kind of file or cannot be written to, or the
    ///   bind's `IOError`.
    public static func start(
        socketPath: String, group: any EventLoopGroup, limits: Limits = Limits(),
        access: ControlAccess = .bySocketPermissions, handler: @escaping Handler
    ) async throws -> ControlServer {
        let handler: Handler = { request, caller in
            if let refusal = access.refusal(of: request, by: caller) { return .failure(refusal) }
            return await handler(request, caller)
        }
        let file = try SocketFile(path: socketPath)
        let connections = ServedConnections(limit: limits.connections)
        do {
            let channel = try await bind(file.temporaryPath, group, limits, connections, handler)
            try file.publish(mode: access.mode)
            return ControlServer(file: file, channel: channel, connections: connections)
        } catch {
            file.abandon()
            throw error
        }
    }

    /// Ends all connections and removes the socket, unless another process has put its own in its place.
    public func close() async {
        try? await channel.close()
        await connections.close()
        if let identity, file.identity() == identity { unlink(socketPath) }
    }

    /// Each connection gets its task when it becomes active: an asynchronous channel that nobody serves must not be
    /// dropped.
    private static func bind(
        _ path: String, _ group: any EventLoopGroup, _ limits: Limits, _ connections: ServedConnections,
        _ handler: @escaping Handler
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptErrorAbsorber())
                }
            }
            // A client may close its sending side and still wait for the answer.
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    let session = ControlSession()
                    try pipeline.addHandler(IdleStateHandler(allTimeout: .seconds(limits.idleSeconds)))
                    try pipeline.addHandler(IdleConnectionCloser(session))
                    try pipeline.addHandler(
                        ByteToMessageHandler(LineDecoder(largestBytes: limits.requestBytes)))
                    try pipeline.addHandler(
                        ConnectionStarter { channel in
                            let connection = try Connection(
                                wrappingChannelSynchronously: channel,
                                configuration: .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: 1)))
                            connections.start(session) { number in
                                await serve(connection, number: number, of: connections, session, handler)
                                session.end()
                            }
                        })
                }
            }
            .bind(unixDomainSocketPath: path).get()
    }

    /// Serves one connection to its end. Whatever goes wrong with it concerns its client alone.
    private static func serve(
        _ connection: Connection, number: Int?, of connections: ServedConnections, _ session: ControlSession,
        _ handler: Handler
    ) async {
        try? await connection.executeThenClose { inbound, outbound in
            guard let number else {
                let error = ControlError(.refused, "too many clients are connected")
                try await outbound.write(line(.init(identifier: .null, outcome: .failure(error))))
                return
            }
            guard let caller = await ControlCaller.atFarEnd(of: connection.channel, session) else { return }
            for try await received in inbound {
                connections.note(number, isBusy: true)
                let answer = await answer(to: received, from: caller, handler)
                // A client that does not read its answer is idle as well.
                connections.note(number, isBusy: false)
                if let answer { try await outbound.write(line(answer)) }
            }
        }
    }

    private static func answer(
        to received: ReceivedLine, from caller: ControlCaller, _ handler: Handler
    ) async -> Answer? {
        guard case .line(let buffer) = received else {
            let error = ControlError(.invalidRequest, "the request is too long")
            return Answer(identifier: .null, outcome: .failure(error))
        }
        do {
            let document = try RequestDocument(line: Data(buffer.readableBytesView))
            let outcome = await handler(document.request, caller)
            return document.identifier.map { Answer(identifier: $0, outcome: outcome) }
        } catch {
            return error.identifier.map { Answer(identifier: $0, outcome: .failure(error.error)) }
        }
    }

    private static func line(_ document: Answer) throws -> ByteBuffer {
        do {
            return ByteBuffer(bytes: try document.line() + [UInt8(ascii: "\n")])
        } catch {
            // A number without a JSON form in the result; the client is still owed an answer.
            let failure = ControlError(.internalError, "the result cannot be written as JSON")
            let document = Answer(identifier: document.identifier, outcome: .failure(failure))
            return ByteBuffer(bytes: try document.line() + [UInt8(ascii: "\n")])
        }
    }
}
