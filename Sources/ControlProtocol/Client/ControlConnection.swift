import Foundation
import Synchronization

/// A connection to the daemon that stays: what the daemon keeps for it is there as long as it is.
public final class ControlConnection: Sendable {
    private struct State: ~Copyable {
        var socket: UnixStreamSocket
        /// Of the last request.
        var number: Int64 = 0
    }

    private let state: Mutex<State>

    /// - Throws: `.noDaemon`, `.notPermitted`.
    init(
        path: String, timeoutSeconds: Double, isInterrupted: @escaping @Sendable () -> Bool
    ) throws(ControlClientError) {
        state = Mutex(
            State(
                socket: try UnixStreamSocket(
                    path: path, timeoutSeconds: timeoutSeconds, isInterrupted: isInterrupted)))
    }

    /// Sends a request and waits for its result.
    public func send<Request: ControlRequest>(_ request: Request) throws(ControlClientError) -> Request.Answer {
        try state.withLock { state throws(ControlClientError) in
            state.number += 1
            return try Self.exchange(
                Self.line(of: request, number: state.number), Request.self, number: state.number, &state.socket)
        }
    }

    /// Sends the first request, which is a line already.
    func send<Request: ControlRequest>(
        first line: Data, of type: Request.Type
    ) throws(ControlClientError) -> Request.Answer {
        try state.withLock { state throws(ControlClientError) in
            state.number = 1
            return try Self.exchange(line, type, number: 1, &state.socket)
        }
    }

    /// A request without its newline.
    static func line(of request: some ControlRequest, number: Int64) throws(ControlClientError) -> Data {
        let line: Data
        do {
            line = try RequestDocument(identifier: .number(number), request: request).line()
        } catch {
            throw .brokenAnswer("the request cannot be written as JSON")
        }
        guard line.count <= RequestDocument.largestBytes else {
            throw .refusal(
                ControlError(.refused, "the request is longer than \(RequestDocument.largestBytes) octets"))
        }
        return line
    }

    private static func exchange<Request: ControlRequest>(
        _ line: Data, _ type: Request.Type, number: Int64, _ socket: inout UnixStreamSocket
    ) throws(ControlClientError) -> Request.Answer {
        try socket.send(line + [UInt8(ascii: "\n")])
        while true {
            let answer = Data(try socket.receiveLine(largestBytes: ControlClient.largestAnswerBytes))
            // Nobody waited for the answer to an earlier request that was given up.
            if number > 1, case .number(let other) = ResponseDocument<Request.Answer>.identifier(of: answer),
                other < number
            {
                continue
            }
            do {
                return try ResponseDocument<Request.Answer>(line: answer).outcome.get()
            } catch {
                throw .refusal(error)
            }
        }
    }
}
