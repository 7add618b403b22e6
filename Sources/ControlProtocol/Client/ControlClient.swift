import Foundation

/// A synchronous client of the control socket. Each request has a connection of its own.
public struct ControlClient: Sendable {
    /// The most octets that an answer may have.
    static let largestAnswerBytes = 256 << 20

    public let socketPath: String
    /// How long to wait for an answer.
    public let timeoutSeconds: Double
    private let isInterrupted: @Sendable () -> Bool

    /// - Parameter isInterrupted: asked at least four times a second while waiting; `true` ends the request with
    ///   ``ControlClientError/interrupted``.
    public init(
        socketPath: String, timeoutSeconds: Double = 30, isInterrupted: @escaping @Sendable () -> Bool = { false }
    ) {
        self.socketPath = socketPath
        self.timeoutSeconds = timeoutSeconds
        self.isInterrupted = isInterrupted
    }

    /// Sends a request and waits for its result.
    public func send<Request: ControlRequest>(_ request: Request) throws(ControlClientError) -> Request.Answer {
        let line: Data
        do {
            line = try RequestDocument(identifier: .number(1), request: request).line()
        } catch {
            throw .brokenAnswer("the request cannot be written as JSON")
        }
        guard line.count <= RequestDocument.largestBytes else {
            throw .refusal(
                ControlError(.refused, "the request is longer than \(RequestDocument.largestBytes) octets"))
        }
        var socket = try UnixStreamSocket(
            path: socketPath, timeoutSeconds: timeoutSeconds, isInterrupted: isInterrupted)
        try socket.send(line + [UInt8(ascii: "\n")])
        let answer = Data(try socket.receiveLine(largestBytes: Self.largestAnswerBytes))
        do {
            return try ResponseDocument<Request.Answer>(line: answer).outcome.get()
        } catch {
            throw .refusal(error)
        }
    }
}
