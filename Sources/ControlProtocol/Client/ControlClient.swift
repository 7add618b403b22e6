/// A synchronous client of the control socket. Each request has a connection of its own, but for those on one that stays.
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

    /// A connection that stays.
    public func connect() throws(ControlClientError) -> ControlConnection {
        try ControlConnection(path: socketPath, timeoutSeconds: timeoutSeconds, isInterrupted: isInterrupted)
    }

    /// Sends a request and waits for its result.
    public func send<Request: ControlRequest>(_ request: Request) throws(ControlClientError) -> Request.Answer {
        let line = try ControlConnection.line(of: request, number: 1)
        return try connect().send(first: line, of: Request.self)
    }
}
