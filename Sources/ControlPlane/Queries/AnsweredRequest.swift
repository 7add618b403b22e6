import ControlProtocol
import Routing

/// A request that the control process answers. What a client sends is read, checked and compared beside the event loop, on
/// which sessions and packets wait; only the state of the box is asked for there.
package protocol AnsweredRequest: ControlRequest {
    func answer(by plane: ControlPlane) async throws(ControlError) -> Answer
}

/// One for which it matters who asks.
protocol AttributedRequest: AnsweredRequest {
    func answer(by plane: ControlPlane, to caller: ControlCaller) async throws(ControlError) -> Answer
}

extension AttributedRequest {
    package func answer(by plane: ControlPlane) async throws(ControlError) -> Answer {
        try await answer(by: plane, to: .itself)
    }
}

/// One whose answer is made in one turn of the event loop.
protocol PromptlyAnswered: AnsweredRequest {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> Answer
}

extension PromptlyAnswered {
    package func answer(by plane: ControlPlane) async throws(ControlError) -> Answer { try await answer(in: plane) }
}

extension ControlPlane {
    /// Answers a request of the control socket.
    public nonisolated func answer(
        _ request: any ControlRequest, from caller: ControlCaller = .itself
    ) async -> Result<any ControlResult, ControlError> {
        guard let request = request as? any AnsweredRequest else {
            return .failure(ControlError(.methodNotFound, "stiled has no answer to '\(type(of: request).method)'"))
        }
        if type(of: request).isChange {
            logger.info(
                "change asked for",
                metadata: ["method": "\(type(of: request).method)", "user": "\(caller.userName)"])
        }
        do throws(ControlError) {
            guard let attributed = request as? any AttributedRequest else {
                return .success(try await request.answer(by: self))
            }
            return .success(try await attributed.answer(by: self, to: caller))
        } catch {
            return .failure(error)
        }
    }
}

extension Timestamp {
    static var now: Timestamp { Timestamp(secondsSince1970: WallClock.secondsSince1970) }

    init(_ timestamp: Instant) {
        self.init(secondsSince1970: Int64(clamping: timestamp.millisecondsSince1970 / 1000))
    }
}
