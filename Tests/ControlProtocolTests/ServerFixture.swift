import ControlProtocol
import ControlProtocolSamples
import Foundation
import NIOPosix

/// A server with canned answers in a folder of its own, for the time of one test.
struct ServerFixture: Sendable {
    let folder: String
    let server: ControlServer

    var path: String { server.socketPath }

    /// Runs `body`, which may block, on a thread of its own: the server's tasks need the few threads of Swift's pool.
    static func withServer<Outcome: Sendable>(
        limits: ControlServer.Limits = ControlServer.Limits(),
        handler: @escaping ControlServer.Handler = { request, _ in Samples.answer(to: request) },
        _ body: @escaping @Sendable (ServerFixture) throws -> Outcome
    ) async throws -> Outcome {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try await ControlServer.start(
            socketPath: folder + "/stile.sock", group: MultiThreadedEventLoopGroup.singleton, limits: limits,
            handler: handler)
        let outcome = await onThread { try body(ServerFixture(folder: folder, server: server)) }
        await server.close()
        return try outcome.get()
    }

    /// Runs something that blocks on a thread of its own.
    static func onThread<Outcome: Sendable>(
        _ body: @escaping @Sendable () throws -> Outcome
    ) async -> Result<Outcome, any Error> {
        await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: Result { try body() }) }.start()
        }
    }

    static func temporaryFolder() throws -> String {
        var template = Array("/tmp/stile-test.XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw CocoaError(.fileWriteUnknown) }
        return String(cString: made)
    }
}
